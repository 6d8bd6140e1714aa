// Shapes and walks of broadcasting operators.
#include "ops/broadcast.h"

#include <algorithm>

namespace tulle::ops {
namespace {

/// The extent of dimension d, counted from the last; 1 beyond the first.
int32_t from_last(const Shape& shape, int d) { return d < shape.rank() ? shape[shape.rank() - 1 - d] : 1; }

}  // namespace

Result<void> broadcast_shape(Site& site) {
  int rank = 0;
  for (const Tensor* input : site.inputs) rank = std::max(rank, input->shape.rank());
  Shape out = Shape::filled(rank, 1);
  for (int i = 0; i < site.input_count(); ++i) {
    for (int d = 0; d < rank; ++d) {
      int32_t& extent = out[rank - 1 - d];
      const int32_t found = from_last(site.in(i).shape, d);
      if (found == extent || found == 1) continue;
      if (extent != 1)
        return site.invalid("input {} is {}, which does not stretch to the {} of the inputs before it", i,
                            to_string(site.in(i).shape), to_string(out));
      extent = found;
    }
  }
  return site.set_shape(0, out);
}

tulle_broadcast plan_broadcast(const Tensor& out, std::span<Tensor* const> inputs) {
  tulle_broadcast walk = {};
  walk.operands = static_cast<int32_t>(inputs.size());
  // Dimensions are gathered innermost first, then turned around.
  int64_t inner[3] = {}, out_inner = bits(out.dtype) / 8;
  for (int k = 0; k < walk.operands; ++k) inner[k] = bits(inputs[k]->dtype) / 8;
  for (int d = 0; d < out.shape.rank(); ++d) {
    const int32_t extent = from_last(out.shape, d);
    if (extent == 1) continue;
    const int last = walk.rank - 1;
    bool joins = walk.rank > 0;
    int64_t stride[3];
    for (int k = 0; k < walk.operands; ++k) {
      const int32_t found = from_last(inputs[k]->shape, d);
      stride[k] = found == 1 ? 0 : inner[k];
      inner[k] *= found;
      joins = joins && stride[k] == walk.strides[k][last] * walk.dims[last];
    }
    if (joins) {
      walk.dims[last] *= extent;
    } else {
      walk.dims[walk.rank] = extent;
      walk.out_strides[walk.rank] = out_inner;
      for (int k = 0; k < walk.operands; ++k) walk.strides[k][walk.rank] = stride[k];
      ++walk.rank;
    }
    out_inner *= extent;
  }
  if (walk.rank == 0) walk.dims[walk.rank++] = 1;
  std::reverse(walk.dims, walk.dims + walk.rank);
  std::reverse(walk.out_strides, walk.out_strides + walk.rank);
  for (auto& strides : walk.strides) std::reverse(strides, strides + walk.rank);
  return walk;
}

void run_broadcast(const Io& io, const tulle_broadcast& walk, tulle_row row, const void* params) {
  constexpr int64_t kPart = 8192;  // elements that take longer than handing them over
  int64_t elements = 1;
  for (int d = 0; d < walk.rank; ++d) elements *= walk.dims[d];
  const int64_t threads = io.pool == nullptr ? 1 : io.pool->threads();
  const auto parts =
      static_cast<int>(std::clamp<int64_t>(std::min<int64_t>(elements / kPart, walk.dims[0]), 1, threads));
  parallel(io.pool, parts, [&](int part, int) {
    const auto first = static_cast<int32_t>(int64_t{walk.dims[0]} * part / parts);
    tulle_broadcast mine = walk;
    mine.dims[0] = static_cast<int32_t>(int64_t{walk.dims[0]} * (part + 1) / parts) - first;
    const void* in[3] = {};
    for (int i = 0; i < walk.operands; ++i) in[i] = io.in<char>(i) + walk.strides[i][0] * first;
    tulle_broadcast_run(&mine, row, in, io.out<char>(0) + walk.out_strides[0] * first, params);
  });
}

tulle_row row_for(std::span<const TypedRow> rows, DType type) {
  return std::ranges::find(rows, type, &TypedRow::type)->row;
}

}  // namespace tulle::ops
