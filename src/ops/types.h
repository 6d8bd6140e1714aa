// The notation of Op::types, matched against the element types of a node's operands.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "graph/dtype.h"

namespace tulle::ops {

/// Whether the operands fit one of the rows. An absent operand is nullopt.
///
/// Rows are separated by ';'. A row is "inputs > outputs" or "inputs > outputs : T=f32 i8 S=i32". Inputs and outputs
/// are patterns separated by spaces: alternatives of short type names separated by '|', `any`, or a capital letter that
/// stands for one type of its list, the same wherever it occurs in the row. '?' after a pattern: the operand may be
/// absent or left out. '*' after the last pattern: any number of such operands, none included.
bool match_types(std::string_view rows, std::span<const std::optional<DType>> inputs,
                 std::span<const std::optional<DType>> outputs);

/// "(float32, int8, -) > (float32)": operand types for messages.
std::string describe_types(std::span<const std::optional<DType>> inputs, std::span<const std::optional<DType>> outputs);

}  // namespace tulle::ops
