// UNIQUE: the different elements of a vector in the order they come, and for each element which of them it is.
#include "ops/unique.ref.h"

#include <algorithm>

#include "ops/op.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

int64_t key_at(const Tensor& tensor, int64_t i) {
  switch (tensor.dtype) {
    case DType::kFloat32: return tulle_float_key(tensor.as<const float>()[i]);
    case DType::kInt64: return tensor.as<const int64_t>()[i];
    case DType::kInt32: return tensor.as<const int32_t>()[i];
    case DType::kInt16: return tensor.as<const int16_t>()[i];
    case DType::kUint16: return tensor.as<const uint16_t>()[i];
    case DType::kInt8: return tensor.as<const int8_t>()[i];
    default: return tensor.as<const uint8_t>()[i];
  }
}

Result<void> shape(Site& site) {
  const Tensor& in = site.in(0);
  if (in.shape.rank() != 1) return site.invalid("input {} must be a vector", to_string(in.shape));
  TULLE_CHECK(site.set_shape(1, in.shape));
  if (!site.known(0)) return site.defer();
  const auto count = static_cast<size_t>(in.elements());
  std::vector<int64_t> keys(count);
  std::vector<int32_t> order(count), places(count), firsts(count);
  for (size_t i = 0; i < count; ++i) keys[i] = key_at(in, static_cast<int64_t>(i));
  return site.set_shape(
      0, Shape{tulle_ref_unique(keys.data(), static_cast<int32_t>(count), order.data(), places.data(), firsts.data())});
}

Result<Kernel> prepare(Site& site) {
  const int32_t count = static_cast<int32_t>(site.in(0).elements()), expected = site.out(0).shape[0];
  const int keys_at = site.scratch(8 * static_cast<uint64_t>(count)),
            order_at = site.scratch(4 * static_cast<uint64_t>(count)),
            places_at = site.scratch(4 * static_cast<uint64_t>(count)),
            firsts_at = site.scratch(4 * static_cast<uint64_t>(count));
  return
      [=, unit = element_bytes(site.in(0)), wide = site.out(1).dtype == DType::kInt64](const Io& io) -> Result<void> {
        auto* keys = reinterpret_cast<int64_t*>(io.scratch[keys_at]);
        auto* order = reinterpret_cast<int32_t*>(io.scratch[order_at]);
        auto* places = reinterpret_cast<int32_t*>(io.scratch[places_at]);
        auto* firsts = reinterpret_cast<int32_t*>(io.scratch[firsts_at]);
        for (int32_t i = 0; i < count; ++i) keys[i] = key_at(*io.inputs[0], i);
        const int32_t found = std::min(tulle_ref_unique(keys, count, order, places, firsts), expected);
        for (int32_t i = 0; i < found; ++i)
          tulle_ref_piece(io.in<char>(0) + firsts[i] * unit, io.out<char>(0) + i * unit, unit);
        for (int32_t i = 0; i < count; ++i) {
          if (wide)
            io.out<int64_t>(1)[i] = places[i];
          else
            io.out<int32_t>(1)[i] = places[i];
        }
        return {};
      };
}

}  // namespace

extern const Op op_unique = {
    .types = "T > T i32|i64 : T=f32 i32 i64 i16 u16 i8 u8",
    .shape = shape,
    .prepare = prepare,
};

}  // namespace tulle::ops
