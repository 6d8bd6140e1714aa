// The shared preparation of operators on complex numbers.
#include "ops/complex.h"

namespace tulle::ops {
namespace {

template <class T>
Kernel kernel(ComplexLoop<T> loop, int64_t count) {
  return [loop, count](const Io& io) -> Result<void> {
    loop(io.in<T>(0), io.out<T>(0), count);
    return {};
  };
}

}  // namespace

Result<Kernel> complex_part(Site& site, ComplexLoop<float> c64, ComplexLoop<double> c128) {
  const int64_t count = site.in(0).elements();
  return site.in(0).dtype == DType::kComplex64 ? kernel(c64, count) : kernel(c128, count);
}

}  // namespace tulle::ops
