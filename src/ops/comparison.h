// What the six comparisons share.
#pragma once

#include "ops/broadcast.h"
#include "ops/comparison.ref.h"

namespace tulle::ops {

/// The rows of one comparison: of plain numbers by their type, and of codes.
struct Comparison {
  TypedRow plain[7];
  tulle_row i8, u8, q16;
};

#define TULLE_COMPARISON_OF(NAME)    \
  {{{DType::kBool, NAME##_bool},     \
    {DType::kFloat32, NAME##_f32},   \
    {DType::kFloat16, NAME##_f16},   \
    {DType::kBfloat16, NAME##_bf16}, \
    {DType::kInt16, NAME##_i16},     \
    {DType::kInt32, NAME##_i32},     \
    {DType::kInt64, NAME##_i64}},    \
   NAME##_i8,                        \
   NAME##_u8,                        \
   NAME##_q16}

/// Orders int8 and uint8 by what they stand for, and everything else, int16 included, as it is.
Result<Kernel> order(const Site& site, const Comparison& rows);
/// Compares quantised int16 by what it stands for, and strings, too.
Result<Kernel> equality(const Site& site, const Comparison& rows);

}  // namespace tulle::ops
