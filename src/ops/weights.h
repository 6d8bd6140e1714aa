// Integer weights below 8 bits as whole bytes.
#pragma once

#include <vector>

#include "ops/op.h"

namespace tulle::ops {

/// Hands a kernel input `index` as it lies there, or its 4- or 2-bit codes as int8: of a constant once, else at each
/// run.
class Weights {
 public:
  Weights(Site& site, int index);
  const int8_t* at(const Io& io) const;
  /// The same while preparing, of an input that is known.
  const int8_t* constant() const { return bits_ >= 8 ? data_ : unpacked_.data(); }

 private:
  int index_, bits_, scratch_ = -1;
  int64_t count_;
  const int8_t* data_;
  std::vector<int8_t> unpacked_;
};

}  // namespace tulle::ops
