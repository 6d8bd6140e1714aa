// Pack: packed weights of a model in a file, so that the next process maps what this one had to compute.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_map.h"
#include "base/result.h"
#include "graph/graph.h"

namespace tulle {

/// What weights are packed for; a pack serves nothing else.
struct PackTarget {
  std::string_view set;                      ///< Kernels::name
  uint64_t model_bytes = 0, model_hash = 0;  ///< of the whole file of the model, XXH64
  FileState file = {};                       ///< which it is, where known; no part of what a pack serves
  bool operator==(const PackTarget& other) const {
    return set == other.set && model_bytes == other.model_bytes && model_hash == other.model_hash;
  }
};

/// The target of a model and this process. Takes the hash out of `pack`, a file that need not be there, where that was
/// written for this very file and nobody has touched it since; else reads the whole file, whose pages are given back on
/// the way. Errors: kUnsupported where the plain loops run, which pack nothing; kInvalidArgument where the model comes
/// from no bytes.
Result<PackTarget> pack_target(const Model& model, const std::string& pack = "");

class Pack {
 public:
  /// Which node of which graph packed a block, and in what layout (see ops::Host::keep).
  struct Key {
    int32_t graph = 0, node = 0, layout = 0;
    auto operator<=>(const Key&) const = default;
  };
  struct Block {
    Key key;
    std::span<const std::byte> bytes;
  };

  /// Maps a pack and checks all but its blocks. Errors begin with the path and say what was expected and found:
  /// kNotFound, kIo; kInvalidFile for what is no pack, stale, of another model or instruction set, or damaged.
  static Result<std::shared_ptr<const Pack>> open(const std::string& path, const PackTarget& target);
  /// The same for bytes aligned to 64, which `owner` keeps alive. Works for any bytes.
  static Result<std::shared_ptr<const Pack>> read(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                                                  const PackTarget& target);

  size_t size() const { return count_; }
  Key key(size_t i) const;
  /// Block i, aligned to 64 and alive as long as the pack; kInvalidFile where its checksum is wrong. Reads all of it.
  Result<std::span<const std::byte>> block(size_t i) const;
  /// The position of a block.
  std::optional<size_t> find(const Key& key) const;
  /// The bytes of block i, without looking at them.
  uint64_t block_bytes(size_t i) const;

 private:
  struct Entry;
  Entry entry(size_t i) const;
  Result<void> check(const PackTarget& target);

  std::span<const std::byte> bytes_;
  std::shared_ptr<const void> owner_;
  size_t count_ = 0;
};

/// Writes a pack of blocks in ascending order of their keys: to a file beside it that then takes its place, so nobody
/// ever sees half of one, however many write it at once. Returns its size in bytes. Errors begin with the path: kIo,
/// and kInvalidArgument where something other than a regular file is there.
Result<uint64_t> write_pack(const std::string& path, const PackTarget& target, std::span<const Pack::Block> blocks);

}  // namespace tulle
