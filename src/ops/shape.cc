// SHAPE: the dimensions of the input.
#include "ops/op.h"

namespace tulle::ops {
namespace {

template <class T>
Kernel kernel(const Shape& shape) {
  return [shape](const Io& io) -> Result<void> {
    for (int i = 0; i < shape.rank(); ++i) io.out<T>(0)[i] = shape[i];
    return {};
  };
}

}  // namespace

extern const Op op_shape = {
    .types = "any > i32|i64",
    .shape = [](Site& site) { return site.set_shape(0, Shape{site.in(0).shape.rank()}); },
    .prepare = [](Site& site) -> Result<Kernel> {
      return site.out(0).dtype == DType::kInt64 ? kernel<int64_t>(site.in(0).shape) : kernel<int32_t>(site.in(0).shape);
    },
    .shapes_only = true,
};

}  // namespace tulle::ops
