// tulle wasm: runs, compiles and describes WebAssembly programs, which may use models.
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/file_map.h"
#include "base/write_all.h"
#include "cli/npy.h"
#include "cli/verb.h"
#include "host/cache_folder.h"
#include "host/compile.h"
#include "host/function.h"
#include "host/nn_door.h"
#include "host/wall.h"

namespace tulle::cli {
namespace {

// The exit codes of docs/host.md, beside the guest's own.
constexpr int kFailed = 1, kUsage = 2, kBad = 3, kLimit = 4, kTrap = 5;

constexpr uint64_t kMebi = uint64_t{1} << 20;
constexpr double kMostMebi = 4096, kMostCount = 1e9, kMostSeconds = 1e6;

struct Options {
  std::string module, out;
  std::vector<std::string> arguments, directories, environment, models;
  float timeout = 0;
  int threads = 1;
  uint64_t memory = 1024, output = 64, disk = 256;  // MiB
  uint64_t files = 1000, descriptors = 1024, graphs = 1000, contexts = 1000, table = 1'000'000;
  bool stats = false, json = false;
};

host::Limits limits_of(const Options& options) {
  host::Limits limits;
  limits.engine = {.memory_bytes = options.memory * kMebi,
                   .table_elements = options.table,
                   .output_bytes = options.output * kMebi,
                   .files = options.files,
                   .disk_bytes = options.disk * kMebi,
                   .descriptors = options.descriptors};
  limits.nn.graphs = static_cast<uint32_t>(options.graphs);
  limits.nn.contexts = static_cast<uint32_t>(options.contexts);
  limits.nn.threads = options.threads;
  limits.time = std::chrono::nanoseconds(static_cast<int64_t>(static_cast<double>(options.timeout) * 1e9));
  return limits;
}

/// One line about how a guest ended, and what else there is to say below.
int report(const std::string& module, const host::Ending& ending) {
  if (ending.kind == kEndingExit) return ending.code;
  const bool limit = ending.kind == kEndingLimit, trap = ending.kind == kEndingTrap;
  const std::string kind = limit ? fmt::format("limit {}: ", host::limit_name(ending.code)) : trap ? "trap: " : "";
  std::fprintf(stderr, "tulle: %s: %s%s\n", harmless(module, "").c_str(), kind.c_str(),
               harmless(ending.message, "\n").c_str());
  return limit ? kLimit : trap ? kTrap : kBad;
}

int bad(const std::string& message, int code = kBad) {
  std::fprintf(stderr, "tulle: %s\n", harmless(message, "").c_str());
  return code;
}

int wrong(const std::string& message) {
  bad("wasm run: " + message, kUsage);
  std::fprintf(stderr, "tulle wasm run --help tells what there is.\n");
  return kUsage;
}

/// A guest whose reader is gone is not told so.
void put(int descriptor, std::string_view text) { (void)write_all(descriptor, std::as_bytes(std::span(text))); }

Result<host::Directory> directory_of(const std::string& text) {
  constexpr std::string_view kReadOnly = ":ro";
  std::string rest = text;
  host::Directory directory;
  const size_t between = rest.find("::");
  if (between == std::string::npos || between == 0)
    return fail(ErrorCode::kInvalidArgument, "--dir: {:?} is not HOST::GUEST", text);
  directory.host = rest.substr(0, between);
  directory.guest = rest.substr(between + 2);
  if (directory.guest.ends_with(kReadOnly)) {
    directory.read_only = true;
    directory.guest.resize(directory.guest.size() - kReadOnly.size());
  }
  if (directory.guest.empty()) return fail(ErrorCode::kInvalidArgument, "--dir: {:?} names no guest's folder", text);
  return directory;
}

std::pair<std::string, std::string> pair_of(const std::string& text) {
  const size_t equals = text.find('=');
  return {text.substr(0, equals), text.substr(equals + 1)};
}

/// Ends the process where a guest is still there half a second after its time: in one long operator of a model, or in a
/// call of the system that waits.
class Watchdog {
 public:
  Watchdog(const std::string& module, std::chrono::nanoseconds time) {
    if (time.count() == 0) return;
    constexpr auto kGrace = std::chrono::milliseconds(500);
    thread_ =
        std::jthread([module, end = std::chrono::steady_clock::now() + time + kGrace](const std::stop_token& stop) {
          std::mutex mutex;
          std::condition_variable_any woken;
          std::unique_lock lock(mutex);
          if (woken.wait_until(lock, stop, end, [&] { return stop.stop_requested(); })) return;
          const std::string line = fmt::format("tulle: {}: limit time: the time is over\n", harmless(module, ""));
          put(STDERR_FILENO, line);
          ::_exit(kLimit);
        });
  }

