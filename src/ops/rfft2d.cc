// RFFT2D: transforms the last two dimensions of its input, cut or padded to input 1 = [height, width].
#include "ops/rfft2d.ref.h"

#include <algorithm>

#include "ops/op.h"

namespace tulle::ops {
namespace {

bool power_of_two(int32_t x) { return x > 0 && (x & (x - 1)) == 0; }

Result<void> shape(Site& site) {
  const Shape& input = site.in(0).shape;
  if (input.rank() < 2) return site.invalid("input 0 has shape {}, expected rank 2 or more", to_string(input));
  if (site.in(1).shape != Shape{2})
    return site.invalid("input 1 has shape {}, expected [2]", to_string(site.in(1).shape));
  if (!site.known(1)) return site.defer();
  const auto length = site.values<int32_t>(1);
  if (!power_of_two(length[0]) || !power_of_two(length[1]))
    return site.unsupported("a transform of {} by {}, expected powers of two", length[0], length[1]);
  Shape output = input;
  output[input.rank() - 2] = length[0];
  output[input.rank() - 1] = length[1] / 2 + 1;
  return site.set_shape(0, output);
}

Result<Kernel> prepare(Site& site) {
  const Shape& input = site.in(0).shape;
  const int rank = input.rank();
  const int32_t height = site.values<int32_t>(1)[0], width = site.values<int32_t>(1)[1];
  const int64_t slices = input.elements(0, rank - 2);
  const bool empty = slices == 0;
  const int work = site.scratch(empty ? 0 : 2 * sizeof(double) * static_cast<uint64_t>(height) * width);
  const int roots = site.scratch(empty ? 0 : sizeof(double) * static_cast<uint64_t>(std::max(height, width)));
  return [=, rows = input[rank - 2], cols = input[rank - 1]](const Io& io) -> Result<void> {
    for (int64_t slice = 0; slice < slices; ++slice)
      tulle_ref_rfft2d_f32(io.in<float>(0) + slice * rows * cols, rows, cols,
                           io.out<float>(0) + slice * 2 * height * (width / 2 + 1), height, width,
                           reinterpret_cast<double*>(io.scratch[work]), reinterpret_cast<double*>(io.scratch[roots]));
    return {};
  };
}

}  // namespace

extern const Op op_rfft2d = {
    .types = "f32 i32 > c64",
    .shape = shape,
    .prepare = prepare,
};

}  // namespace tulle::ops
