// Constants: what sessions over one model have computed ahead of time from its constants, computed once and shared.
#pragma once

#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include "base/mutex.h"
#include "kernels/kernels.h"
#include "runtime/bytes.h"
#include "runtime/pack.h"
#include "runtime/session.h"

namespace tulle {

/// Packed weights, which change no more: in memory of this process or in a mapped pack.
struct Kept {
  std::shared_ptr<const std::byte> data;  ///< null for none
  uint64_t bytes = 0;
  bool mapped = false;
};

class Constants {
 public:
  /// Graph; value, or the node that packed weights are for; the kernels that read those, null for a value; their
  /// layout.
  using Key = std::tuple<int, int32_t, const kernels::Kernels*, int32_t>;

  std::shared_ptr<const Bytes> find(Key key) const {
    const Lock lock(mutex_);
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : found->second;
  }
  /// Adds bytes, which are complete and change no more. Where another session was first, its bytes are returned.
  std::shared_ptr<const Bytes> publish(Key key, std::shared_ptr<const Bytes> bytes) {
    const Lock lock(mutex_);
    return entries_.emplace(key, std::move(bytes)).first->second;
  }

  /// Packed weights of so many bytes: those of a session that was first, else those of the pack where they are whole.
  Kept find_kept(const Key& key, uint64_t bytes);
  Kept publish_kept(const Key& key, Kept kept);

  /// Serves packed weights out of this pack from now on.
  void use(std::shared_ptr<const Pack> pack, const PackTarget& target);
  /// What was wrong with weights of the pack that had to be packed anew; empty for nothing.
  std::string damage() const;

  struct Written {
    uint64_t weights = 0;
    uint64_t bytes = 0;
  };
  /// Writes what was packed for the target so far as a pack, and with it what is whole in the pack in use. Errors are
  /// those of write_pack.
  Result<Written> write(const std::string& path, const PackTarget& target) const;

 private:
  mutable Mutex mutex_;
  std::map<Key, std::shared_ptr<const Bytes>> entries_;
  std::map<Key, Kept> kept_;
  std::shared_ptr<const Pack> pack_;
  PackTarget target_;
  std::string damage_;
};

}  // namespace tulle
