// From the engine's C interface to the host's own.
#include "host/function.h"

#include <algorithm>

#include "host/nn_component.h"
#include "host/nn_door.h"

namespace tulle::host {
namespace {

constexpr std::string_view kLimitNames[] = {"",       "time",  "memory", "stack",       "table",
                                            "output", "files", "disk",   "descriptors", "handles"};

void add_extern(void* user, EngineBytes module, EngineBytes name, EngineBytes type) {
  static_cast<std::vector<Extern>*>(user)->push_back(
      {std::string(text(module)), std::string(text(name)), std::string(text(type))});
}

/// How many parameters a function has by its type's text: "(i32 i32) -> (i32)".
int parameters_of(std::string_view type) {
  const std::string_view list = type.substr(1, type.find(')') - 1);
  return list.empty() ? 0 : static_cast<int>(std::ranges::count(list, ' ')) + 1;
}

/// Finds the doors' functions by import, and keeps those that were found.
struct Finder {
  const std::vector<Extern>& externs;
  std::vector<const DoorFunction*>& found;
  std::vector<Import> imports;

  Finder(const std::vector<Extern>& all, std::vector<const DoorFunction*>& into) : externs(all), found(into) {
    for (const Extern& one : all)
      if (one.type.starts_with('(')) imports.push_back({one.module, one.name, parameters_of(one.type)});
  }

  int64_t find(uint32_t number) const {
    const Extern& wanted = externs[number];
    const DoorFunction* function = find_function(imports, {wanted.module, wanted.name, parameters_of(wanted.type)});
    if (function == nullptr) return 0;
    found.push_back(function);
    return reinterpret_cast<int64_t>(function);
  }
};

int32_t call_door(void* nn, int64_t function, uint8_t* memory, size_t size, const uint32_t* arguments, bool& over) {
  NnCall call{*static_cast<Nn*>(nn), {reinterpret_cast<std::byte*>(memory), size}};
  const int32_t answer = reinterpret_cast<const DoorFunction*>(function)->call(call, arguments);
  over = call.over_limit;
  return answer;
}

}  // namespace

std::string_view limit_name(int32_t limit) {
  return limit > 0 && limit < static_cast<int32_t>(std::size(kLimitNames)) ? kLimitNames[limit] : "unknown";
}

Function::~Function() { tulle_function_delete(function_); }

Outcome Function::run(const Grants& grants, const Limits& limits, std::string_view exported) const {
  std::vector<EngineBytes> arguments, environment;
  for (const std::string& argument : grants.arguments) arguments.push_back(view(argument));
  for (const auto& [name, value] : grants.environment) environment.insert(environment.end(), {view(name), view(value)});
  std::vector<EngineDirectory> directories;
  for (const Directory& directory : grants.directories)
    directories.push_back({view(directory.host), view(directory.guest), directory.read_only});
  Nn nn(grants.models, limits.nn);
  if (limits.time.count() > 0) nn.set_deadline(std::chrono::steady_clock::now() + limits.time);
  const EngineRun run{
      .exported = view(exported),
      .arguments = arguments.data(),
      .argument_count = arguments.size(),
      .environment = environment.data(),
      .environment_count = environment.size(),
      .directories = directories.data(),
      .directory_count = directories.size(),
      .standard_input = grants.standard_input,
      .limits = limits.engine,
      .timeout_ns = static_cast<uint64_t>(limits.time.count()),
      .nn = &nn,
      .output_user = const_cast<Grants*>(&grants),
      .output =
          [](void* user, uint32_t stream, EngineBytes bytes) {
            const auto& take = static_cast<const Grants*>(user)->output;
            if (take) take(static_cast<int>(stream), text(bytes));
          },
  };
  Outcome outcome;
  EngineRunEnd end{};
  tulle_function_run(*engine_, *function_, run, end, into(outcome.ending.message));
  outcome.ending.kind = end.ending;
  outcome.ending.code = end.code;
  const Nn::Work work = nn.work();
  outcome.stats = {std::chrono::nanoseconds(end.instantiate_ns), std::chrono::nanoseconds(end.call_ns), work.time,
                   work.executions, end.peak_memory};
  return outcome;
}

Ended<Host> Host::create(HostOptions options) {
  Host host(std::move(options));
  std::string error;
  host.engine_ = {tulle_engine_new(host.options_.pool, into(error)), tulle_engine_delete};
  if (host.engine_ == nullptr) return refused("the engine does not start: " + error);
  return host;
}

Ended<Host::Installed> Host::install(std::span<const std::byte> wasm, const Limits& limits) const {
  const auto begin = std::chrono::steady_clock::now();
  const Artefacts artefacts(options_.cache);
  std::string error;
  const auto load = [&](Artefact& artefact) {
    return std::unique_ptr<EngineModule, decltype(&tulle_module_delete)>(
        tulle_module_load(*engine_, artefact.file.release(), into(error)), tulle_module_delete);
  };
  auto artefact = artefacts.get(wasm, limits, options_.compiler);
  if (!artefact) return std::unexpected(std::move(artefact).error());
  auto initialise = artefact->initialise;
  auto module = load(*artefact);
  if (module == nullptr) {  // of another machine, though ours
    artefacts.drop(wasm);
    artefact = artefacts.get(wasm, limits, options_.compiler);
    if (!artefact) return std::unexpected(std::move(artefact).error());
    initialise = artefact->initialise;
    module = load(*artefact);
  }
  if (module == nullptr) return refused(error);

  const std::shared_ptr<Function> function(new Function);
  function->engine_ = engine_;
  tulle_module_imports(*engine_, *module, &function->imports_, add_extern);
  tulle_module_exports(*engine_, *module, &function->exports_, add_extern);
  const Finder finder(function->imports_, function->doors_);
  const EngineDoors doors{
      &finder, [](const void* user, uint32_t import) { return static_cast<const Finder*>(user)->find(import); },
      call_door, component_functions()};
  function->function_ = tulle_function_link(*engine_, *module, doors, into(error));
  if (function->function_ == nullptr) return refused(error);
  const auto took = std::chrono::steady_clock::now() - begin - initialise;
  return Installed{function, took, initialise};
}

}  // namespace tulle::host
