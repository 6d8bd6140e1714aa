// TOPK_V2: the k largest elements along the last dimension and their positions; k is input 1.
#include "ops/topk_v2.ref.h"

#include <algorithm>

#include "ops/operand.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  if (!site.known(1)) return site.defer();
  const std::vector<int64_t> ks = integers(site, 1);
  if (ks.size() != 1) return site.invalid("input 1 has {} elements, expected one number", ks.size());
  Shape out = site.in(0).shape;
  if (out.rank() == 0) return site.invalid("input 0 is a scalar, expected at least one dimension");
  int32_t& last = out[out.rank() - 1];
  if (ks[0] > last) return site.invalid("k is {}, more than the {} elements of a row", ks[0], last);
  last = static_cast<int32_t>(std::max<int64_t>(ks[0], 0));
  TULLE_CHECK(site.set_shape(0, out));
  return site.set_shape(1, out);
}

template <class T, class Position>
Kernel top(Site& site, tulle_top find) {
  const Shape& in = site.in(0).shape;
  const int32_t size = in[in.rank() - 1], k = site.out(0).shape[in.rank() - 1];
  const int64_t rows = site.out(0).elements() == 0 ? 0 : site.out(0).elements() / k;
  const int scratch = site.scratch(sizeof(int32_t) * static_cast<uint64_t>(k));
  return [=](const Io& io) -> Result<void> {
    auto* heap = reinterpret_cast<int32_t*>(io.scratch[static_cast<size_t>(scratch)]);
    const T* x = io.in<T>(0);
    T* values = io.out<T>(0);
    Position* positions = io.out<Position>(1);
    for (int64_t row = 0; row < rows; ++row, x += size) {
      find(x, size, k, heap);
      for (int32_t i = 0; i < k; ++i) {
        *values++ = x[heap[i]];
        *positions++ = static_cast<Position>(heap[i]);
      }
    }
    return {};
  };
}

template <class T>
Kernel top(Site& site, tulle_top find) {
  return site.out(1).dtype == DType::kInt16 ? top<T, int16_t>(site, find) : top<T, int32_t>(site, find);
}

Result<Kernel> prepare(Site& site) {
  switch (site.in(0).dtype) {
    case DType::kFloat32: return top<float>(site, tulle_ref_topk_v2_f32);
    case DType::kInt8: return top<int8_t>(site, tulle_ref_topk_v2_i8);
    case DType::kUint8: return top<uint8_t>(site, tulle_ref_topk_v2_u8);
    case DType::kInt16: return top<int16_t>(site, tulle_ref_topk_v2_i16);
    case DType::kInt32: return top<int32_t>(site, tulle_ref_topk_v2_i32);
    default: return top<int64_t>(site, tulle_ref_topk_v2_i64);
  }
}

}  // namespace

extern const Op op_topk_v2 = {
    .types = "T i32|i16 > T i32|i16 : T=f32 i8 u8 i16 i32 i64",
    .shape = shape,
    .prepare = prepare,
};

}  // namespace tulle::ops
