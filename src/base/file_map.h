// FileMap: a whole file as read-only bytes, mapped, not read.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"

namespace tulle {

/// Owns a read-only private mapping of a file. The bytes stay valid and unmoved for the life of the object.
/// The file must not be shortened meanwhile (the system would raise SIGBUS, as for every mapped file).
class FileMap {
 public:
  /// Errors: kNotFound where there is no such file or it may not be opened, kInvalidFile where it is no regular file,
  /// kIo where the system fails.
  static Result<std::shared_ptr<const FileMap>> open(const std::string& path);

  ~FileMap();
  FileMap(const FileMap&) = delete;
  FileMap& operator=(const FileMap&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  explicit FileMap(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> bytes_;
};

/// Lets the system take back the memory of those pages that lie wholly in `bytes`, which must be part of a FileMap.
/// They are read from the file again when they are looked at.
void forget_pages(std::span<const std::byte> bytes);

}  // namespace tulle
