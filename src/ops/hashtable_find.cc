// HASHTABLE_FIND: the values of keys in a look-up table, or input 2 where a key is not in it.
#include <algorithm>

#include "ops/hash_table.h"
#include "ops/string_tensor.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  if (site.in(0).elements() != 1)
    return site.invalid("input 0 has shape {}, expected one handle", to_string(site.in(0).shape));
  if (site.in(2).elements() < 1)
    return site.invalid("input 2 has shape {}, expected a value", to_string(site.in(2).shape));
  return site.out(0).dtype == DType::kString ? site.defer() : site.set_shape(0, site.in(1).shape);
}

/// Hands `take` each found value, or the default, as a tensor and a position in it.
void look_up(const HashTable& table, const Tensor& keys, const Tensor& otherwise, auto take) {
  for (int64_t i = 0; i < keys.elements(); ++i) {
    const std::optional<int64_t> at = table.find(keys, i);
    take(i, at ? table.values() : otherwise, at.value_or(0));
  }
}

Result<void> find_strings(const Io& io, const HashTable& table, std::string_view where) {
  const Tensor &keys = *io.inputs[1], &otherwise = *io.inputs[2];
  const int64_t header = string_header_bytes(keys.elements());
  int64_t bytes = header;
  look_up(table, keys, otherwise,
          [&](int64_t, const Tensor& from, int64_t at) { bytes += static_cast<int64_t>(string_at(from, at).size()); });
  if (bytes > INT32_MAX) return run_error(where, fmt::format("{} bytes of strings are too many", bytes));
  TULLE_CHECK(io.host->resize(*io.outputs[0], keys.shape, static_cast<size_t>(bytes)));
  auto* offsets = io.out<int32_t>(0);
  *offsets++ = static_cast<int32_t>(keys.elements());
  auto offset = static_cast<int32_t>(header);
  look_up(table, keys, otherwise, [&](int64_t i, const Tensor& from, int64_t at) {
    const std::string_view text = string_at(from, at);
    offsets[i] = offset;
    std::copy(text.begin(), text.end(), io.out<char>(0) + offset);
    offset += static_cast<int32_t>(text.size());
  });
  offsets[keys.elements()] = offset;
  return {};
}

Result<Kernel> prepare(Site& site) {
  return [where = site.where()](const Io& io) -> Result<void> {
    TULLE_TRY(const HashTable table, HashTable::open(*io.host, *io.in<int32_t>(0)));
    const Tensor &keys = *io.inputs[1], &otherwise = *io.inputs[2];
    if (table.key_type() != keys.dtype || table.values().dtype != otherwise.dtype)
      return run_error(where,
                       fmt::format("the table maps {} to {}", name(table.key_type()), name(table.values().dtype)));
    TULLE_CHECK(check_entries(keys, where));
    TULLE_CHECK(check_entries(otherwise, where));
    if (otherwise.dtype == DType::kString) return find_strings(io, table, where);
    look_up(table, keys, otherwise,
            [&](int64_t i, const Tensor& from, int64_t at) { io.out<int64_t>(0)[i] = from.as<const int64_t>()[at]; });
    return {};
  };
}

}  // namespace

extern const Op op_hashtable_find = {
    .types = "res i64 str > str; res str i64 > i64",
    .shape = shape,
    .prepare = prepare,
    .stateful = true,
};

}  // namespace tulle::ops
