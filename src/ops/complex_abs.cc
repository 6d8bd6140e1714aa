// COMPLEX_ABS: the magnitudes of complex numbers.
#include "ops/complex.h"
#include "ops/unary.h"

namespace tulle::ops {

extern const Op op_complex_abs = {
    .types = kComplexTypes,
    .shape = same_shape,
    .prepare = [](Site& site) { return complex_part(site, tulle_ref_complex_abs_c64, tulle_ref_complex_abs_c128); },
};

}  // namespace tulle::ops
