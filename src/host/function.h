// Host and Function: wasm modules made ready to run, and their runs.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/artefacts.h"
#include "host/ending.h"
#include "host/models.h"

namespace tulle::host {

/// A folder of the host that a guest sees under another name.
struct Directory {
  std::string host, guest;
  bool read_only = false;
};

/// All that a guest sees of the world, beside clocks and randomness.
struct Grants {
  std::vector<std::string> arguments;                            ///< the first one is the program's name
  std::vector<std::pair<std::string, std::string>> environment;  ///< names and values
  std::vector<Directory> directories;
  bool standard_input = false;  ///< the process's
  std::shared_ptr<const Models> models;
  /// Takes what the guest writes to standard output (1) and error (2). Nothing of it is kept where this is empty.
  std::function<void(int stream, std::string_view bytes)> output;
};

struct Stats {
  std::chrono::nanoseconds instantiate{0}, call{0}, compute{0};
  uint64_t executions = 0, peak_memory = 0;  ///< computes; bytes of the guest's memory
};

struct Outcome {
  Ending ending;
  Stats stats;
};

/// What a guest imports or exports: module (empty for exports), name, and type as in engine.h.
struct Extern {
  std::string module, name, type;
};

class Host;
struct DoorFunction;

/// A guest that is ready: compiled, with its imports found. Runs are independent and may be at the same time.
class Function {
 public:
  ~Function();
  /// Runs an export without parameters and results in an instance of its own, whose memory is gone afterwards.
  Outcome run(const Grants& grants, const Limits& limits, std::string_view exported = "_start") const;

  const std::vector<Extern>& imports() const { return imports_; }
  const std::vector<Extern>& exports() const { return exports_; }
  /// What the module imports of wasi-nn: functions of ours.
  const std::vector<const DoorFunction*>& nn_functions() const { return doors_; }

 private:
  friend class Host;
  Function() = default;

  std::shared_ptr<Engine> engine_;
  EngineFunction* function_ = nullptr;
  std::vector<Extern> imports_, exports_;
  std::vector<const DoorFunction*> doors_;
};

struct HostOptions {
  EnginePool pool{};  ///< no instances: each run has memory of its own
  std::filesystem::path cache;
  Compiler compiler;
};

class Host {
 public:
  static Ended<Host> create(HostOptions options);

  struct Installed {
    std::shared_ptr<const Function> function;
    std::chrono::nanoseconds compile{0}, initialise{0};
  };
  /// Compiles a module, or takes what is kept of it. Limits are its initialiser's. Errors: kEndingRefused for what is
  /// no module or has unknown imports, and as the initialiser ends.
  Ended<Installed> install(std::span<const std::byte> wasm, const Limits& limits) const;

  const HostOptions& options() const { return options_; }

 private:
  explicit Host(HostOptions options) : options_(std::move(options)) {}
  HostOptions options_;
  std::shared_ptr<Engine> engine_;
};

}  // namespace tulle::host
