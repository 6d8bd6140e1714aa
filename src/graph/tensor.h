// Tensor: a view of typed bytes with a shape; owns nothing.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "graph/dtype.h"
#include "graph/quantization.h"
#include "graph/shape.h"

namespace tulle {

/// `data` is null where the bytes are not known yet. Rows are contiguous, the last dimension moves fastest; types below
/// eight bits are packed, low bits first. Strings use TFLite's layout: int32 count, count+1 int32 offsets, bytes.
struct Tensor {
  std::string_view name;
  DType dtype = DType::kFloat32;
  Shape shape;
  const Quantization* quantization = nullptr;  ///< null where there is none
  std::byte* data = nullptr;
  uint64_t bytes = 0;  ///< 64 bits on every machine: shapes may ask for more than addresses reach

  template <class T>
  T* as() const {
    return reinterpret_cast<T*>(data);
  }
  int64_t elements() const { return shape.elements(); }
  /// The scale of a tensor quantised as a whole; 0 where there is none.
  float scale() const {
    return quantization != nullptr && !quantization->scale.empty() ? quantization->scale[0] : 0.0f;
  }
  /// The zero point of a tensor quantised as a whole; 0 where there is none.
  int64_t zero_point() const {
    return quantization != nullptr && !quantization->zero_point.empty() ? quantization->zero_point[0] : 0;
  }
};

}  // namespace tulle
