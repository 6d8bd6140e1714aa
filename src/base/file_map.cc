// FileMap over mmap; where there is no mmap (wasm) the file is read into memory.
#include "base/file_map.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>

#if !defined(__wasi__)
#include <sys/mman.h>
#endif

namespace tulle {
namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

#if defined(__wasi__)
std::byte* load(int fd, size_t size) {
  auto* data = static_cast<std::byte*>(std::aligned_alloc(64, (size + 63) / 64 * 64));
  for (size_t at = 0; data != nullptr && at < size;) {
    const ssize_t got = ::read(fd, data + at, size - at);
    if (got <= 0) return std::free(data), nullptr;
    at += static_cast<size_t>(got);
  }
  return data;
}
void unload(const std::byte* data, size_t) { std::free(const_cast<std::byte*>(data)); }
#else
std::byte* load(int fd, size_t size) {
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  return data == MAP_FAILED ? nullptr : static_cast<std::byte*>(data);
}
void unload(const std::byte* data, size_t size) { ::munmap(const_cast<std::byte*>(data), size); }
#endif

}  // namespace

Result<std::shared_ptr<const FileMap>> FileMap::open(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) {
    const int error = errno;
    const bool system = error == EMFILE || error == ENFILE || error == ENOMEM || error == EIO || error == EINTR;
    return fail(system ? ErrorCode::kIo : ErrorCode::kNotFound, "{}: {}", path, std::strerror(error));
  }
  struct stat status;
  if (::fstat(file.fd, &status) != 0) return fail(ErrorCode::kIo, "{}: {}", path, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::kInvalidFile, "{}: not a regular file", path);
  if (status.st_size > PTRDIFF_MAX) return fail(ErrorCode::kIo, "{}: too large", path);
  const auto size = static_cast<size_t>(status.st_size);
  std::byte* data = nullptr;
  if (size > 0) {
    data = load(file.fd, size);
    if (data == nullptr) return fail(ErrorCode::kIo, "{}: cannot map {} bytes: {}", path, size, std::strerror(errno));
  }
  const auto nanoseconds = [](const timespec& time) {
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
  };
  const FileState state{status.st_dev, status.st_ino, size, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
  return std::shared_ptr<const FileMap>(new FileMap({data, size}, state));
}

bool FileState::settled() const {
  constexpr uint64_t kLong = 2'000'000'000;
  timespec now;
  if (inode == 0 || ::clock_gettime(CLOCK_REALTIME, &now) != 0) return false;
  return changed + kLong < static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

FileMap::~FileMap() {
  if (!bytes_.empty()) unload(bytes_.data(), bytes_.size());
}

#if defined(__wasi__)
void forget_pages(std::span<const std::byte>) {}
#else
void forget_pages(std::span<const std::byte> bytes) {
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto first = (reinterpret_cast<uintptr_t>(bytes.data()) + page - 1) / page * page;
  const auto last = reinterpret_cast<uintptr_t>(bytes.data() + bytes.size()) / page * page;
  if (first < last) ::madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
}
#endif

}  // namespace tulle
