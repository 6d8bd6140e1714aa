// host_bench WASM_FOLDER MODELS_FOLDER SHARED TULLE ROUNDS [MEASUREMENT…]: measures the host against the direct calls
// that it stands for, in rounds that take turns, and prints JSON: samples, and medians of them.
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "base/file_map.h"
#include "formats/tflite.h"
#include "host/cache_folder.h"
#include "host/function.h"

namespace {

using namespace tulle;
using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;
using Samples = std::vector<double>;

struct Places {
  std::string wasm, models, shared, tulle;
};

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "host_bench: %s\n", why.c_str());
  std::exit(1);
}

template <class T>
T must(std::expected<T, Error> value) {
  if (!value) die(value.error().message);
  if constexpr (!std::is_void_v<T>) return *std::move(value);
}
template <class T>
T must(host::Ended<T> value) {
  if (!value) die(value.error().message);
  return *std::move(value);
}

double at(Samples samples, double part) {
  std::ranges::sort(samples);
  return samples[std::min(samples.size() - 1, static_cast<size_t>(part * static_cast<double>(samples.size())))];
}
double median(const Samples& samples) { return at(samples, 0.5); }

double ms(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

using FunctionPtr = std::shared_ptr<const host::Function>;

constexpr uint64_t kKeepBytes = uint64_t{16} << 20;

/// A host with slots for instances, and its guests.
class Bench {
 public:
  Bench(const Places& places, uint32_t instances)
      : host_(must(host::Host::create({.pool = {instances, uint64_t{1} << 30, 20'000, kKeepBytes},
                                       .cache = host::cache_folder("guests"),
                                       .compiler = {.program = places.tulle}}))) {}

  FunctionPtr install(std::span<const std::byte> wasm) const { return must(host_.install(wasm, {})).function; }
  FunctionPtr install(const std::string& path) const { return install(must(FileMap::open(path))->bytes()); }

 private:
  host::Host host_;
};

std::shared_ptr<const host::Models> one_model(const std::string& path) {
  auto models = std::make_shared<host::Models>();
  must(models->add("model", path));
  return models;
}

/// Runs a guest, which has to end well, and gives what it printed.
std::string run(const host::Function& function, host::Grants grants, int threads = 1) {
  std::string out, errors;
  grants.arguments.insert(grants.arguments.begin(), "guest");
  grants.output = [&](int stream, std::string_view bytes) { (stream == 1 ? out : errors) += bytes; };
  host::Limits limits;
  limits.nn.threads = threads;
  const host::Outcome got = function.run(grants, limits);
  if (got.ending.kind != kEndingExit || got.ending.code != 0)
    die(fmt::format("a guest ended with {}: {}{}", got.ending.code, got.ending.message, errors));
  return out;
}

Samples milliseconds_in(const std::string& text) {
  Samples samples;
  std::istringstream lines(text);
  for (double nanoseconds = 0; lines >> nanoseconds;) samples.push_back(nanoseconds / 1e6);
  return samples;
}

/// A guest with wasi-nn linked that is told nothing to do, so that what remains is its start.
Json instantiate(const Places& places, int rounds) {
  const Bench bench(places, 16);
  const FunctionPtr guest = bench.install(places.wasm + "/label_by_index.wasm");
  host::Grants grants;
  grants.arguments = {"guest"};
  Samples instantiate, whole;
  for (int i = 0; i < rounds * 1000; ++i) {
    const auto begin = Clock::now();
    const host::Outcome outcome = guest->run(grants, {});
    whole.push_back(ms(Clock::now() - begin) * 1e3);
    instantiate.push_back(static_cast<double>(outcome.stats.instantiate.count()) / 1e3);
  }
  return {{"instantiate_p50_us", median(instantiate)},
          {"instantiate_p99_us", at(instantiate, 0.99)},
          {"run_p50_us", median(whole)},
          {"run_p99_us", at(whole, 0.99)}};
}

/// Input and output of an int8 or float32 model, as loop_nn.wasm wants to know of them.
std::vector<std::string> loop_words(const Session& session, int runs) {
  constexpr const char *kFloat = "1", *kBytes = "3";
  std::string dims;
  for (const int32_t dim : session.input(0).shape) dims += (dims.empty() ? "" : ",") + std::to_string(dim);
  return {session.input(0).dtype == DType::kFloat32 ? kFloat : kBytes, dims, std::to_string(session.output(0).bytes),
          std::to_string(runs)};
}

Json overhead(const Places& places, const std::string& model, int rounds) {
  constexpr int kRuns = 20;
  const Bench bench(places, 4);
  const FunctionPtr guest = bench.install(places.wasm + "/loop_nn.wasm");
  const auto models = one_model(model);
  const auto loaded = models->find("model");
  const auto session = must(Session::create(loaded->model, {.constants = loaded->constants}));
  const std::vector<std::byte> input(session->input(0).bytes);
  std::vector<std::byte> output(session->output(0).bytes);
  host::Grants grants;
  grants.models = models;
  grants.arguments = loop_words(*session, kRuns);
  Samples through, direct, ratios;
  for (int round = 0; round < rounds + 1; ++round) {
    Samples own;
    const auto call = [&] {
      for (int i = 0; i < kRuns; ++i) {
        const auto begin = Clock::now();
        must(session->set_input(0, input));
        must(session->run());
        std::ranges::copy_n(session->output(0).data, static_cast<std::ptrdiff_t>(output.size()), output.begin());
        own.push_back(ms(Clock::now() - begin));
      }
    };
    Samples guests;
    const auto visit = [&] { guests = milliseconds_in(run(*guest, grants)); };
    if (round % 2 == 0) {
      call();
      visit();
    } else {
      visit();
      call();
    }
    if (round == 0) continue;  // warm now
    through.push_back(median(guests));
    direct.push_back(median(own));
    ratios.push_back(through.back() / direct.back());
  }
  return {{"wasi_nn_overhead_ratio", median(ratios)}, {"wasi_nn_ms", median(through)}, {"direct_ms", median(direct)}};
}

/// A whole request: a new instance that reads, decodes and labels a picture; a compute of the host's has two threads.
constexpr int kThreads = 2;
Samples requests(const Bench& bench, const std::string& module, const host::Grants& grants, int count) {
  const FunctionPtr guest = bench.install(module);
  Samples samples;
  for (int i = 0; i < count + 2; ++i) {
    const auto begin = Clock::now();
    run(*guest, grants, kThreads);
    if (i >= 2) samples.push_back(ms(Clock::now() - begin));
  }
  return samples;
}

Json request(const Places& places, const std::string& model, int rounds) {
  const Bench bench(places, 4);
  const std::string picture = "/shared/images/golden-retriever.jpeg", labels = "/shared/models/imagenet_labels.txt";
  host::Grants grants;
  grants.directories = {{places.shared, "/shared", true}};
  grants.models = one_model(model);
  grants.arguments = {"model", picture, labels};
  const Samples warm = requests(bench, places.wasm + "/label_by_index.wasm", grants, rounds * 10);
  grants.models = nullptr;
  grants.arguments = {picture, labels};
  const Samples snapshot = requests(bench, places.wasm + "/bench_snapshot.wasm", grants, rounds * 5);
  return {{"request_ms", median(warm)},
          {"request_p99_ms", at(warm, 0.99)},
          {"snapshot_request_ms", median(snapshot)},
          {"snapshot_request_p99_ms", at(snapshot, 0.99)}};
}

/// This process's share of memory, in KiB.
double resident_kb() {
  malloc_trim(0);
  std::ifstream file("/proc/self/smaps_rollup");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("Pss:")) return std::stod(line.substr(4));
  die("no smaps_rollup");
}

/// Functions of modules that differ, each of which has answered once and waits; one model for all.
Json idle(const Places& places, const std::string& model) {
  constexpr int kFunctions = 40;
  const Bench bench(places, 4);
  const auto file = must(FileMap::open(places.wasm + "/loop_nn.wasm"));
  const auto models = one_model(model);
  const auto session = must(Session::create(models->find("model")->model));
  host::Grants grants;
  grants.models = models;
  grants.arguments = loop_words(*session, 1);
  std::vector<FunctionPtr> functions;
  const auto add = [&](uint8_t number) {
    // A custom section without a name and with one byte.
    std::vector<std::byte> wasm(file->bytes().begin(), file->bytes().end());
    for (const uint8_t byte : {uint8_t{0}, uint8_t{2}, uint8_t{0}, number}) wasm.push_back(std::byte{byte});
    functions.push_back(bench.install(wasm));
    run(*functions.back(), grants);
  };
  for (uint8_t i = 0; i < 4; ++i) add(i);  // what all of them share
  const double before = resident_kb();
  for (uint8_t i = 4; i < 4 + kFunctions; ++i) add(i);
  return {{"idle_function_kb", (resident_kb() - before) / kFunctions}};
}

/// How many more computes a second there are with eight contexts, each of a guest of its own, than with one.
Json scaling(const Places& places, const std::string& model, int rounds) {
  constexpr int kContexts = 8, kRuns = 40;
  const Bench bench(places, kContexts);
  const FunctionPtr guest = bench.install(places.wasm + "/loop_nn.wasm");
  const auto models = one_model(model);
  const auto session = must(Session::create(models->find("model")->model));
  host::Grants grants;
  grants.models = models;
  grants.arguments = loop_words(*session, kRuns);
  const auto together = [&](int contexts) {
    const auto begin = Clock::now();
    std::vector<std::jthread> threads;
    for (int i = 0; i < contexts; ++i) threads.emplace_back([&] { run(*guest, grants); });
    threads.clear();
    return contexts * kRuns / ms(Clock::now() - begin);
  };
  Samples ratios;
  for (int round = 0; round < rounds + 1; ++round) {
    const double one = together(1), eight = together(kContexts);
    if (round > 0) ratios.push_back(eight / one);
  }
  return {{"contexts_8_scaling", median(ratios)}};
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 6) die("usage: host_bench WASM_FOLDER MODELS_FOLDER SHARED TULLE ROUNDS [MEASUREMENT…]");
  const Places places{arguments[1], arguments[2], arguments[3], arguments[4]};
  const int rounds = std::max(1, std::atoi(arguments[5]));
  const std::vector<std::string> wanted(arguments + 6, arguments + count);
  const std::string int8 = places.shared + "/models/tf2_mobilenet_v2_1.0_224_ptq.tflite";
  const std::string seed = places.models + "/mobilenet_v2_1.4.float32.tflite";
  const std::pair<const char*, std::function<Json()>> all[] = {
      {"instantiate", [&] { return instantiate(places, rounds); }},
      {"overhead", [&] { return overhead(places, int8, rounds); }},
      {"request", [&] { return request(places, seed, rounds); }},
      {"idle", [&] { return idle(places, int8); }},
      {"scaling", [&] { return scaling(places, int8, rounds); }},
  };
  Json found;
  for (const auto& [name, measure] : all)
    if (wanted.empty() || std::ranges::find(wanted, name) != wanted.end()) found.update(measure());
  std::printf("%s\n", found.dump(2).c_str());
  return 0;
}
