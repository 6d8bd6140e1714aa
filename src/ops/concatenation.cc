// CONCATENATION: inputs side by side along an axis. uint8 inputs take the scale of the output on the way.
#include "ops/concatenation.ref.h"

#include "ops/in_parts.h"
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/parts.h"

namespace tulle::ops {
namespace {

/// Scalars count as vectors of one.
Shape at_least_vector(const Shape& shape) { return shape.rank() == 0 ? Shape{1} : shape; }

Result<int> axis_of(const Site& site) {
  return find_axis(site, site.attributes().integer("axis"), at_least_vector(site.in(0).shape).rank());
}

Result<void> shape(Site& site) {
  if (site.input_count() == 0) return site.invalid("there are no inputs");
  Shape shape = at_least_vector(site.in(0).shape);
  TULLE_TRY(const int axis, axis_of(site));
  int64_t size = 0;
  for (int i = 0; i < site.input_count(); ++i) {
    Shape part = at_least_vector(site.in(i).shape);
    size += part.rank() > axis ? part[axis] : 0;
    if (part.rank() == shape.rank()) part[axis] = shape[axis];
    if (part != shape)
      return site.invalid("input {} is {}, input 0 is {}: they may differ in dimension {} only", i,
                          to_string(site.in(i).shape), to_string(site.in(0).shape), axis);
  }
  if (size > INT32_MAX) return site.invalid("dimension {} of the output would be {}", axis, size);
  shape[axis] = static_cast<int32_t>(size);
  return set_moved_shape(site, 0, shape);
}

/// A part of the output whose codes are translated after the copy.
struct Translation {
  int64_t start, count;  ///< bytes of each row
  uint8_t codes[256];
};

Result<Kernel> prepare(Site& site) {
  const Shape& whole = site.out(0).shape;
  TULLE_TRY(const int axis, axis_of(site));
  std::vector<int64_t> parts;
  for (const Tensor* tensor : site.inputs) parts.push_back(at_least_vector(tensor->shape)[axis]);
  std::vector<Copy> copies = join(whole, axis, parts, element_bytes(site.out(0)));
  if (site.attributes().symbol("fused_activation_function", "NONE") != "NONE")
    return site.unsupported("fused activation {}", site.attributes().symbol("fused_activation_function"));
  std::vector<Translation> translations;
  const Tensor& out = site.out(0);
  const int64_t inner = whole.elements() == 0 ? 0 : whole.elements(axis + 1, whole.rank());
  int64_t start = 0;
  for (int i = 0; i < site.input_count(); ++i) {
    const Tensor& in = site.in(i);
    const bool same = in.scale() == out.scale() && in.zero_point() == out.zero_point();
    if (out.dtype == DType::kInt8) {
      TULLE_CHECK(same_quantization(site, in, out));
    } else if (out.dtype == DType::kInt16 && (in.zero_point() != 0 || out.zero_point() != 0)) {
      return site.invalid("int16 zero points {} and {} must be 0", in.zero_point(), out.zero_point());
    } else if (out.dtype == DType::kUint8 && !same) {
      if (!(in.scale() > 0) || !(out.scale() > 0)) return site.invalid("input {} and the output need a scale each", i);
      for (const Tensor* tensor : {&in, &out})
        if (tensor->zero_point() < 0 || tensor->zero_point() > UINT8_MAX)
          return site.invalid("zero point {} of '{}' is no uint8", tensor->zero_point(), tensor->name);
      Translation& translation = translations.emplace_back(start, parts[i] * inner);
      tulle_ref_concatenation_codes(in.scale(), static_cast<int32_t>(in.zero_point()), out.scale(),
                                    static_cast<int32_t>(out.zero_point()), translation.codes);
    }
    start += parts[i] * inner;
  }
  if (translations.empty()) {
    tell_pieces(site, copies);
    return copy_kernel(std::move(copies));
  }
  return [copy = copy_kernel(std::move(copies)), translations = std::move(translations), row = start,
          bytes = static_cast<int64_t>(out.bytes)](const Io& io) mutable -> Result<void> {
    TULLE_CHECK(copy(io));
    for (const Translation& part : translations)
      in_parts(io, bytes == 0 ? 0 : bytes / row, part.count, [&](int64_t first, int64_t rows, int) {
        for (int64_t r = first; r < first + rows; ++r) {
          uint8_t* y = io.out<uint8_t>(0) + r * row + part.start;
          for (int64_t i = 0; i < part.count; ++i) y[i] = part.codes[y[i]];
        }
      });
    return {};
  };
}

}  // namespace

extern const Op op_concatenation = {
    .types = "T* > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
