// Artefacts: compiled guests that are kept from run to run.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "host/compile.h"
#include "host/ending.h"
#include "host/file.h"

namespace tulle::host {

/// Something to load a guest from.
struct Artefact {
  File file;
  std::chrono::nanoseconds initialise{0};  ///< what its initialiser took, in this run; 0 where it was kept
};

/// A folder that is the user's alone. An artefact is named by a digest of the wasm and of the engine's version, and
/// sealed with a key that never leaves the folder: what somebody else put there, or what was damaged, is not taken.
/// Safe to use from many threads and processes.
class Artefacts {
 public:
  /// An empty folder keeps nothing.
  explicit Artefacts(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// The artefact of a module, compiled now where it is not kept yet. Errors as of compile().
  Ended<Artefact> get(std::span<const std::byte> wasm, const Limits& limits, const Compiler& compiler) const;

  /// Compiles in any case and keeps the artefact, for the module and for what it is after its initialiser, which is
  /// given back where there is one.
  Ended<Compiled> renew(std::span<const std::byte> wasm, const Limits& limits, const Compiler& compiler) const;

  /// Forgets a module's artefact.
  void drop(std::span<const std::byte> wasm) const;

 private:
  /// The key, made where there is none; empty where there can't be one.
  std::string key() const;
  std::optional<File> find(const std::string& name) const;
  void keep(const std::string& name, const File& artefact) const;

  std::filesystem::path folder_;
};

/// All of a file in memory or on disk, mapped for reading while this lives.
class Mapped {
 public:
  explicit Mapped(const File& file);
  ~Mapped();
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace tulle::host
