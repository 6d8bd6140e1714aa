// UNSORTED_SEGMENT_SUM: the slices of each segment, added up; empty ones are 0.
#include "ops/segment.h"

namespace tulle::ops {

TULLE_UNSORTED_SEGMENT(sum);

}  // namespace tulle::ops
