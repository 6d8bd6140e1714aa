// Packs, all little-endian: a header, a table of entries in ascending order of their keys, a checksum of both, blocks.
//   header, 104 bytes: magic[8]; uint32 format version, layout version; char set[16], padded with zeros;
//                      uint64 bytes and hash of the model's file, bytes of this file, number of entries;
//                      uint64 device, inode, bytes, times of modification and change of the model's file, or zeros
//   entry, 40 bytes:   int32 graph, node, layout; uint32 0; uint64 offset, bytes and checksum of its block
// Blocks begin at multiples of 64. Checksums are XXH64.
#include "runtime/pack.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/file_map.h"
#include "base/hash.h"
#include "base/write_all.h"
#include "kernels/isa.h"
#include "runtime/plan.h"

namespace tulle {
namespace {

constexpr std::string_view kMagic{"TULLEPK\0", 8};
constexpr uint32_t kFormatVersion = 2;
constexpr size_t kSetAt = 16, kSetBytes = 16, kStateAt = 64, kHeader = 104, kEntry = 40, kChecksum = 8;

template <class T>
T get(std::span<const std::byte> bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  return value;
}

template <class T>
void put(std::vector<std::byte>& bytes, T value) {
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  const auto* raw = reinterpret_cast<const std::byte*>(&value);
  bytes.insert(bytes.end(), raw, raw + sizeof(value));
}

uint64_t aligned(uint64_t at) { return (at + kAlignment - 1) / kAlignment * kAlignment; }

/// The name without the zeros behind it.
std::string_view set_of(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + kSetAt, kSetBytes);
  return text.substr(0, text.find_last_not_of('\0') + 1);
}

template <class... Args>
std::unexpected<Error> refuse(fmt::format_string<Args...> format, Args&&... args) {
  return fail(ErrorCode::kInvalidFile, format, std::forward<Args>(args)...);
}

}  // namespace

namespace {

FileState state_of(std::span<const std::byte> head) {
  return {get<uint64_t>(head, kStateAt), get<uint64_t>(head, kStateAt + 8), get<uint64_t>(head, kStateAt + 16),
          get<uint64_t>(head, kStateAt + 24), get<uint64_t>(head, kStateAt + 32)};
}

/// Bytes of the header and the table, after which comes their checksum; 0 where there is no room for so many entries.
size_t head_bytes(std::span<const std::byte> pack) {
  if (pack.size() < kHeader + kChecksum) return 0;
  const auto count = get<uint64_t>(pack, 56);
  return count > (pack.size() - kHeader - kChecksum) / kEntry ? 0 : kHeader + static_cast<size_t>(count) * kEntry;
}

/// The hash of a model's file as a pack has it that was written for it in this state.
std::optional<uint64_t> remembered(const std::string& path, const FileState& file) {
  if (path.empty() || file == FileState{}) return std::nullopt;
  const auto found = FileMap::open(path);
  if (!found) return std::nullopt;
  const std::span<const std::byte> pack = (*found)->bytes();
  const size_t end = head_bytes(pack);
  const bool ours = end > 0 && std::memcmp(pack.data(), kMagic.data(), kMagic.size()) == 0 &&
                    get<uint32_t>(pack, 8) == kFormatVersion && state_of(pack) == file &&
                    hash(pack.first(end)) == get<uint64_t>(pack, end);
  return ours ? std::optional(get<uint64_t>(pack, 40)) : std::nullopt;
}

}  // namespace

Result<PackTarget> pack_target(const Model& model, const std::string& pack) {
  TULLE_TRY(const kernels::Kernels* kernels, kernels::choose());
  if (kernels == nullptr) return fail(ErrorCode::kUnsupported, "the reference loops pack no weights");
  std::span<const std::byte> bytes = model.origin.bytes;
  if (bytes.empty()) return fail(ErrorCode::kInvalidArgument, "a model that comes from no file has no packs");
  PackTarget target{kernels->name, bytes.size(), 0, model.origin.file};
  if (const auto hash = remembered(pack, target.file)) {
    target.model_hash = *hash;
    return target;
  }
  Hasher hasher;
  constexpr size_t kPiece = 1 << 20;
  for (; bytes.size() > kPiece; bytes = bytes.subspan(kPiece)) {
    hasher.add(bytes.first(kPiece));
    if (model.origin.in_file) forget_pages(bytes.first(kPiece));
  }
  target.model_hash = hasher.end(bytes);
  if (model.origin.in_file) forget_pages(bytes);
  return target;
}

