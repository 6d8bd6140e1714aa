// A new file beside the old one takes its place once all of it is written.
#include "cli/bench_write.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include "base/write_all.h"
#include "cli/npy.h"

namespace tulle::cli {
namespace {

std::unexpected<Error> cannot_write(const std::string& path) {
  return fail(ErrorCode::kIo, "{}: cannot write: {}", path, std::strerror(errno));
}

/// Where a path leads through symbolic links, so that the file they name is replaced and not a link.
std::string resolved(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  return real == nullptr ? path : real.get();
}

/// False with errno where it fails; the file may be there all the same.
bool write_new(const std::string& path, std::string_view text, const mode_t* mode) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) return false;
  const bool written = (mode == nullptr || ::fchmod(fd, *mode) == 0) && write_all(fd, std::as_bytes(std::span(text)));
  const int error = errno;
  const bool closed = ::close(fd) == 0;  // some file systems tell only now that there is no room
  if (!written) errno = error;
  return written && closed;
}

}  // namespace

Result<void> write_whole(const std::string& path, std::string_view text) {
  const std::string target = resolved(path);
  struct stat status;
  const bool exists = ::stat(target.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) return write_file(path, std::as_bytes(std::span(text)));
  if (exists && ::access(target.c_str(), W_OK) != 0) return cannot_write(path);
  const std::string beside = fmt::format("{}.{}.part", target, ::getpid());
  const mode_t mode = exists ? status.st_mode & 07777 : 0;
  if (write_new(beside, text, exists ? &mode : nullptr) && ::rename(beside.c_str(), target.c_str()) == 0) return {};
  const int error = errno;
  if (error != EEXIST) ::unlink(beside.c_str());
  errno = error;
  return cannot_write(path);
}

}  // namespace tulle::cli
