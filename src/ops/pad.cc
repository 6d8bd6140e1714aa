// PAD: the input with constant elements added on all sides.
#include "ops/pad.h"

#include <cstring>

#include "ops/in_parts.h"
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/strided.h"

namespace tulle::ops {

Result<Paddings> read_paddings(const Site& site) {
  const Shape& in = site.in(0).shape;
  const std::vector<int64_t> pairs = integers(site, 1);
  Paddings paddings;
  for (int i = 0; i < in.rank(); ++i) {
    const int64_t before = pairs[2 * i], after = pairs[2 * i + 1];
    if (before < 0 || after < 0 || before > INT32_MAX || after > INT32_MAX)
      return site.invalid("paddings {} and {} of dimension {} are outside 0…{}", before, after, i, INT32_MAX);
    paddings.before[i] = before;
    paddings.after[i] = after;
  }
  return paddings;
}

Result<void> padded_shape(Site& site) {
  const Shape& in = site.in(0).shape;
  if (site.in(1).shape != Shape{in.rank(), 2})
    return site.invalid("the paddings have shape {}, must be [{},2]", to_string(site.in(1).shape), in.rank());
  if (!site.known(1)) return site.defer();
  TULLE_TRY(const Paddings paddings, read_paddings(site));
  std::vector<int64_t> dims;
  for (int i = 0; i < in.rank(); ++i) dims.push_back(in[i] + paddings.before[i] + paddings.after[i]);
  TULLE_TRY(const Shape shape, make_shape(site, dims));
  return set_moved_shape(site, 0, shape);
}

Result<ZeroBytes> zero_of(const Tensor& tensor, const Site& site) {
  const int64_t zero = tensor.zero_point();
  int64_t low = 0, high = 0;
  switch (tensor.dtype) {
    case DType::kInt8: low = INT8_MIN, high = INT8_MAX; break;
    case DType::kUint8: high = UINT8_MAX; break;
    case DType::kInt16: low = INT16_MIN, high = INT16_MAX; break;
    case DType::kUint16: high = UINT16_MAX; break;
    default: return ZeroBytes{};
  }
  if (zero < low || zero > high)
    return site.invalid("zero point {} of '{}' is no {}", zero, tensor.name, name(tensor.dtype));
  ZeroBytes bytes = {};
  std::memcpy(bytes.data(), &zero, static_cast<size_t>(element_bytes(tensor)));  // the low bytes come first
  return bytes;
}

namespace {

Result<Kernel> prepare(Site& site) {
  const Shape& in = site.in(0).shape;
  const auto from = row_major(in), to = row_major(site.out(0).shape);
  TULLE_TRY(const Paddings paddings, read_paddings(site));
  std::vector<Loop> loops;
  int64_t start = 0;
  for (int i = 0; i < in.rank(); ++i) {
    loops.push_back({in[i], from[i], to[i]});
    start += paddings.before[i] * to[i];
  }
  const int64_t unit = element_bytes(site.in(0));
  TULLE_TRY(const ZeroBytes zero, zero_of(site.out(0), site));
  if (site.has(2)) {
    if (site.in(2).elements() != 1)
      return site.invalid("the padding value has {} elements, must be one", site.in(2).elements());
    if (site.in(0).scale() > 0) TULLE_CHECK(same_quantization(site, site.in(2), site.out(0)));
  }
  return [copy = strided(loops, unit, 0, start), zero, unit,
          count = site.out(0).elements()](const Io& io) -> Result<void> {
    const auto* value = io.in<char>(2);
    if (value == nullptr) value = reinterpret_cast<const char*>(zero.data());
    in_parts(io, count, 1,
             [&](int64_t at, int64_t size, int) { tulle_ref_repeat(value, io.out<char>(0) + at * unit, unit, size); });
    copy_in_parts(io, io.in<char>(0), io.out<char>(0), copy);
    return {};
  };
}

}  // namespace

Result<Kernel> prepare_pad(Site& site) { return move_elements(site, prepare); }

extern const Op op_pad = {
    .types = "T i32|i64|i16|i8|bool T? > T : T=" TULLE_WHOLE " " TULLE_PACKED,
    .shape = padded_shape,
    .prepare = prepare_pad,
};

}  // namespace tulle::ops
