// DENSIFY: a sparse constant with its zeros filled in. The sparsity of the value is a tree: each level goes through one
// dimension, all of it (dense) or the indices listed for the position in the level above; below the tensor's own
// dimensions are those of blocks inside them. The leaves, in order, are the numbers stored.
#include <algorithm>
#include <cstring>

#include "ops/op.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

/// One level of the tree: the size of the dimension it goes through, and the elements from one index to the next.
struct Level {
  const Sparsity::Dimension* dimension;
  int64_t size, step;
};

Result<std::vector<Level>> read_levels(const Site& site, const Sparsity& sparsity) {
  const Shape& shape = site.out(0).shape;
  const int rank = shape.rank(), blocks = static_cast<int>(std::min<size_t>(sparsity.block_map.size(), kMaxRank + 1));
  const size_t count = static_cast<size_t>(rank + blocks);
  if (blocks > rank || sparsity.traversal_order.size() != count || sparsity.dimensions.size() != count)
    return site.invalid("sparsity has {} levels in an order of {}, must be {} dimensions and {} blocks", sparsity.dimensions.size(),
                        sparsity.traversal_order.size(), rank, sparsity.block_map.size());
  std::vector<int64_t> size(shape.begin(), shape.end()), step(rank);
  const auto steps = row_major(shape);
  std::copy_n(steps.begin(), rank, step.begin());
  uint32_t met = 0;
  // Blocks first: they cut the dimensions that they are in.
  for (int i = 0; i < blocks; ++i) {
    const int32_t dim = sparsity.block_map[i];
    if (dim < 0 || dim >= rank || (i > 0 && dim <= sparsity.block_map[i - 1])) return site.invalid("block {} lies in dimension {}", i, dim);
    const auto level = std::find(sparsity.traversal_order.begin(), sparsity.traversal_order.end(), rank + i);
    if (level == sparsity.traversal_order.end()) return site.invalid("the traversal order leaves out block {}", i);
    const int32_t block = sparsity.dimensions[static_cast<size_t>(level - sparsity.traversal_order.begin())].dense_size;
    if (block < 1 || size[dim] % block != 0) return site.invalid("blocks of {} do not divide dimension {} of {}", block, dim, to_string(shape));
    size.push_back(block);
    step.push_back(step[dim]);
    size[dim] /= block;
    step[dim] *= block;
  }
  std::vector<Level> levels;
  for (size_t i = 0; i < count; ++i) {
    const int32_t dim = sparsity.traversal_order[i];
    if (dim < 0 || static_cast<size_t>(dim) >= count || (met >> dim & 1) || (dim >= rank) != (i >= static_cast<size_t>(rank)))
      return site.invalid("dimension {} is out of place in the traversal order", dim);
    met |= 1u << dim;
    const Sparsity::Dimension& dimension = sparsity.dimensions[i];
    if (dimension.format == Sparsity::Dimension::Format::kDense && dimension.dense_size != size[dim])
      return site.invalid("level {} has size {}, its dimension {}", i, dimension.dense_size, size[dim]);
    levels.push_back({&dimension, size[dim], step[dim]});
  }
  return levels;
}

/// Appends the places of the numbers below position `position` of a level, the first element of which is `first`.
Result<void> walk(const Site& site, std::span<const Level> levels, size_t level, int64_t position, int64_t first, size_t stored,
                  std::vector<int32_t>& places) {
  if (level == levels.size()) {
    if (places.size() == stored) return site.invalid("sparsity names more numbers than the {} stored", stored);
    places.push_back(static_cast<int32_t>(first));
    return {};
  }
  const auto& [dimension, size, step] = levels[level];
  if (dimension->format == Sparsity::Dimension::Format::kDense) {
    for (int64_t i = 0; i < size; ++i)
      TULLE_CHECK(walk(site, levels, level + 1, position * size + i, first + i * step, stored, places));
    return {};
  }
  const auto& segments = dimension->segments;
  if (position + 1 >= static_cast<int64_t>(segments.size()))
    return site.invalid("level {} has {} segments, {} are needed", level, segments.size(), position + 2);
  const int64_t begin = segments[position], end = segments[position + 1];
  if (begin < 0 || begin > end || end > static_cast<int64_t>(dimension->indices.size()))
    return site.invalid("segment {} of level {} is {}…{} of {} indices", position, level, begin, end, dimension->indices.size());
  for (int64_t i = begin; i < end; ++i) {
    const int64_t index = dimension->indices[i];
    if (index < 0 || index >= size) return site.invalid("index {} of level {} is {}, outside 0…{}", i, level, index, size - 1);
    TULLE_CHECK(walk(site, levels, level + 1, i, first + index * step, stored, places));
  }
  return {};
}

Result<Kernel> prepare(Site& site) {
  const Value& value = site.model->graphs[site.graph_index].values[site.node->inputs[0]];
  if (value.sparsity == nullptr) return site.invalid("'{}' is not sparse", value.name);
  if (!site.known(0)) return site.invalid("'{}' is no constant", value.name);
  const int64_t unit = element_bytes(site.in(0));
  const size_t stored = site.in(0).bytes / static_cast<size_t>(unit);
  std::vector<int32_t> places;
  if (site.out(0).elements() > 0) {
    TULLE_TRY(const std::vector<Level> levels, read_levels(site, *value.sparsity));
    TULLE_CHECK(walk(site, levels, 0, 0, 0, stored, places));
  }
  return [places = std::move(places), unit, bytes = site.out(0).bytes](const Io& io) -> Result<void> {
    std::memset(io.out<char>(0), 0, bytes);
    const char* from = io.in<char>(0);
    for (const int32_t place : places) {
      tulle_ref_piece(from, io.out<char>(0) + place * unit, unit);
      from += unit;
    }
    return {};
  };
}

}  // namespace

extern const Op op_densify = {
    .types = "T > T : T=f32 f16 i8",
    .shape = [](Site& site) { return site.set_shape(0, site.in(0).shape); },
    .prepare = prepare,
};

}  // namespace tulle::ops
