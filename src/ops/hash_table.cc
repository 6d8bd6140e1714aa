// Tables as three variables.
#include "ops/hash_table.h"

#include <algorithm>
#include <numeric>

#include "ops/string_tensor.h"

namespace tulle::ops {
namespace {

int32_t values_of(Host& host, int32_t handle) { return host.variable("table values", std::to_string(handle)); }
int32_t order_of(Host& host, int32_t handle) { return host.variable("table order", std::to_string(handle)); }

/// The order of two entries of tensors of the same type.
std::strong_ordering compare(const Tensor& a, int64_t i, const Tensor& b, int64_t j) {
  if (a.dtype == DType::kString) return string_at(a, i) <=> string_at(b, j);
  return a.as<const int64_t>()[i] <=> b.as<const int64_t>()[j];
}

}  // namespace

int32_t table_handle(Host& host, int64_t table_id) { return host.variable("table keys", std::to_string(table_id)); }

bool holds_entries(const Tensor& tensor, int64_t count) {
  if (tensor.elements() != count) return false;
  return tensor.dtype == DType::kString ? holds_strings(tensor) : tensor.dtype == DType::kInt64;
}

Result<void> check_entries(const Tensor& tensor, std::string_view where) {
  if (holds_entries(tensor, tensor.elements())) return {};
  return run_error(where, fmt::format("'{}' does not hold {} strings", tensor.name, tensor.elements()));
}

Result<void> fill_table(Host& host, int32_t handle, const Tensor& keys, const Tensor& values, int32_t* order,
                        std::string_view where) {
  const int32_t order_handle = order_of(host, handle);
  if (host.read_variable(order_handle)) return {};
  TULLE_CHECK(check_entries(keys, where));
  TULLE_CHECK(check_entries(values, where));
  const auto count = static_cast<int32_t>(keys.elements());
  std::iota(order, order + count, 0);
  std::sort(order, order + count, [&](int32_t i, int32_t j) {
    const auto by_key = compare(keys, i, keys, j);
    return by_key < 0 || (by_key == 0 && i < j);
  });
  Tensor positions = {.dtype = DType::kInt32, .shape = {count}, .bytes = sizeof(int32_t) * static_cast<size_t>(count)};
  positions.data = reinterpret_cast<std::byte*>(order);
  TULLE_CHECK(host.assign_variable(handle, keys));
  TULLE_CHECK(host.assign_variable(values_of(host, handle), values));
  return host.assign_variable(order_handle, positions);
}

Result<HashTable> HashTable::open(Host& host, int32_t handle) {
  HashTable table;
  TULLE_TRY(table.order_, host.read_variable(order_of(host, handle)));
  TULLE_TRY(table.keys_, host.read_variable(handle));
  TULLE_TRY(table.values_, host.read_variable(values_of(host, handle)));
  // Handles are numbers that a model may make up, so nothing is sure about the three.
  const int64_t count = table.order_.elements();
  const int32_t* order = table.order_.as<const int32_t>();
  const auto inside = [&](int32_t i) { return i >= 0 && i < count; };
  const bool sound = table.order_.dtype == DType::kInt32 && std::all_of(order, order + count, inside) &&
                     holds_entries(table.keys_, count) && holds_entries(table.values_, count);
  if (!sound) return fail(ErrorCode::kRuntime, "variable {} holds no table", handle);
  return table;
}

int64_t HashTable::size() const {
  const int32_t* order = order_.as<const int32_t>();
  int64_t different = 0;
  for (int64_t i = 0; i < order_.elements(); ++i)
    different += i == 0 || compare(keys_, order[i - 1], keys_, order[i]) != 0;
  return different;
}

std::optional<int64_t> HashTable::find(const Tensor& keys, int64_t at) const {
  const int32_t* order = order_.as<const int32_t>();
  const int32_t* end = order + order_.elements();
  const int32_t* found =
      std::lower_bound(order, end, at, [&](int32_t i, int64_t key) { return compare(keys_, i, keys, key) < 0; });
  if (found == end || compare(keys_, *found, keys, at) != 0) return std::nullopt;
  return *found;
}

}  // namespace tulle::ops
