// Built: which operators and element types there is code for. Everywhere all, but for modules made for one model.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "graph/tensor.h"
#include "ops/op.h"

namespace tulle::ops {

/// For each row of ops.def the element types that operands may have, bit 1 << DType each; 0: no operator. `tulle
/// wasm-build` changes it in the module that it writes (cli/wasm_trim.cc), so no other file may know its values.
extern const uint32_t built_types[];

/// Whether there is code for a row's operator with such operands, which it takes where nothing was left out.
bool built_for(const Row& row, std::span<const std::optional<DType>> inputs,
               std::span<const std::optional<DType>> outputs);

}  // namespace tulle::ops
