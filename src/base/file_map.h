// FileMap: a whole file as read-only bytes, mapped, not read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"

namespace tulle {

/// Which file it was, and in which state: whoever writes to a file or puts another in its place changes one of these.
/// All 0 where it is not known. Times are nanoseconds since 1970.
struct FileState {
  uint64_t device = 0, inode = 0, bytes = 0, modified = 0, changed = 0;
  bool operator==(const FileState&) const = default;
  /// Whether it was left alone for so long that later writes have a later time: clocks of files move in steps.
  bool settled() const;
};

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
  /// As it was when it was opened.
  const FileState& state() const { return state_; }

 private:
  FileMap(std::span<const std::byte> bytes, const FileState& state) : bytes_(bytes), state_(state) {}
  std::span<const std::byte> bytes_;
  FileState state_;
};

/// Lets the system take back the memory of those pages that lie wholly in `bytes`, which must be part of a FileMap.
/// They are read from the file again when they are looked at.
void forget_pages(std::span<const std::byte> bytes);

}  // namespace tulle