struct Pack::Entry {
  Key key;
  uint32_t zero;
  uint64_t offset, bytes, checksum;
};

Pack::Entry Pack::entry(size_t i) const {
  const auto raw = bytes_.subspan(kHeader + i * kEntry, kEntry);
  return {{get<int32_t>(raw, 0), get<int32_t>(raw, 4), get<int32_t>(raw, 8)},
          get<uint32_t>(raw, 12),
          get<uint64_t>(raw, 16),
          get<uint64_t>(raw, 24),
          get<uint64_t>(raw, 32)};
}

Result<std::shared_ptr<const Pack>> Pack::open(const std::string& path, const PackTarget& target) {
  TULLE_TRY(const auto file, FileMap::open(path));
  return within(read(file->bytes(), file, target), "{}", path);
}

Result<std::shared_ptr<const Pack>> Pack::read(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                                               const PackTarget& target) {
  auto pack = std::make_shared<Pack>();
  pack->bytes_ = bytes;
  pack->owner_ = std::move(owner);
  TULLE_CHECK(pack->check(target));
  return pack;
}

Result<void> Pack::check(const PackTarget& target) {
  const std::string_view begin(reinterpret_cast<const char*>(bytes_.data()), std::min(bytes_.size(), kMagic.size()));
  if (begin != kMagic) return refuse("not a pack: it begins with {:?}, expected {:?}", begin, kMagic);
  if (bytes_.size() < kHeader + kChecksum)
    return refuse("cut short: {} bytes, a pack has at least {}", bytes_.size(), kHeader + kChecksum);
  if (const auto found = get<uint32_t>(bytes_, 8); found != kFormatVersion)
    return refuse("format version {}, expected {}", found, kFormatVersion);
  if (const auto found = get<uint32_t>(bytes_, 12); found != kernels::kLayoutVersion)
    return refuse("layout version {}, expected {}", found, kernels::kLayoutVersion);
  if (set_of(bytes_) != target.set)
    return refuse("packed for the instruction set {:?}, expected {:?}", set_of(bytes_), target.set);
  const auto model_bytes = get<uint64_t>(bytes_, 32), model_hash = get<uint64_t>(bytes_, 40);
  if (model_bytes != target.model_bytes || model_hash != target.model_hash)
    return refuse("packed from another model, of {} bytes and hash {:016x}, expected {} bytes and {:016x}", model_bytes,
                  model_hash, target.model_bytes, target.model_hash);
  if (const auto found = get<uint64_t>(bytes_, 48); found != bytes_.size())
    return refuse("cut short or damaged: {} bytes, expected {}", bytes_.size(), found);
  const size_t end = head_bytes(bytes_);
  if (end == 0)
    return refuse("damaged: {} entries, there is room for {}", get<uint64_t>(bytes_, 56),
                  (bytes_.size() - kHeader - kChecksum) / kEntry);
  count_ = (end - kHeader) / kEntry;
  if (const auto found = hash(bytes_.first(end)), expected = get<uint64_t>(bytes_, end); found != expected)
    return refuse("damaged: the table's checksum is {:016x}, expected {:016x}", found, expected);
  for (size_t i = 0; i < count_; ++i) {
    const Entry e = entry(i);
    const bool inside = e.offset >= end + kChecksum && e.bytes <= bytes_.size() && e.offset <= bytes_.size() - e.bytes;
    if (!inside || e.offset % kAlignment != 0 || e.zero != 0 || (i > 0 && key(i - 1) >= e.key))
      return refuse("damaged: entry {}, {} bytes at {} of {}, is none that could be written", i, e.bytes, e.offset,
                    bytes_.size());
  }
  return {};
}

Pack::Key Pack::key(size_t i) const { return entry(i).key; }
uint64_t Pack::block_bytes(size_t i) const { return entry(i).bytes; }

std::optional<size_t> Pack::find(const Key& wanted) const {
  size_t low = 0, high = count_;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (key(middle) < wanted)
      low = middle + 1;
    else
      high = middle;
  }
  return low < count_ && key(low) == wanted ? std::optional(low) : std::nullopt;
}

