// UNSORTED_SEGMENT_MAX: the slices of each segment, their largest; empty ones are the lowest number.
#include "ops/segment.h"

namespace tulle::ops {

TULLE_UNSORTED_SEGMENT(max);

}  // namespace tulle::ops
