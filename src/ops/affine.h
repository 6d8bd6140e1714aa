// The scale and zero point of an operand that is quantised as a whole, checked once.
#pragma once

#include "ops/op.h"

namespace tulle::ops {

/// real = scale * (code - zero_point).
struct Affine {
  float scale;
  int32_t zero_point;
};

/// The parameters of an int4, int8, uint8, int16, uint16 or int32 operand; an error where it has none, or several,
/// where the scale is not a positive number (or 0, where that has a meaning) or the zero point is no code of the type.
/// `role` names the operand in messages: "input 1".
Result<Affine> affine(const Site& site, const Tensor& tensor, std::string_view role, bool zero_scale = false);

/// Whether an operand has quantisation parameters at all: int16 operands without are plain integers.
inline bool is_quantized(const Tensor& tensor) {
  return tensor.quantization != nullptr && !tensor.quantization->scale.empty();
}

}  // namespace tulle::ops
