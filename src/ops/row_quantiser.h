// Rows of reals to int8 codes, each row by its own range, for integer weights.
#pragma once

#include "ops/loops.h"
#include "ops/op.h"

namespace tulle::ops {

class RowQuantiser {
 public:
  RowQuantiser(Site& site, bool symmetric);

  /// Writes the codes of `rows` rows of `count` reals and how each was quantised, on all threads.
  void operator()(const Io& io, const float* x, int64_t rows, int32_t count, int8_t* q, tulle_row_scale* scales) const;

 private:
  tulle_row_codes codes_of(float low, float high) const {
    return symmetric_ ? tulle_row_codes_symmetric(low, high) : tulle_row_codes_of(low, high);
  }

  const Loops* loops_;
  bool symmetric_;
  size_t ranges_;  ///< scratch: one of each thread
};

}  // namespace tulle::ops
