// Constants: what sessions over one model have computed ahead of time from its constants, computed once and shared.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <utility>

#include "runtime/bytes.h"
#include "runtime/session.h"

namespace tulle {

class Constants {
 public:
  /// Graph; value, or the node that packed weights are for; the kernels that read those, null for a value; their
  /// layout.
  using Key = std::tuple<int, int32_t, const void*, int32_t>;

  std::shared_ptr<const Bytes> find(Key key) const {
    const std::scoped_lock lock(mutex_);
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : found->second;
  }
  /// Adds bytes, which are complete and change no more. Where another session was first, its bytes are returned.
  std::shared_ptr<const Bytes> publish(Key key, std::shared_ptr<const Bytes> bytes) {
    const std::scoped_lock lock(mutex_);
    return entries_.emplace(key, std::move(bytes)).first->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<Key, std::shared_ptr<const Bytes>> entries_;
};

}  // namespace tulle
