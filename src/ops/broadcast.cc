// Shapes and walks of broadcasting operators.
#include "ops/broadcast.h"

#include <algorithm>
#include <cstring>

#include "ops/in_parts.h"

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

namespace {

/// A short operand that every row meets anew, laid out several times over, so that rows become long: slopes or scales
/// of channels. `room` is memory for the copies. Returns how many rows are one now, 1 where that does not fit.
int32_t lengthen(tulle_broadcast& walk, const void** in, std::span<std::byte> room) {
  if (walk.rank != 2 || walk.operands != 2 || walk.dims[1] < 2) return 1;
  const bool first = walk.strides[0][0] == 0;
  const int k = first ? 0 : 1;
  const int64_t row = walk.strides[k][1] * walk.dims[1], other = walk.strides[1 - k][1] * walk.dims[1];
  if (walk.strides[k][0] != 0 || row == 0 || walk.strides[1 - k][0] != other || other == 0) return 1;
  const auto times = static_cast<int32_t>(std::min<int64_t>(static_cast<int64_t>(room.size()) / row, walk.dims[0]));
  if (times < 4) return 1;
  for (int32_t i = 0; i < times; ++i) std::memcpy(room.data() + i * row, in[k], static_cast<size_t>(row));
  in[k] = room.data();
  walk.dims[0] /= times;
  walk.dims[1] *= times;
  walk.strides[1 - k][0] *= times;
  walk.out_strides[0] *= times;
  return times;
}

}  // namespace

void run_broadcast(const Io& io, const tulle_broadcast& walk, tulle_row row, const void* params) {
  int64_t row_elements = 1;
  for (int d = 1; d < walk.rank; ++d) row_elements *= walk.dims[d];
  const auto part = [&](int64_t first, int64_t count, int) {
    tulle_broadcast mine = walk;
    mine.dims[0] = static_cast<int32_t>(count);
    const void* in[3] = {};
    for (int i = 0; i < walk.operands; ++i) in[i] = io.in<char>(i) + walk.strides[i][0] * first;
    char* out = io.out<char>(0) + walk.out_strides[0] * first;
    alignas(64) std::byte room[4096];
    const void* long_in[3] = {in[0], in[1], in[2]};
    tulle_broadcast lengthy = mine;
    const int32_t times = lengthen(lengthy, long_in, room);
    const int32_t done = times == 1 ? 0 : lengthy.dims[0] * times;
    if (done > 0) tulle_broadcast_run(&lengthy, row, long_in, out, params);
    mine.dims[0] -= done;
    for (int i = 0; i < walk.operands; ++i) in[i] = static_cast<const char*>(in[i]) + walk.strides[i][0] * done;
    tulle_broadcast_run(&mine, row, in, out + walk.out_strides[0] * done, params);
  };
  if (io.count >= 0) return part(io.first / row_elements, io.count / row_elements, 0);
  in_parts(io, walk.dims[0], row_elements, part, 8192);
}

tulle_row row_for(std::span<const TypedRow> rows, DType type) {
  return std::ranges::find(rows, type, &TypedRow::type)->row;
}

}  // namespace tulle::ops
