// UNSORTED_SEGMENT_PROD: the slices of each segment, multiplied; empty ones are 1.
#include "ops/segment.h"

namespace tulle::ops {

TULLE_UNSORTED_SEGMENT(prod);

}  // namespace tulle::ops