Result<std::span<const std::byte>> Pack::block(size_t i) const {
  const Entry e = entry(i);
  const auto bytes = bytes_.subspan(static_cast<size_t>(e.offset), static_cast<size_t>(e.bytes));
  if (const uint64_t found = hash(bytes); found != e.checksum)
    return refuse("damaged: the checksum of the weights of graph {} node {} is {:016x}, expected {:016x}", e.key.graph,
                  e.key.node, found, e.checksum);
  return bytes;
}

namespace {

std::unexpected<Error> cannot_write(const std::string& path, int error) {
  return fail(ErrorCode::kIo, "{}: cannot write: {}", path, std::strerror(error));
}

/// A new file beside the one whose place it is to take; it is removed again unless it came to that.
class Draft {
 public:
  Draft() = default;
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    if (fd_ >= 0) ::close(fd_);
    if (!name_.empty()) ::unlink(name_.c_str());
  }

  /// These and the next give false with errno where the system fails.
  bool create(const std::string& target) {
    constexpr int kNames = 1000;  // other threads may write beside this one, and crashes leave files behind
    for (int i = 0; i < kNames && fd_ < 0; ++i) {
      std::string name = fmt::format("{}.{}-{}.part", target, ::getpid(), i);
      fd_ = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (fd_ >= 0)
        name_ = std::move(name);
      else if (errno != EEXIST)
        return false;
    }
    return fd_ >= 0;
  }
  bool write(std::span<const std::byte> bytes) { return write_all(fd_, bytes); }
  bool publish(const std::string& target) {
    if (::fsync(fd_) != 0 || ::close(std::exchange(fd_, -1)) != 0 || ::rename(name_.c_str(), target.c_str()) != 0)
      return false;
    name_.clear();
    return true;
  }

 private:
  int fd_ = -1;
  std::string name_;
};

/// Header, table and checksum; sets the size of the whole file.
std::vector<std::byte> head_of(const PackTarget& target, std::span<const Pack::Block> blocks, uint64_t& file_bytes) {
  const size_t end = kHeader + blocks.size() * kEntry + kChecksum;
  file_bytes = end;
  for (const Pack::Block& block : blocks) file_bytes = aligned(file_bytes) + block.bytes.size();
  std::vector<std::byte> head;
  head.reserve(end);
  const auto* magic = reinterpret_cast<const std::byte*>(kMagic.data());
  head.insert(head.end(), magic, magic + kMagic.size());
  put(head, kFormatVersion);
  put(head, kernels::kLayoutVersion);
  for (size_t i = 0; i < kSetBytes; ++i) put(head, i < target.set.size() ? target.set[i] : '\0');
  put(head, target.model_bytes);
  put(head, target.model_hash);
  put(head, file_bytes);
  put(head, static_cast<uint64_t>(blocks.size()));
  const FileState file = target.file.settled() ? target.file : FileState{};
  for (const uint64_t number : {file.device, file.inode, file.bytes, file.modified, file.changed}) put(head, number);
  uint64_t at = end;
  for (const Pack::Block& block : blocks) {
    at = aligned(at);
    for (const int32_t number : {block.key.graph, block.key.node, block.key.layout, 0}) put(head, number);
    put(head, at);
    put(head, static_cast<uint64_t>(block.bytes.size()));
    put(head, hash(block.bytes));
    at += block.bytes.size();
  }
  put(head, hash(head));
  return head;
}

}  // namespace

Result<uint64_t> write_pack(const std::string& path, const PackTarget& target, std::span<const Pack::Block> blocks) {
#if defined(__wasi__)
  const std::string& file = path;
#else
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  const std::string file = real == nullptr ? path : real.get();  // links stay, what they name is replaced
#endif
  struct stat status;
  if (::stat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
    return fail(ErrorCode::kInvalidArgument, "{}: not a regular file", path);
  uint64_t bytes = 0;
  const std::vector<std::byte> head = head_of(target, blocks, bytes);
  Draft draft;
  bool good = draft.create(file) && draft.write(head);
  uint64_t at = head.size();
  for (const Pack::Block& block : blocks) {
    constexpr std::byte kZeros[kAlignment] = {};
    good = good && draft.write(std::span(kZeros).first(aligned(at) - at)) && draft.write(block.bytes);
    at = aligned(at) + block.bytes.size();
  }
  if (!good || !draft.publish(file)) return cannot_write(path, errno);
  return bytes;
}

}  // namespace tulle
