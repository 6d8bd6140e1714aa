// DType: the element types of a tensor, numbered as in .tflite files.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tulle {

// Columns: number in the file, enumerator, short name (op type rows), long name (text form, JSON, NumPy where it has
// one), bits an element (0: no fixed size).
#define TULLE_DTYPES(ROW)                            \
  ROW(0, kFloat32, "f32", "float32", 32)             \
  ROW(1, kFloat16, "f16", "float16", 16)             \
  ROW(2, kInt32, "i32", "int32", 32)                 \
  ROW(3, kUint8, "u8", "uint8", 8)                   \
  ROW(4, kInt64, "i64", "int64", 64)                 \
  ROW(5, kString, "str", "string", 0)                \
  ROW(6, kBool, "bool", "bool", 8)                   \
  ROW(7, kInt16, "i16", "int16", 16)                 \
  ROW(8, kComplex64, "c64", "complex64", 64)         \
  ROW(9, kInt8, "i8", "int8", 8)                     \
  ROW(10, kFloat64, "f64", "float64", 64)            \
  ROW(11, kComplex128, "c128", "complex128", 128)    \
  ROW(12, kUint64, "u64", "uint64", 64)              \
  ROW(13, kResource, "res", "resource", 32)          \
  ROW(14, kVariant, "var", "variant", 0)             \
  ROW(15, kUint32, "u32", "uint32", 32)              \
  ROW(16, kUint16, "u16", "uint16", 16)              \
  ROW(17, kInt4, "i4", "int4", 4)                    \
  ROW(18, kBfloat16, "bf16", "bfloat16", 16)         \
  ROW(19, kInt2, "i2", "int2", 2)                    \
  ROW(20, kUint4, "u4", "uint4", 4)                  \
  ROW(21, kFloat8E4M3FN, "f8e4", "float8_e4m3fn", 8) \
  ROW(22, kFloat8E5M2, "f8e5", "float8_e5m2", 8)

enum class DType : uint8_t {
#define TULLE_ROW(code, id, brief, name, bits) id = code,
  TULLE_DTYPES(TULLE_ROW)
#undef TULLE_ROW
};
inline constexpr int kDTypeCount = 23;

/// "float32", "int8", …
std::string_view name(DType type);
/// "f32", "i8", …: the form used in op type rows.
std::string_view short_name(DType type);
/// The type with this long or short name.
std::optional<DType> parse_dtype(std::string_view name);
/// Bits an element takes in memory; 0 for types without a fixed size (string, variant).
int bits(DType type);

/// The DType of a C++ type, for typed views: kDTypeOf<int8_t> == DType::kInt8.
template <class T>
inline constexpr DType kDTypeOf = DType::kVariant;
template <>
inline constexpr DType kDTypeOf<float> = DType::kFloat32;
template <>
inline constexpr DType kDTypeOf<double> = DType::kFloat64;
template <>
inline constexpr DType kDTypeOf<int8_t> = DType::kInt8;
template <>
inline constexpr DType kDTypeOf<uint8_t> = DType::kUint8;
template <>
inline constexpr DType kDTypeOf<int16_t> = DType::kInt16;
template <>
inline constexpr DType kDTypeOf<uint16_t> = DType::kUint16;
template <>
inline constexpr DType kDTypeOf<int32_t> = DType::kInt32;
template <>
inline constexpr DType kDTypeOf<uint32_t> = DType::kUint32;
template <>
inline constexpr DType kDTypeOf<int64_t> = DType::kInt64;
template <>
inline constexpr DType kDTypeOf<uint64_t> = DType::kUint64;
template <>
inline constexpr DType kDTypeOf<bool> = DType::kBool;

}  // namespace tulle
