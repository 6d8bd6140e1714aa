// WHERE: the coordinates of the elements that are not zero, one row each, in order.
#include "ops/where.ref.h"

#include "ops/op.h"

namespace tulle::ops {
namespace {

tulle_is_zero test_of(const Tensor& tensor) {
  return tensor.dtype == DType::kFloat32 ? tulle_ref_is_zero_f32 : tulle_ref_is_zero;
}

Result<void> shape(Site& site) {
  const Tensor& in = site.in(0);
  if (in.shape.rank() == 0) return site.invalid("the condition is a scalar, must be a vector or more");
  if (!site.known(0)) return site.defer();
  const int64_t found = tulle_ref_count_nonzero(in.data, bits(in.dtype) / 8, test_of(in), in.elements());
  return site.set_shape(0, Shape{static_cast<int32_t>(found), in.shape.rank()});
}

Result<Kernel> prepare(Site& site) {
  const Tensor& in = site.in(0);
  return [is_zero = test_of(in), bytes = bits(in.dtype) / 8, shape = in.shape,
          most = site.out(0).shape[0]](const Io& io) -> Result<void> {
    tulle_ref_where(io.in<void>(0), bytes, is_zero, shape.begin(), shape.rank(), shape.elements(), io.out<int64_t>(0),
                    most);
    return {};
  };
}

}  // namespace

extern const Op op_where = {
    .types = "bool|f32|i64|i32|i8|u8|u32 > i64",
    .shape = shape,
    .prepare = prepare,
};

}  // namespace tulle::ops
