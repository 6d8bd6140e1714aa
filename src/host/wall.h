// The wall around the sandbox: what a process that runs guests may still do if a guest gets out.
#pragma once

#include <span>
#include <string>

#include "host/function.h"

namespace tulle::host {

/// From now on this process, all its threads and whatever it starts can open nothing outside these folders (with
/// Landlock), and no socket, program or other process (with seccomp). What is open stays so. To be called while there
/// is one thread. Where the kernel lacks one of the two, the other holds; what does not hold is said, empty for
/// nothing.
std::string raise_wall(std::span<const Directory> directories);

}  // namespace tulle::host
