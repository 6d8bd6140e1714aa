// tulle bench: how long a model takes to load, to prepare, to answer first and to answer again, and where that goes.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include "base/crew.h"
#include "cli/arrays.h"
#include "cli/bench_write.h"
#include "cli/profile.h"
#include "cli/profile_html.h"
#include "cli/progress.h"
#include "cli/trace.h"
#include "cli/verb.h"
#include "formats/tflite.h"
#include "kernels/isa.h"

namespace tulle::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct Options : RunOptions {
  int runs = 0;
  bool json = false, profile = false;
  std::string trace, html;

  bool time_nodes() const { return profile || !trace.empty() || !html.empty(); }
};

double milliseconds(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

/// Runs until `runs` are done or, where that is 0, for at least 10 runs and one second.
bool enough(const std::vector<double>& times, int runs, Clock::time_point start) {
  if (runs > 0) return static_cast<int>(times.size()) >= runs;
  return times.size() >= 10 && Clock::now() - start > std::chrono::seconds(1);
}

/// All that was timed.
struct Measured {
  std::unique_ptr<Session> session;
  Packs packs;
  const kernels::Kernels* kernels = nullptr;  ///< null: the reference loops
  int threads = 1;                            ///< that worked
  Timeline line;
  std::vector<double> times;  ///< of the runs after the first, sorted
  Samples samples;            ///< with Options::time_nodes
  int64_t rss_bytes = 0;

  double percentile(size_t p) const {
    return times[std::min(times.size() - 1, (times.size() * p + 99) / 100 - (p > 0))];
  }
};

Result<Measured> prepare(const Options& options) {
  Measured measured;
  const auto start = Clock::now();
  TULLE_TRY(const auto model, in_file(options.model, tflite::load(options.model)));
  measured.packs = Packs(options.packs, *model);
  const auto loaded = Clock::now();
  SessionOptions session;
  session.constants = measured.packs.constants();
  session.signature = options.signature;
  session.threads = options.threads;
  session.time_nodes = options.time_nodes();
  TULLE_TRY(measured.session, in_file(options.model, Session::create(model, session)));
  measured.line.load_ms = milliseconds(loaded - start);
  measured.line.prepare_ms = milliseconds(Clock::now() - loaded);
  TULLE_TRY(measured.kernels, kernels::choose());
  measured.threads = std::min(options.threads, usable_cpus());
  return measured;
}

Result<Measured> measure(const Options& options, Progress& progress) {
  TULLE_TRY(Measured measured, prepare(options));
  Session& session = *measured.session;
  TULLE_CHECK(in_file(options.model, randomise_inputs(session, 1)));
  const auto run = [&]() -> Result<double> {
    const auto begin = Clock::now();
    TULLE_CHECK(in_file(options.model, session.run()));
    return milliseconds(Clock::now() - begin);
  };
  TULLE_TRY(const double first, run());
  measured.line.first = make_sample(session, 0, first);
  for (const auto begin = Clock::now(); !enough(measured.times, options.runs, begin);) {
    TULLE_TRY(const double time, run());
    measured.times.push_back(time);
    progress.step();
    if (options.time_nodes()) measured.samples.add(make_sample(session, measured.times.size(), time));
  }
  std::sort(measured.times.begin(), measured.times.end());
  if (options.time_nodes()) measured.line.usual = measured.samples.nearest(measured.percentile(50));
  rusage usage;
  ::getrusage(RUSAGE_SELF, &usage);
  measured.rss_bytes = static_cast<int64_t>(usage.ru_maxrss) * 1024;
  return measured;
}

Json memory(const Measured& measured) {
  const MemoryReport memory = measured.session->memory();
  return {{"arena_bytes", memory.arena_bytes},
          {"arena_lower_bound_bytes", memory.lower_bound_bytes},
          {"folded_bytes", memory.folded_bytes},
          {"variable_bytes", memory.variable_bytes},
          {"peak_rss_bytes", measured.rss_bytes}};
}

Json summary(const Measured& measured) {
  return {{"load_ms", measured.line.load_ms},
          {"prepare_ms", measured.line.prepare_ms},
          {"first_ms", measured.line.first.ms},
          {"p50_ms", measured.percentile(50)},
          {"p90_ms", measured.percentile(90)},
          {"p99_ms", measured.percentile(99)},
          {"min_ms", measured.times.front()},
          {"runs", measured.times.size()},
          {"threads", measured.threads},
          {"isa", measured.kernels == nullptr ? "reference" : measured.kernels->name},
          {"packed", measured.session->memory().from_pack()},
          {"peak_rss_bytes", measured.rss_bytes},
          {"memory", memory(measured)}};
}

std::string headline(const Measured& measured) {
  std::string text = fmt::format("load {:.3f} ms, prepare {:.3f} ms, first {:.3f} ms\n", measured.line.load_ms,
                                 measured.line.prepare_ms, measured.line.first.ms);
  text +=
      fmt::format("p50 {:.3f} ms, p90 {:.3f} ms, p99 {:.3f} ms, min {:.3f} ms over {} runs\n", measured.percentile(50),
                  measured.percentile(90), measured.percentile(99), measured.times.front(), measured.times.size());
  return text + fmt::format("{} thread{}, {} kernels{}, peak memory {:.1f} MB\n", measured.threads,
                            measured.threads > 1 ? "s" : "",
                            measured.kernels == nullptr ? "reference" : measured.kernels->name,
                            measured.session->memory().from_pack() ? ", weights out of a pack" : "",
                            static_cast<double>(measured.rss_bytes) / 1e6);
}

std::string memory_text(const Json& memory) {
  const auto size = [&](const char* key) { return amount(memory[key].get<int64_t>(), "B"); };
  return fmt::format(
      "memory: arena {} (no plan needs less than {}), variables {},\n"
      "        folded and packed constants {}, peak resident {}\n",
      size("arena_bytes"), size("arena_lower_bound_bytes"), size("variable_bytes"), size("folded_bytes"),
      size("peak_rss_bytes"));
}

Result<void> write_charts(const Options& options, const Measured& measured, const Profile& profile,
                          const Json& summary) {
  if (!options.trace.empty())
    TULLE_CHECK(write_whole(options.trace, trace_json(*measured.session, profile, measured.line, options.model)));
  if (!options.html.empty())
    TULLE_CHECK(write_whole(options.html, profile_page(profile, summary, options.model, measured.session->graph())));
  return {};
}

Result<void> bench(const Options& options) {
  Progress progress("bench", static_cast<size_t>(options.runs));
  TULLE_TRY(const Measured measured, measure(options, progress));
  Json result = summary(measured);
  std::string text = headline(measured);
  if (options.time_nodes()) {
    const Peak peak = measure_peak(measured.kernels, measured.threads);
    const Profile profile = make_profile(*measured.session, measured.samples, peak);
    TULLE_CHECK(write_charts(options, measured, profile, result));
    if (options.profile) {
      result.update(to_json(profile));
      text += to_text(profile, measured.session->graph()) + memory_text(result["memory"]);
    }
    for (const std::string& file : {options.trace, options.html})
      if (!file.empty()) text += "wrote " + file + "\n";
  }
  progress.print(options.json ? to_text(result) : text);
  measured.packs.keep(*measured.session);
  return {};
}

}  // namespace

Verb bench_verb() {
  auto options = std::make_shared<Options>();
  return {
      "bench", "Measure load, preparation and inference time on random inputs",
      join({{required({"MODEL", &options->model, "A .tflite file"}),
             {"--runs", &options->runs,
              "Runs after the first, at most a million (default: a second's worth, at least 10)", "N",
              between(1, 1'000'000)},
             {"--signature", &options->signature, "Run this signature of the model", "KEY"},
             {"--profile", &options->profile, "Time every node, too: work, bytes, and shares of the machine's peak"},
             {"--trace", &options->trace, "Write a timeline for Perfetto or chrome://tracing", "FILE"},
             {"--html", &options->html, "Write one self-contained page with a flame chart of the nodes", "FILE"}},
            pack_options(*options),
            {threads_option(*options), json_option(options->json)}}),
      "Examples:\n"
      "  tulle bench model.tflite\n"
      "  tulle bench model.tflite --runs 100 --profile --json\n"
      "  tulle bench model.tflite --threads 4 --trace model.json --html model.html",
      [options] { return bench(*options); }};
}

}  // namespace tulle::cli
