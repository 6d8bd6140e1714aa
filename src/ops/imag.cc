// IMAG: the imaginary parts of complex numbers.
#include "ops/complex.h"
#include "ops/unary.h"

namespace tulle::ops {

extern const Op op_imag = {
    .types = kComplexTypes,
    .shape = same_shape,
    .prepare = [](Site& site) { return complex_part(site, tulle_ref_imag_c64, tulle_ref_imag_c128); },
};

}  // namespace tulle::ops
