// Array: typed elements that own their memory, as people exchange them; a tensor's elements as such, or as reals.
#pragma once

#include <vector>

#include "base/result.h"
#include "graph/tensor.h"

namespace tulle {

/// An array in row-major order. The dtypes are those NumPy has; narrower ones are widened before (int4 is int8 here).
struct Array {
  DType dtype = DType::kFloat32;
  Shape shape;
  std::vector<std::byte> bytes;
};

/// A tensor's elements in a type that .npy has: packed types widened, everything else as it is. With kReals, quantised
/// integers become float32 reals.
enum class Elements { kCodes, kReals };
Result<Array> to_array(const Tensor& tensor, Elements elements);

/// The elements of a tensor of numbers as reals, dequantised where it is quantised.
Result<std::vector<float>> reals(const Tensor& tensor);

}  // namespace tulle
