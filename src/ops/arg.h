// What ARG_MAX and ARG_MIN share.
#pragma once

#include "ops/arg.ref.h"
#include "ops/op.h"

namespace tulle::ops {

/// A shape rule: output 0 is input 0 without the dimension that input 1 names.
Result<void> arg_shape(Site& site);

/// A loop for each type of elements.
struct ArgLoops {
  tulle_arg f32, i8, u8, i32, boolean;
};
/// The kernel of the loop for the type of input 0; positions are int32 or int64.
Result<Kernel> find_best(Site& site, const ArgLoops& loops);

inline constexpr const char* kArgTypes = "f32|i8|u8|i32|bool i32|i64 > i32|i64";

}  // namespace tulle::ops
