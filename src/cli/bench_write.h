// Files that bench leaves behind.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tulle::cli {

/// Writes a file as a whole: where that fails, what was there before is there still and nothing else is left. What is
/// no regular file (a pipe, a device) is written in place. Errors are kIo and begin with the path.
Result<void> write_whole(const std::string& path, std::string_view text);

}  // namespace tulle::cli
