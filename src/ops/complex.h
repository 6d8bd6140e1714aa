// What operators of one complex operand with a real answer share.
#pragma once

#include "ops/complex.ref.h"
#include "ops/op.h"

namespace tulle::ops {

/// y[i] = f(x[i]) for i < count, where x holds pairs.
template <class T>
using ComplexLoop = void (*)(const T* x, T* y, int64_t count);

inline constexpr char kComplexTypes[] = "c64 > f32; c128 > f64";

/// Prepares a node with the loop of its type.
Result<Kernel> complex_part(Site& site, ComplexLoop<float> c64, ComplexLoop<double> c128);

}  // namespace tulle::ops
