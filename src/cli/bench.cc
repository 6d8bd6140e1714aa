// tulle bench: how long a model takes to load, to prepare, to answer first and to answer again.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include "cli/arrays.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "formats/tflite.h"

namespace tulle::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct Options : RunOptions {
  int runs = 0;
  bool json = false, profile = false;
};

double milliseconds(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

/// Runs until `runs` are done or, where that is 0, for at least 10 runs and one second.
bool enough(const std::vector<double>& times, int runs, Clock::time_point start) {
  if (runs > 0) return static_cast<int>(times.size()) >= runs;
  return times.size() >= 10 && Clock::now() - start > std::chrono::seconds(1);
}

Json profile(const Session& session, const std::vector<std::chrono::nanoseconds>& sums, size_t runs) {
  Json nodes = Json::array();
  const auto timings = session.timings();
  for (size_t i = 0; i < timings.size(); ++i) {
    const Node& node = session.model().graphs[timings[i].graph].nodes[timings[i].node];
    nodes.push_back({{"graph", timings[i].graph},
                     {"node", timings[i].node},
                     {"op", std::string(op_name(node))},
                     {"ms", milliseconds(sums[i]) / static_cast<double>(runs)}});
  }
  return nodes;
}

Result<void> bench(const Options& options) {
  Progress progress("bench", static_cast<size_t>(options.runs));
  const auto start = Clock::now();
  TULLE_TRY(const auto model, in_file(options.model, tflite::load(options.model)));
  const auto loaded = Clock::now();
  SessionOptions session_options;
  session_options.signature = options.signature;
  session_options.threads = options.threads;
  session_options.time_nodes = options.profile;
  TULLE_TRY(const auto owner, in_file(options.model, Session::create(model, session_options)));
  Session& session = *owner;
  const auto prepared = Clock::now();
  TULLE_CHECK(in_file(options.model, randomise_inputs(session, 1)));

  const auto run = [&]() -> Result<double> {
    const auto begin = Clock::now();
    TULLE_CHECK(in_file(options.model, session.run()));
    return milliseconds(Clock::now() - begin);
  };
  TULLE_TRY(const double first, run());
  std::vector<double> times;
  std::vector<std::chrono::nanoseconds> sums(session.timings().size());
  for (const auto begin = Clock::now(); !enough(times, options.runs, begin);) {
    TULLE_TRY(const double time, run());
    times.push_back(time);
    progress.step();
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += session.timings()[i].time;
  }
  const size_t runs = times.size();
  std::sort(times.begin(), times.end());
  const auto percentile = [&](size_t p) { return times[std::min(runs - 1, (runs * p + 99) / 100 - (p > 0))]; };
  rusage usage;
  ::getrusage(RUSAGE_SELF, &usage);

  Json result{{"load_ms", milliseconds(loaded - start)},
              {"prepare_ms", milliseconds(prepared - loaded)},
              {"first_ms", first},
              {"p50_ms", percentile(50)},
              {"p90_ms", percentile(90)},
              {"p99_ms", percentile(99)},
              {"min_ms", times.front()},
              {"runs", runs},
              {"threads", options.threads},
              {"isa", "reference"},
              {"peak_rss_bytes", static_cast<int64_t>(usage.ru_maxrss) * 1024}};
  if (options.profile) result["nodes"] = profile(session, sums, runs);
  if (options.json) return progress.print(to_text(result)), Result<void>{};
  std::string text = fmt::format("load {:.3f} ms, prepare {:.3f} ms, first {:.3f} ms\n", milliseconds(loaded - start),
                                 milliseconds(prepared - loaded), first);
  text += fmt::format("p50 {:.3f} ms, p90 {:.3f} ms, p99 {:.3f} ms, min {:.3f} ms over {} runs\n", percentile(50),
                      percentile(90), percentile(99), times.front(), runs);
  text += fmt::format("{} thread{}, reference kernels, peak memory {:.1f} MB\n", options.threads,
                      options.threads > 1 ? "s" : "", static_cast<double>(usage.ru_maxrss) / 1000);
  if (options.profile)
    for (const Json& node : result["nodes"])
      text += fmt::format("{:>5} {:<32} {:9.4f} ms\n", node["node"].get<int>(), node["op"].get<std::string>(),
                          node["ms"].get<double>());
  progress.print(text);
  return {};
}

}  // namespace

Verb bench_verb() {
  auto options = std::make_shared<Options>();
  return {"bench", "Measure load, preparation and inference time on random inputs",
          join({{required({"MODEL", &options->model, "A .tflite file"}),
                 {"--runs", &options->runs,
                  "Runs after the first, at most a million (default: a second's worth, at least 10)", "N",
                  between(1, 1'000'000)},
                 {"--signature", &options->signature, "Run this signature of the model", "KEY"},
                 {"--profile", &options->profile, "Time every node, too"}},
                {threads_option(*options), json_option(options->json)}}),
          "Examples:\n"
          "  tulle bench model.tflite\n"
          "  tulle bench model.tflite --runs 100 --profile --json",
          [options] { return bench(*options); }};
}

}  // namespace tulle::cli
