// Any bytes to the text parser: it answers, and what it takes for a model prints to a text that means the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "graph/text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tulle;
  const Result<Model> model = parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!model) return 0;
  for (const Weights weights : {Weights::kInline, Weights::kElided}) {
    const std::string text = print(*model, weights);
    const Result<Model> back = parse(text, weights == Weights::kElided ? &*model : nullptr);
    if (!back || print(*back, weights) != text) __builtin_trap();
  }
  return 0;
}
