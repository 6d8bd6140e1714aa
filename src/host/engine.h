// The engine's C interface: Wasmtime, by the crate in src/host/engine, whose lib.rs defines what is declared here.
// Pointers are valid for the call, texts UTF-8. Nothing throws or panics out of it.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

struct EngineBytes {
  const uint8_t* data;
  size_t size;
};

/// Takes bytes, once at most.
struct EngineSink {
  void* user;
  void (*take)(void* user, EngineBytes bytes);
};

/// Where instances live: in so many slots that are reserved once, or, for 0, each in memory of its own.
struct EnginePool {
  uint32_t instances;
  uint64_t memory_bytes, table_elements;
  uint64_t
      keep_bytes;  ///< what a free slot may keep of its memory, cleared, so that the next instance need not fault it in
};

struct EngineLimits {
  uint64_t memory_bytes, table_elements, output_bytes, files, disk_bytes, descriptors;
};

enum EngineLimit : int32_t {
  kLimitTime = 1,
  kLimitMemory,
  kLimitStack,
  kLimitTable,
  kLimitOutput,
  kLimitFiles,
  kLimitDisk,
  kLimitDescriptors,
  kLimitHandles,
};

/// How a guest ended: by itself, over a limit, by a trap, or before it began.
enum EngineEnding : uint32_t { kEndingExit = 0, kEndingLimit = 1, kEndingTrap = 2, kEndingRefused = 3 };

struct Engine;
struct EngineModule;
struct EngineFunction;

Engine* tulle_engine_new(const EnginePool& pool, EngineSink error);
void tulle_engine_delete(Engine* engine);

struct EngineCompileSinks {
  EngineSink artefact, snapshot, error;
};
struct EngineCompileEnd {
  EngineEnding ending;  ///< of the initialiser, where it did not come to its end
  int32_t code;
  uint64_t initialise_ns;
};
/// For a process of its own. The snapshot, the module after its initialiser ran, is given where it has one; limits and
/// timeout (0 for none) are the initialiser's.
void tulle_engine_compile(EngineBytes wasm, const EngineLimits& limits, uint64_t timeout_ns,
                          const EngineCompileSinks& sinks, EngineCompileEnd& end);

/// Names the initialiser that a module has.
void tulle_engine_initialiser(EngineBytes wasm, EngineSink name);

/// Takes an open file over, whose bytes are what tulle_engine_compile gave and stay so: anything else is code of
/// somebody else.
EngineModule* tulle_module_load(Engine& engine, int file, EngineSink error);
void tulle_module_delete(EngineModule* module);

/// Is given module (empty for exports and for components), name and type, such as "(i32 i32) -> (i32)" or "memory 1..16
/// pages".
using EngineEach = void(void* user, EngineBytes module, EngineBytes name, EngineBytes type);
void tulle_module_imports(Engine& engine, const EngineModule& module, void* user, EngineEach* each);
void tulle_module_exports(Engine& engine, const EngineModule& module, void* user, EngineEach* each);

/// A tensor of a component; types are numbered as in WIT.
struct EngineTensor {
  const uint32_t* dims;
  size_t dim_count;
  uint32_t type;
  EngineBytes data;
};

/// What components do with a run's `nn`: 0 or an error number of wasi-nn; `over` as below.
struct EngineNn {
  int32_t (*load)(void* nn, EngineBytes model, uint32_t encoding, uint32_t target, uint32_t& graph, bool& over);
  int32_t (*load_by_name)(void* nn, EngineBytes name, uint32_t& graph, bool& over);
  void (*unload)(void* nn, uint32_t graph);
  int32_t (*init)(void* nn, uint32_t graph, uint32_t& context, bool& over);
  void (*finalize)(void* nn, uint32_t context);
  int32_t (*set_input)(void* nn, uint32_t context, EngineBytes name, const EngineTensor& tensor);
  int32_t (*compute)(void* nn, uint32_t context);
  int32_t (*outputs)(void* nn, uint32_t context, void* user,
                     void (*take)(void* user, EngineBytes name, const EngineTensor& tensor));
  void (*last_error)(void* nn, EngineSink words);
};

/// Functions of the host's own, all of whose parameters and results are i32.
struct EngineDoors {
  const void* user;
  /// What stands for the function that the import by that number, in the order of tulle_module_imports, means; 0 for
  /// none.
  int64_t (*find)(const void* user, uint32_t import);
  /// Called on a run's `nn` and the guest's memory; sets `over` where the guest has to end for its handles.
  int32_t (*call)(void* nn, int64_t function, uint8_t* memory, size_t size, const uint32_t* arguments, bool& over);
  EngineNn nn;  ///< for components
};
/// Errors name the import that is unknown.
EngineFunction* tulle_function_link(Engine& engine, const EngineModule& module, const EngineDoors& doors,
                                    EngineSink error);
void tulle_function_delete(EngineFunction* function);

struct EngineDirectory {
  EngineBytes host, guest;
  bool read_only;
};

struct EngineRun {
  EngineBytes exported;  ///< of type () -> ()
  const EngineBytes* arguments;
  size_t argument_count;
  const EngineBytes* environment;  ///< names and values in turn
  size_t environment_count;
  const EngineDirectory* directories;
  size_t directory_count;
  bool standard_input;
  EngineLimits limits;
  uint64_t timeout_ns;  ///< 0 for none
  void* nn;
  void* output_user;
  void (*output)(void* user, uint32_t stream, EngineBytes bytes);  ///< stream 1 or 2
};

struct EngineRunEnd {
  EngineEnding ending;
  int32_t code;  ///< exit code, or which EngineLimit
  uint64_t instantiate_ns, call_ns, peak_memory;
};
/// The message, where the ending is not an exit, has the wasm backtrace behind its first line.
void tulle_function_run(Engine& engine, const EngineFunction& function, const EngineRun& run, EngineRunEnd& end,
                        EngineSink message);

/// SHA-256 of one after the other, and HMAC-SHA-256 of them; 32 bytes.
void tulle_digest(EngineBytes first, EngineBytes second, uint8_t* out);
void tulle_seal(EngineBytes key, EngineBytes name, EngineBytes data, uint8_t* out);
bool tulle_is_sealed(EngineBytes key, EngineBytes name, EngineBytes data, EngineBytes seal);
}
