// What operators that move elements without looking at them share: they take elements of any size.
#pragma once

#include "ops/op.h"

// Element types for rows of Op::types: of whole bytes, packed below a byte, and all that can be moved.
#define TULLE_WHOLE "f32 f16 i32 u8 i64 bool i16 c64 i8 f64 c128 u64 u32 u16 bf16 f8e4 f8e5 res"
#define TULLE_PACKED "i4 i2 u4"
#define TULLE_MOVED TULLE_WHOLE " " TULLE_PACKED " str"

namespace tulle::ops {

/// Sets the shape of output i. The bytes of STRING outputs are left to the kernel that move_elements returns.
Result<void> set_moved_shape(Site& site, int i, const Shape& shape);

/// Prepares the node with `prepare`, which sees element types of whole bytes only: while it runs, each element of a
/// packed operand is a byte of its own, and strings are int32 numbers that stand for them.
Result<Kernel> move_elements(Site& site, Result<Kernel> (*prepare)(Site& site));

}  // namespace tulle::ops
