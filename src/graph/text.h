// The text form of models: print and parse, each the other's inverse.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "graph/graph.h"

namespace tulle {

enum class Weights {
  kElided,  ///< constants of over 32 bytes as size and hash; parses back where the same buffers are supplied
  kInline,  ///< constants in full
};

/// The model as text, one line a value or node. The grammar stands in docs/text-form.md. Takes models that verify would
/// turn down, too; only enumerators must be known ones.
std::string print(const Model& model, Weights weights);
/// Parses what print wrote. Elided constants are looked up by size and hash in `weights_from`, where given.
/// Errors name line and column. Takes time and memory linear in the text, and no more stack for any text. The result is
/// verified.
Result<Model> parse(std::string_view text, const Model* weights_from = nullptr);

}  // namespace tulle
