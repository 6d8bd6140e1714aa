// Elements of two and four bits: one a byte in arrays, packed in tensors, low bits first.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graph/tensor.h"

namespace tulle {

inline bool packed(DType dtype) { return bits(dtype) > 0 && bits(dtype) < 8; }

/// The type an array holding this dtype has.
inline DType array_type(DType dtype) {
  if (dtype == DType::kInt4 || dtype == DType::kInt2) return DType::kInt8;
  return dtype == DType::kUint4 ? DType::kUint8 : dtype;
}

inline std::vector<std::byte> unpack(const Tensor& tensor) {
  const auto width = static_cast<size_t>(bits(tensor.dtype)), per_byte = 8 / width, shift = 8 - width;
  const bool is_signed = array_type(tensor.dtype) == DType::kInt8;
  std::vector<std::byte> out(static_cast<size_t>(tensor.elements()));
  for (size_t i = 0; i < out.size(); ++i) {
    const auto top =
        static_cast<uint8_t>(static_cast<uint8_t>(tensor.data[i / per_byte]) << (shift - i % per_byte * width));
    out[i] =
        is_signed ? static_cast<std::byte>(static_cast<int8_t>(top) >> shift) : static_cast<std::byte>(top >> shift);
  }
  return out;
}

/// The values' low bits.
inline std::vector<std::byte> pack(std::span<const std::byte> values, DType dtype) {
  const auto width = static_cast<size_t>(bits(dtype)), per_byte = 8 / width;
  std::vector<std::byte> out((values.size() + per_byte - 1) / per_byte);
  const auto mask = static_cast<std::byte>((1u << width) - 1);
  for (size_t i = 0; i < values.size(); ++i) out[i / per_byte] |= (values[i] & mask) << (i % per_byte * width);
  return out;
}

}  // namespace tulle
