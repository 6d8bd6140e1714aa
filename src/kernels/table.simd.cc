// The table of one instruction set.
#include "kernels/families.h"

#define TULLE_TEXT_(x) #x
#define TULLE_TEXT(x) TULLE_TEXT_(x)

namespace tulle::kernels::TULLE_ISA {

using namespace TULLE_BASE;

const Kernels kernels = {
    .name = TULLE_TEXT(TULLE_ISA),
    .lanes = kLanes,
    .int_rows = kIntRows,
    .int_vectors = kIntVectors,
    .float_rows = kFloatRows,
    .float_vectors = kFloatVectors,
    .activations = activations,
    .fuses = kFuses,
    .int_tiles = int_tiles,
    .float_tiles = float_tiles,
    .wide_tiles = wide_tiles,
    .flip = flip,
    .total = total,
    .centre_i8 = centre_i8,
    .centre_u8 = centre_u8,
    .depthwise_pairs = depthwise_pairs,
    .pair_bytes = pair_bytes,
    .pack_pairs = pack_pairs,
    .depthwise_quads = depthwise_quads,
    .spread = spread,
    .float_depthwise = float_depthwise,
    .winograd_input = winograd_input,
    .winograd_output = winograd_output,
#if TULLE_QUADS
    .squares = nullptr,
#else
    .squares = &squares,
#endif
    .codes = codes,
    .codes_real = codes_real,
    .codes_signed = codes_signed,
    .reals = reals,
    .add_i8 = add_i8,
    .add_u8 = add_u8,
    .mul_i8 = mul_i8,
    .mul_u8 = mul_u8,
    .lookup = lookup,
    .exp = exp,
    .logistic = logistic,
    .swish = swish,
    .tanh = tanh,
    .gelu = gelu,
    .gelu_by_tanh = gelu_by_tanh,
    .softmax = softmax,
    .sum = sum,
};

}  // namespace tulle::kernels::TULLE_ISA
