// Blockwise scales are another constant of the graph.
#include "ops/block_scales.h"

#include <cstring>

#include "base/half.h"

namespace tulle::ops {

bool is_blockwise(const Site& site, int i) {
  const Quantization* quantization = site.in(i).quantization;
  return quantization != nullptr && quantization->details == Quantization::Details::kBlockwise;
}

Result<std::vector<float>> block_scales(const Site& site, int i, int64_t rows, int64_t columns, std::string_view role) {
  const Quantization& quantization = *site.in(i).quantization;
  const Graph& graph = site.model->graphs[site.graph_index];
  const int64_t block = quantization.block_size;
  if (block < 1 || columns % block != 0)
    return site.invalid("{}: blocks of {} do not divide rows of {}", role, block, columns);
  if (quantization.scales_value < 0 || static_cast<size_t>(quantization.scales_value) >= graph.values.size())
    return site.invalid("{}: the scales are value {}, which does not exist", role, quantization.scales_value);
  const Value& value = graph.values[quantization.scales_value];
  const auto bytes = site.model->data(value);
  const int64_t count = rows * (columns / block);
  if (value.dtype != DType::kFloat16 || value.shape.elements() != count ||
      static_cast<int64_t>(bytes.size()) != 2 * count)
    return site.invalid("{}: the scales '{}' are {} {}, must be {} constants of float16", role, value.name,
                        to_string(value.shape), name(value.dtype), count);
  std::vector<float> scales(static_cast<size_t>(count));
  for (size_t k = 0; k < scales.size(); ++k) {
    uint16_t half;
    std::memcpy(&half, bytes.data() + 2 * k, 2);
    scales[k] = half_to_float(half);
  }
  return scales;
}

}  // namespace tulle::ops
