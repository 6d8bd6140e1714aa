// DENSIFY: a sparse constant with its zeros filled in. Its sparsity is a tree: each level goes through one dimension,
// all of it (dense) or the indices listed for the position in the level above; the leaves, in order, are the numbers
// stored.
#include <cstring>

#include "ops/op.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

/// Where in the dense tensor each stored number belongs. A verified model has a sparsity that fits shape and data.
std::vector<int32_t> places_of(const Sparsity& sparsity, const Shape& shape) {
  std::vector<int64_t> size(shape.begin(), shape.end()), step(size.size());
  const auto steps = row_major(shape);
  std::copy_n(steps.begin(), step.size(), step.begin());
  size.resize(sparsity.traversal_order.size());
  step.resize(sparsity.traversal_order.size());
  for (size_t level = 0; level < sparsity.traversal_order.size(); ++level) {
    const int block = sparsity.traversal_order[level] - shape.rank();
    if (block < 0) continue;
    // The inside of blocks is a dimension of its own, and its dimension goes from block to block.
    const auto dim = static_cast<size_t>(sparsity.block_map[block]),
               inside = static_cast<size_t>(sparsity.traversal_order[level]);
    size[inside] = sparsity.dimensions[level].dense_size;
    step[inside] = step[dim];
    size[dim] /= size[inside];
    step[dim] *= size[inside];
  }
  std::vector<int32_t> places = {0};
  for (size_t level = 0; level < sparsity.traversal_order.size(); ++level) {
    const Sparsity::Dimension& dimension = sparsity.dimensions[level];
    const auto dim = static_cast<size_t>(sparsity.traversal_order[level]);
    const bool dense = dimension.format == Sparsity::Dimension::Format::kDense;
    std::vector<int32_t> below;
    below.reserve(dense ? places.size() * static_cast<size_t>(size[dim]) : dimension.indices.size());
    for (size_t i = 0; i < places.size(); ++i) {
      const int64_t begin = dense ? 0 : dimension.segments[i], end = dense ? size[dim] : dimension.segments[i + 1];
      for (int64_t k = begin; k < end; ++k)
        below.push_back(static_cast<int32_t>(places[i] + (dense ? k : dimension.indices[k]) * step[dim]));
    }
    places = std::move(below);
  }
  return places;
}

Result<Kernel> prepare(Site& site) {
  const Value& value = site.model->graphs[site.graph_index].values[site.node->inputs[0]];
  if (value.sparsity == nullptr || site.model->data(value).empty())
    return site.invalid("'{}' is no sparse constant", value.name);
  std::vector<int32_t> places;
  if (site.out(0).elements() > 0) places = places_of(*value.sparsity, value.shape);
  return [places = std::move(places), unit = element_bytes(site.in(0)),
          bytes = site.out(0).bytes](const Io& io) -> Result<void> {
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
