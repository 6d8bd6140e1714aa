// The table of one instruction set.
#include "kernels/families.h"

#define TULLE_TEXT_(x) #x
#define TULLE_TEXT(x) TULLE_TEXT_(x)

namespace tulle::kernels::TULLE_ISA {

const Kernels kernels = {
    .name = TULLE_TEXT(TULLE_ISA),
    .lanes = kLanes,
    .tile_rows = kTileRows,
    .tile_vectors = kTileVectors,
    .group = int_group,
    .int_tiles = int_tiles,
    .float_tiles = float_tiles,
    .expand_i8 = expand_i8,
    .expand_u8 = expand_u8,
    .total = total_of,
    .depthwise_channels = depthwise_channels,
    .depthwise_bytes = depthwise_bytes,
    .pack_depthwise = pack_depthwise,
    .depthwise = depthwise,
    .float_depthwise = float_depthwise,
    .codes = codes,
    .codes_ties = codes_ties,
    .codes_positive = codes_positive,
};

}  // namespace tulle::kernels::TULLE_ISA
