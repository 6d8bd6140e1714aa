// Files inside a zip archive that ends a byte string, as TensorFlow Lite appends label files to models.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tulle::cli {

/// The contents of a stored or deflated member of at most 16 MB; nothing where there is no archive, no such member, or
/// it is damaged. `bytes` may have anything before the archive.
std::optional<std::string> find_in_zip(std::span<const std::byte> bytes, std::string_view member);

}  // namespace tulle::cli