 private:
  std::jthread thread_;
};

Json milliseconds(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e6; }

struct Ready {
  host::Host::Installed installed;
  std::shared_ptr<const FileMap> file;
};

host::Ended<Ready> make_ready(const Options& options) {
  const auto file = FileMap::open(options.module);
  if (!file) return host::refused(file.error().message);
  auto host = host::Host::create({.cache = host::cache_folder("guests")});
  if (!host) return std::unexpected(std::move(host).error());
  auto installed = host->install((*file)->bytes(), limits_of(options));
  if (!installed) return std::unexpected(std::move(installed).error());
  return Ready{*std::move(installed), *file};
}

int run(const Options& options) {
  host::Grants grants;
  for (const std::string& text : options.directories) {
    auto directory = directory_of(text);
    if (!directory) return wrong(directory.error().message);
    grants.directories.push_back(*std::move(directory));
  }
  for (const std::string& text : options.environment) grants.environment.push_back(pair_of(text));
  const auto models = std::make_shared<host::Models>();
  for (const std::string& text : options.models) {
    const auto [name, file] = pair_of(text);
    if (models->find(name) != nullptr) return wrong(fmt::format("--model: {:?} is given twice", name));
    if (const auto added = models->add(name, file); !added) return bad(added.error().message);
  }
  for (const host::Directory& directory : grants.directories)
    if (std::error_code error; !std::filesystem::is_directory(directory.host, error))
      return bad(fmt::format("--dir: {}: {}", directory.host, error ? error.message() : "not a folder"));
  const auto ready = make_ready(options);
  if (!ready) return report(options.module, ready.error());

  // What the host has to say about the end comes first on standard error, so the guest's words wait for it, unless a
  // person watches.
  std::string held;
  const bool hold = ::isatty(STDERR_FILENO) == 0;
  grants.arguments = {std::filesystem::path(options.module).filename().string()};
  grants.arguments.insert(grants.arguments.end(), options.arguments.begin(), options.arguments.end());
  grants.standard_input = true;
  grants.models = models;
  grants.output = [&](int stream, std::string_view bytes) {
    if (stream == STDERR_FILENO && hold)
      held += bytes;
    else
      put(stream, bytes);
  };
  const host::Limits limits = limits_of(options);
  // What is loaded is all that is needed of this machine, but for the folders.
  host::raise_wall(grants.directories);
  host::Outcome outcome;
  {
    const Watchdog watchdog(options.module, limits.time);
    outcome = ready->installed.function->run(grants, limits);
  }
  const int code = report(options.module, outcome.ending);
  put(STDERR_FILENO, held);
  if (options.stats) {
    const host::Stats& stats = outcome.stats;
    Json json{{"compile_ms", milliseconds(ready->installed.compile)},
              {"instantiate_us", static_cast<double>(stats.instantiate.count()) / 1e3},
              {"init_ms", milliseconds(ready->installed.initialise)},
              {"call_ms", milliseconds(stats.call)},
              {"compute_ms", milliseconds(stats.compute)},
              {"executions", stats.executions},
              {"peak_memory_bytes", stats.peak_memory}};
    if (!held.empty() && held.back() != '\n') put(STDERR_FILENO, "\n");
    put(STDERR_FILENO, json.dump() + "\n");
  }
  // Threads may still wait for standard input; nobody else does for them.
  std::fflush(nullptr);
  ::_exit(code & 0xFF);
}

int compile(const Options& options) {
  const auto file = FileMap::open(options.module);
  if (!file) return bad(file.error().message);
  const host::Artefacts artefacts(host::cache_folder("guests"));
  const auto compiled = artefacts.renew((*file)->bytes(), limits_of(options), {});
  if (!compiled) return report(options.module, compiled.error());
  if (options.out.empty()) return 0;
  const host::Mapped snapshot(compiled->snapshot);
  const auto bytes = compiled->snapshot ? snapshot.bytes() : (*file)->bytes();
  std::error_code ignored;
  if (std::filesystem::equivalent(options.module, options.out, ignored))
    return bad(fmt::format("{}: is the module itself", options.out), kUsage);
  const auto written = write_file(options.out, bytes);
  return written ? 0 : bad(written.error().message, kFailed);
}

Json to_json(const std::vector<host::Extern>& externs) {
  Json list = Json::array();
  for (const host::Extern& one : externs) {
    Json entry;
    if (!one.module.empty()) entry["module"] = one.module;
    entry["name"] = one.name;
    entry["type"] = one.type;
    list.push_back(std::move(entry));
  }
  return list;
}

int inspect(const Options& options) {
  const auto ready = make_ready(options);
  if (!ready) return report(options.module, ready.error());
  const host::Function& function = *ready->installed.function;
  const auto some = [](const std::vector<host::Extern>& all, const std::vector<std::string_view>& beginnings) {
    return std::ranges::any_of(all, [&](const host::Extern& one) {
      return std::ranges::any_of(beginnings, [&](std::string_view name) { return one.name.starts_with(name); });
    });
  };
  const auto& imports = function.imports();
  std::vector<std::string> doors;
  for (const host::DoorFunction* door : function.nn_functions())
    if (std::ranges::find(doors, door->module) == doors.end()) doors.emplace_back(door->module);
  if (some(imports, {"wasi:nn/"})) doors.emplace_back("wasi:nn");
  Json needs = Json::array();
  if (some(imports, {"path_open", "wasi:filesystem/preopens"})) needs.push_back("folders (--dir)");
  if (some(imports, {"environ_get", "wasi:cli/environment"})) needs.push_back("environment (--env)");
  if (some(imports, {"load_by_name", "wasi:nn/graph"})) needs.push_back("models (--model)");
  if (!some(function.exports(), {"_start", "wasi:cli/run"})) needs.push_back("a caller: it has nothing to run");
  const std::string initialiser = host::initialiser_of(ready->file->bytes());
  if (options.json) {
    print_json({{"module", options.module},
                {"imports", to_json(function.imports())},
                {"exports", to_json(function.exports())},
                {"initialiser", initialiser.empty() ? Json() : Json(initialiser)},
                {"wasi_nn", doors},
                {"needs", needs}});
    return 0;
  }
  std::string text;
  const auto list = [&](const char* title, const std::vector<host::Extern>& all) {
    text += fmt::format("{} ({})\n", title, all.size());
    for (const host::Extern& one : all)
      text += fmt::format("  {}{}{}  {}\n", one.module, one.module.empty() ? "" : " ", one.name, one.type);
  };
  list("imports", function.imports());
  list("exports", function.exports());
  if (!initialiser.empty())
    text += fmt::format("initialiser: {}, run once; the rest is what is there after it\n", initialiser);
  text += fmt::format("wasi-nn: {}\n", doors.empty() ? "none" : fmt::format("{}", fmt::join(doors, ", ")));
  for (const Json& need : needs) text += fmt::format("needs {}\n", need.get<std::string>());
  print_text(text);
  return 0;
}

OptionList module_option(Options& options) { return {required({"MODULE", &options.module, "A .wasm file"})}; }

OptionList initialiser_options(Options& options) {
  return {{"--timeout", &options.timeout, "Seconds; 0 for as long as it takes", "SECONDS", between(0, kMostSeconds)},
          {"--memory", &options.memory, "Most memory (1024)", "MIB", between(0, kMostMebi)},
          {"--table", &options.table, "Most elements in tables (1000000)", "N", between(0, kMostCount)}};
}

OptionList limit_options(Options& options) {
  return {{"--output", &options.output, "Most output and error output (64)", "MIB", between(0, kMostMebi)},
          {"--files", &options.files, "Most files created (1000)", "N", between(0, kMostCount)},
          {"--disk", &options.disk, "Most bytes written to files (256)", "MIB", between(0, kMostMebi * 1024)},
          {"--descriptors", &options.descriptors, "Most descriptors open at once (1024)", "N", between(0, kMostCount)},
          {"--graphs", &options.graphs, "Most graphs loaded at once (1000)", "N", between(0, kMostCount)},
          {"--contexts", &options.contexts, "Most contexts at once (1000)", "N", between(0, kMostCount)}};
}

}  // namespace

Verb wasm_verb() {
  auto options = std::make_shared<Options>();
  constexpr double kMostThreads = 1024;
  const Check named = [](const std::string& value) {
    const size_t equals = value.find('=');
    return equals == std::string::npos || equals == 0 ? value + " is not NAME=VALUE" : std::string();
  };
  Verb run_verb{
      "run",
      "Run a WebAssembly program, which gets what is granted here and nothing else",
      join({module_option(*options),
            {{"ARGS", &options->arguments, "Arguments of the program, behind --"},
             {"--dir", &options->directories, "A folder and what the program calls it; :ro for reading alone",
              "HOST::GUEST[:ro]"},
             {"--env", &options->environment, "A variable of the program's environment", "NAME=VALUE", named},
             {"--model", &options->models, "A model that the program can load by name", "NAME=FILE", named},
             {"--threads", &options->threads, "Threads of a compute (1)", "N", between(1, kMostThreads)},
             {"--stats", &options->stats, "Print times and memory as the last line of standard error"}},
            initialiser_options(*options),
            limit_options(*options)}),
      "Example:\n"
      "  tulle wasm run label.wasm --dir pictures::/in:ro --model mobilenet=m.tflite -- mobilenet /in/cat.jpg\n"
      "Exit codes: the program's own; 2 wrong usage, 3 bad module or model, 4 a limit, 5 a trap (docs/host.md).",
      nullptr,
      [options] { return run(*options); }};
  Verb compile_verb{"compile",
                    "Compile a program and run its initialiser, for later runs",
                    join({module_option(*options),
                          {{"-o,--output", &options->out, "The module as it is after its initialiser", "FILE"}},
                          initialiser_options(*options)}),
                    "Example:\n  tulle wasm compile label.wasm -o ready.wasm",
                    nullptr,
                    [options] { return compile(*options); }};
  Verb inspect_verb{"inspect",
                    "Show what a program imports and exports, and what it needs",
                    join({module_option(*options), {json_option(options->json)}}),
                    "Example:\n  tulle wasm inspect label.wasm",
                    nullptr,
                    [options] { return inspect(*options); }};
  return {"wasm",
          "Run WebAssembly programs, sandboxed, with models at hand",
          {},
          "tulle wasm VERB --help tells more.",
          nullptr,
          nullptr,
          {std::move(run_verb), std::move(compile_verb), std::move(inspect_verb)}};
}

}  // namespace tulle::cli
