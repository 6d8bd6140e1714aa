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

 private:
  int index_, bits_, scratch_ = -1;
  int64_t count_;
  std::vector<int8_t> unpacked_;
};

}  // namespace tulle::ops
