// What operators that combine rows by segment share.
#pragma once

#include "ops/op.h"
#include "ops/segment.ref.h"

namespace tulle::ops {

template <class T>
using SegmentLoop = void (*)(const T* x, const int32_t* ids, T* y, int64_t rows, int64_t row, int64_t segments);

/// Prepares a node: ids of input 1 name the row of the output that each slice of input 0 goes to.
Result<Kernel> segment_kernel(Site& site, SegmentLoop<float> f32, SegmentLoop<int32_t> i32);

/// A shape rule of the UNSORTED_SEGMENT operators: as many rows as input 2 says.
Result<void> unsorted_segment_shape(Site& site);

/// A row of one of those.
#define TULLE_UNSORTED_SEGMENT(name)                                                                     \
  extern const Op op_unsorted_segment_##name = {                                                         \
      .types = "T i32 i32 > T : T=f32 i32",                                                              \
      .shape = unsorted_segment_shape,                                                                   \
      .prepare =                                                                                         \
          [](Site& site) {                                                                               \
            return segment_kernel(site, tulle_ref_segment_##name##_f32, tulle_ref_segment_##name##_i32); \
          },                                                                                             \
  }

}  // namespace tulle::ops
