// UNSORTED_SEGMENT_MIN: the slices of each segment, their smallest; empty ones are the highest number.
#include "ops/segment.h"

namespace tulle::ops {

TULLE_UNSORTED_SEGMENT(min);

}  // namespace tulle::ops
