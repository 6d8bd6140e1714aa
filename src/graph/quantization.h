// Quantization: how the integers of a tensor stand for reals, real = scale * (q - zero_point).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tulle {

/// Per tensor: one scale and one zero point. Per axis: one of each per index of dimension `axis`. Blockwise and
/// multi-axis: scales and zero points are other values of the graph (zero_points may be absent: -1).
/// A tensor without scales and details is not quantised; min and max may be there all the same.
struct Quantization {
  enum class Details : uint8_t { kNone, kCustom, kBlockwise, kMultiAxis };

  std::vector<float> scale;
  std::vector<int64_t> zero_point;
  int32_t axis = 0;
  std::vector<float> min, max;  ///< the range seen in training, for information

  Details details = Details::kNone;
  std::vector<std::byte> custom;  ///< kCustom
  int32_t scales_value = 0;       ///< kBlockwise, kMultiAxis: value index of the scales
  int32_t zero_points_value = 0;  ///< kBlockwise, kMultiAxis: value index, -1 for none
  int32_t block_size = 0;
  std::vector<int32_t> axes;  ///< kMultiAxis

  bool operator==(const Quantization&) const = default;

  bool per_tensor() const { return scale.size() == 1; }
  bool per_axis() const { return scale.size() > 1; }
};

/// How a constant tensor leaves out zeros: a tree of dimensions, each dense or compressed (segments and indices).
struct Sparsity {
  struct Dimension {
    enum class Format : uint8_t { kDense, kSparseCsr } format = Format::kDense;
    int32_t dense_size = 0;
    /// Width in bits of the stored integers of segments and indices (32, 16, 8; 0 where absent).
    uint8_t segments_width = 0, indices_width = 0;
    std::vector<int32_t> segments, indices;
    bool operator==(const Dimension&) const = default;
  };
  std::vector<int32_t> traversal_order, block_map;
  std::vector<Dimension> dimensions;
  bool operator==(const Sparsity&) const = default;
};

}  // namespace tulle
