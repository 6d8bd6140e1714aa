// The notation of operand types.
#include "ops/types.h"

#include <gtest/gtest.h>

namespace tulle::ops {
namespace {

using List = std::vector<std::optional<DType>>;
constexpr auto f32 = DType::kFloat32;
constexpr auto i8 = DType::kInt8;
constexpr auto i32 = DType::kInt32;

TEST(Types, RequiredAndOptional) {
  const char* conv = "f32 f32 f32? > f32; i8 i8|i4 i32? > i8";
  EXPECT_TRUE(match_types(conv, List{f32, f32, f32}, List{f32}));
  EXPECT_TRUE(match_types(conv, List{f32, f32}, List{f32}));
  EXPECT_TRUE(match_types(conv, List{f32, f32, std::nullopt}, List{f32}));
  EXPECT_TRUE(match_types(conv, List{i8, DType::kInt4, i32}, List{i8}));
  EXPECT_FALSE(match_types(conv, List{f32}, List{f32}));
  EXPECT_FALSE(match_types(conv, List{f32, i8, f32}, List{f32}));
  EXPECT_FALSE(match_types(conv, List{f32, f32, f32, f32}, List{f32}));
  EXPECT_FALSE(match_types(conv, List{f32, f32}, List{}));
}

TEST(Types, VariablesBindOnce) {
  const char* add = "T T > T : T=f32 i8 i32";
  EXPECT_TRUE(match_types(add, List{i8, i8}, List{i8}));
  EXPECT_FALSE(match_types(add, List{i8, i32}, List{i8}));
  EXPECT_FALSE(match_types(add, List{DType::kBool, DType::kBool}, List{DType::kBool}));
  const char* gather = "T S > T : T=f32 i8 S=i32 i64";
  EXPECT_TRUE(match_types(gather, List{f32, DType::kInt64}, List{f32}));
  EXPECT_FALSE(match_types(gather, List{f32, f32}, List{f32}));
}

TEST(Types, AnyNumber) {
  const char* concat = "T* > T : T=f32 i8";
  EXPECT_TRUE(match_types(concat, List{f32, f32, f32}, List{f32}));
  EXPECT_FALSE(match_types(concat, List{f32, i8}, List{f32}));
  EXPECT_FALSE(match_types(concat, List{f32, std::nullopt}, List{f32}));
  EXPECT_TRUE(match_types("T i32 > T* : T=f32", List{f32, i32}, List{f32, f32}));
  EXPECT_TRUE(match_types("any > any", List{DType::kVariant}, List{f32}));
}

}  // namespace
}  // namespace tulle::ops
