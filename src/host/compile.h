// Compiling guests, in a process that may go wrong.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

#include "host/ending.h"
#include "host/file.h"

namespace tulle::host {

struct Compiled {
  File artefact;  ///< in memory; the file's beginning is the artefact's
  File snapshot;  ///< the module after its initialiser; none where it has none
  std::chrono::nanoseconds initialise{0};
};

/// How compilers are started.
struct Compiler {
  std::string program = "/proc/self/exe";  ///< has to call compiler_main() where it is one
  std::chrono::seconds time{120};
  uint64_t memory_bytes = uint64_t{6} << 30;
};

/// Compiles in a process of its own, which runs the initialiser, too, where there is one; the limits are the
/// initialiser's. Errors: kEndingRefused for what is no module and for compilers that take too long, too much memory,
/// or die.
Ended<Compiled> compile(std::span<const std::byte> wasm, const Limits& limits, const Compiler& compiler);

/// The export of a module that runs once when it is compiled; empty for none.
std::string initialiser_of(std::span<const std::byte> wasm);

/// Whether this process was started as a compiler, and what it then has to return from main().
bool is_compiler(int argc, char** argv);
int compiler_main();

}  // namespace tulle::host
