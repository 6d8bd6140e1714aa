// The way of a guest's bytes, whatever they are: compiled, loaded, linked with wasi-nn, and run within tight limits.
// The host is not to die, to let a guest go on, or to keep anything of it: no file, no memory, no address space.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "formats/tflite.h"
#include "graph/text.h"
#include "host/ending.h"
#include "host/file.h"
#include "host/nn_component.h"
#include "host/nn_door.h"

namespace {

using namespace tulle::host;

constexpr size_t kMostWasm = 1 << 16, kMostRuns = 4;
constexpr auto kTime = std::chrono::milliseconds(20), kGrace = std::chrono::milliseconds(1000);
constexpr uint64_t kMostSpace = uint64_t{256} << 30;  // of addresses that are taken after a run more than before it

const Limits kLimits{.engine = {.memory_bytes = 16 << 20,
                                .table_elements = 10'000,
                                .output_bytes = 64 << 10,
                                .files = 4,
                                .disk_bytes = 1 << 16,
                                .descriptors = 16},
                     .nn = {.graphs = 4, .contexts = 4, .bytes = 1 << 20},
                     .time = kTime};

/// What an input leads to, as coverage: the engine's own code has none.
#ifdef __linux__
__attribute__((section("__libfuzzer_extra_counters")))
#endif
uint8_t reached[1 << 14];

/// The beginning of the words, up to names and numbers.
void reach(std::string_view stage, std::string_view words) {
  uint32_t mark = 2166136261U;
  for (const std::string_view text : {stage, words.substr(0, words.find_first_of("`\"0123456789"))})
    for (const char letter : text) mark = (mark ^ static_cast<uint8_t>(letter)) * 16777619U;
  ++reached[mark % std::size(reached)];
}

[[noreturn]] void die(std::string_view what) {
  std::fprintf(stderr, "guest_fuzz: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

/// Panics of the engine are told as errors; they are failures all the same.
void check_words(std::string_view words) {
  if (words.starts_with("the engine failed")) die(words);
}

File memory_file(std::string_view bytes) {
  File file(::memfd_create("guest", MFD_CLOEXEC));
  if (!file || ::write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    die("no memory for a file");
  return file;
}

/// y = x + 1, under the names that guests of the tests ask for.
std::shared_ptr<const Models> make_models() {
  const auto model = tulle::parse(
      "tulle 1\nmodel\ngraph 0 \"main\" inputs=[%0] outputs=[%2]\n  %0 \"x\" : float32[?,4]\n  %1 \"one\" : float32[] "
      "buffer=1\n  %2 \"y\" : float32[?,4] = ADD (%0, %1) AddOptions {fused_activation_function=NONE}\nbuffer 0 "
      "bytes[]\nbuffer 1 bytes[0000803f]\n");
  if (!model) die(model.error().message);
  const auto bytes = tulle::tflite::write(*model);
  if (!bytes) die(bytes.error().message);
  const File file = memory_file({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  auto models = std::make_shared<Models>();
  for (const char* name : {"model", "sum"})
    if (!models->add(name, "/proc/self/fd/" + std::to_string(file.get()))) die("the model can't be read");
  return models;
}

struct Extern {
  std::string module, name, type;

  int parameters() const {
    const std::string_view list = std::string_view(type).substr(1, type.find(')') - 1);
    return list.empty() ? 0 : static_cast<int>(std::ranges::count(list, ' ')) + 1;
  }
};

void add_extern(void* user, EngineBytes module, EngineBytes name, EngineBytes type) {
  static_cast<std::vector<Extern>*>(user)->push_back(
      {std::string(text(module)), std::string(text(name)), std::string(text(type))});
}

int64_t find_door(const void* user, uint32_t number) {
  const auto& externs = *static_cast<const std::vector<Extern>*>(user);
  std::vector<Import> imports;
  for (const Extern& one : externs)
    if (one.type.starts_with('(')) imports.push_back({one.module, one.name, one.parameters()});
  const Extern& wanted = externs[number];
  return reinterpret_cast<int64_t>(find_function(imports, {wanted.module, wanted.name, wanted.parameters()}));
}

int32_t call_door(void* nn, int64_t function, uint8_t* memory, size_t size, const uint32_t* arguments, bool& over) {
  const auto& door = *reinterpret_cast<const DoorFunction*>(function);
  NnCall call{*static_cast<Nn*>(nn), {reinterpret_cast<std::byte*>(memory), size}};
  const int32_t answer = door.call(call, arguments);
  if (answer < 0 || answer > 8) die(door.name);
  reach(door.name, std::string_view("........").substr(0, static_cast<size_t>(answer)));
  over = call.over_limit;
  return answer;
}

void run(Engine& engine, const EngineFunction& function, const std::shared_ptr<const Models>& models,
         std::string_view exported) {
  const EngineBytes arguments[] = {view("guest"), view("model"), view("1")};
  Nn nn(models, kLimits.nn);
  const auto begin = std::chrono::steady_clock::now();
  nn.set_deadline(begin + kTime);
  uint64_t written = 0;
  const EngineRun task{
      .exported = view(exported),
      .arguments = arguments,
      .argument_count = std::size(arguments),
      .limits = kLimits.engine,
      .timeout_ns = std::chrono::nanoseconds(kTime).count(),
      .nn = &nn,
      .output_user = &written,
      .output = [](void* user, uint32_t, EngineBytes bytes) { *static_cast<uint64_t*>(user) += bytes.size; },
  };
  EngineRunEnd end{};
  std::string words;
  tulle_function_run(engine, function, task, end, into(words));
  check_words(words);
  if (std::chrono::steady_clock::now() - begin > kTime + kGrace) die("a guest ran for too long");
  if (end.ending > kEndingRefused || written > kLimits.engine.output_bytes) die("a guest wrote too much");
  if (end.peak_memory > kLimits.engine.memory_bytes) die("a guest had too much memory");
  reach(limit_name(end.ending == kEndingLimit ? end.code : 0), words);
}

/// A module or component to its end.
void follow(Engine& engine, EngineBytes wasm, const std::shared_ptr<const Models>& models) {
  std::string artefact, snapshot, words, name;
  EngineCompileEnd end{};
  tulle_engine_initialiser(wasm, into(name));
  tulle_engine_compile(wasm, kLimits.engine, std::chrono::nanoseconds(kTime).count(),
                       {into(artefact), into(snapshot), into(words)}, end);
  check_words(words);
  reach(name.empty() ? "compile" : "initialise", words);
  if (artefact.empty()) return;

  const std::unique_ptr<EngineModule, decltype(&tulle_module_delete)> module(
      tulle_module_load(engine, memory_file(artefact).release(), into(words)), tulle_module_delete);
  if (module == nullptr) die("what was compiled can't be loaded: " + words);
  std::vector<Extern> imports, exports;
  tulle_module_imports(engine, *module, &imports, add_extern);
  tulle_module_exports(engine, *module, &exports, add_extern);
  const EngineDoors doors{&imports, find_door, call_door, component_functions()};
  const std::unique_ptr<EngineFunction, decltype(&tulle_function_delete)> function(
      tulle_function_link(engine, *module, doors, into(words)), tulle_function_delete);
  check_words(words);
  reach("link", words);
  if (function == nullptr) return;
  size_t runs = 0;
  for (const Extern& one : exports)
    if (one.type == "() -> ()" && runs++ < kMostRuns) run(engine, *function, models, one.name);
  if (runs == 0) run(engine, *function, models, "_start");
}

/// How many files are open, and bytes of addresses that are taken.
std::ptrdiff_t files() { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); }
uint64_t space() {
  uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::shared_ptr<const Models> models = make_models();
  static Engine* const engine = [] {
    std::string words;
    Engine* made = tulle_engine_new({}, into(words));
    if (made == nullptr) die(words);
    return made;
  }();
  if (size > kMostWasm) return -1;
  static const bool warm = (follow(*engine, {data, size}, models), true);  // threads and tables that stay
  (void)warm;
  const std::ptrdiff_t open = files();
  static const uint64_t before = space();
  follow(*engine, {data, size}, models);
  if (files() != open) die("a file stays open");
  if (space() > before + kMostSpace) die("addresses stay taken");
  return 0;
}
