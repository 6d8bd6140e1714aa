// Look-up tables between int64 and strings, kept in resource variables: the keys, the values, and the order of the
// keys.
#pragma once

#include <optional>

#include "ops/op.h"

namespace tulle::ops {

/// The handle of the table with this number; what table operators hand on.
int32_t table_handle(Host& host, int64_t table_id);

/// Fills a table; one that is filled already stays as it is. `order` is room for one number a key.
Result<void> fill_table(Host& host, int32_t handle, const Tensor& keys, const Tensor& values, int32_t* order,
                        std::string_view where);

/// A filled table. Valid until variables change.
class HashTable {
 public:
  /// An error where the table was not filled.
  static Result<HashTable> open(Host& host, int32_t handle);

  const Tensor& values() const { return values_; }
  DType key_type() const { return keys_.dtype; }
  /// The number of different keys.
  int64_t size() const;
  /// Position among the values of the first entry with the key that stands at `at` in `keys`.
  std::optional<int64_t> find(const Tensor& keys, int64_t at) const;

 private:
  Tensor keys_, values_, order_;
};

/// Whether the tensor holds so many int64 or well-formed strings; strings that come from outside may be anything.
bool holds_entries(const Tensor& tensor, int64_t count);
/// An error unless the tensor holds what its shape says.
Result<void> check_entries(const Tensor& tensor, std::string_view where);

}  // namespace tulle::ops
