// Beside each artefact lies its seal: HMAC-SHA-256, by the folder's key, of the artefact's name and bytes.
#include "host/artefacts.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <array>

#include "base/write_all.h"
#include "host/cache_folder.h"

namespace tulle::host {
namespace {

namespace fs = std::filesystem;

/// Another one for every change of the engine, as the build has it.
constexpr std::string_view kVersion = TULLE_ENGINE_VERSION;
constexpr size_t kKeyBytes = 32;
constexpr uint64_t kMostBytes = uint64_t{4} << 30;  ///< of the folder

using Digest = std::array<uint8_t, 32>;

std::string name_of(std::span<const std::byte> wasm) {
  Digest digest;
  tulle_digest(host::view(kVersion), host::view(wasm), digest.data());
  std::string name;
  for (const uint8_t byte : digest) name += fmt::format("{:02x}", byte);
  return name + ".guest";
}

File open_own(const fs::path& path) {
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_uid != ::geteuid())
    return File();
  return file;
}

std::string read_own(const fs::path& path, size_t most) {
  const File file = open_own(path);
  std::string bytes(most, '\0');
  const ssize_t got = file ? ::read(file.get(), bytes.data(), bytes.size()) : 0;
  bytes.resize(got < 0 ? 0 : static_cast<size_t>(got));
  return bytes;
}

/// A whole file under its name at once, or none.
bool put(const fs::path& path, std::span<const std::byte> bytes) {
  std::string made = path.string() + ".XXXXXX";
  const File file(::mkostemp(made.data(), O_CLOEXEC));
  if (file && write_all(file.get(), bytes) && ::rename(made.c_str(), path.c_str()) == 0) return true;
  if (file) ::unlink(made.c_str());
  return false;
}

}  // namespace

Mapped::Mapped(const File& file) {
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0 || status.st_size == 0) return;
  const auto size = static_cast<size_t>(status.st_size);
  void* at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (at != MAP_FAILED) bytes_ = {static_cast<const std::byte*>(at), size};
}

Mapped::~Mapped() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

std::string Artefacts::key() const {
  if (folder_.empty() || !make_folder(folder_)) return {};
  const fs::path path = folder_ / "key";
  std::string key = read_own(path, kKeyBytes);
  if (key.size() == kKeyBytes) return key;
  key.resize(kKeyBytes);
  if (::getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(kKeyBytes)) return {};
  // Two processes may make one at a time: what lies there in the end counts.
  if (!put(path, std::as_bytes(std::span(key)))) return {};
  key = read_own(path, kKeyBytes);
  return key.size() == kKeyBytes ? key : std::string();
}

std::optional<File> Artefacts::find(const std::string& name) const {
  const std::string key = this->key();
  if (key.empty()) return std::nullopt;
  File file = open_own(folder_ / name);
  const std::string seal = read_own(folder_ / (name + ".seal"), sizeof(Digest));
  if (!file || seal.size() != sizeof(Digest)) return std::nullopt;
  const Mapped bytes(file);
  if (bytes.bytes().empty() ||
      !tulle_is_sealed(host::view(key), host::view(name), host::view(bytes.bytes()), host::view(seal)))
    return std::nullopt;
  ::futimens(file.get(), nullptr);  // was used now
  return file;
}

void Artefacts::keep(const std::string& name, const File& artefact) const {
  const std::string key = this->key();
  if (key.empty()) return;
  const Mapped bytes(artefact);
  Digest seal;
  tulle_seal(host::view(key), host::view(name), host::view(bytes.bytes()), seal.data());
  // A seal that does not belong to the artefact beside it fits none.
  if (put(folder_ / name, bytes.bytes())) put(folder_ / (name + ".seal"), std::as_bytes(std::span(seal)));
  trim_folder(folder_, ".guest", kMostBytes);
}

Ended<Artefact> Artefacts::get(std::span<const std::byte> wasm, const Limits& limits, const Compiler& compiler) const {
  const std::string name = name_of(wasm);
  if (auto kept = find(name)) return Artefact{*std::move(kept)};
  auto compiled = renew(wasm, limits, compiler);
  if (!compiled) return std::unexpected(std::move(compiled).error());
  // Pages of a file can be given back and shared, those of a file in memory can't.
  if (auto kept = find(name)) compiled->artefact = *std::move(kept);
  return Artefact{std::move(compiled->artefact), compiled->initialise};
}

Ended<Compiled> Artefacts::renew(std::span<const std::byte> wasm, const Limits& limits,
                                 const Compiler& compiler) const {
  auto compiled = compile(wasm, limits, compiler);
  if (!compiled) return compiled;
  keep(name_of(wasm), compiled->artefact);
  if (compiled->snapshot) keep(name_of(Mapped(compiled->snapshot).bytes()), compiled->artefact);
  return compiled;
}

void Artefacts::drop(std::span<const std::byte> wasm) const {
  if (!folder_.empty()) ::unlink((folder_ / (name_of(wasm) + ".seal")).c_str());
}

}  // namespace tulle::host
