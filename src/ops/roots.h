// What SQRT and RSQRT share: codes below the zero point are an error of the run.
#pragma once

#include <algorithm>

#include "ops/op.h"

namespace tulle::ops {

/// `roots`, run where no element of input 0, of type T, stands for a negative number.
template <class T>
Kernel of_positive(const Site& site, Kernel roots) {
  return [where = site.where(), zero = site.in(0).zero_point(), count = site.in(0).elements(),
          roots = std::move(roots)](const Io& io) mutable -> Result<void> {
    const T* x = io.in<T>(0);
    if (std::any_of(x, x + count, [&](T code) { return code < zero; }))
      return run_error(where, "the root of a negative number");
    return roots(io);
  };
}

}  // namespace tulle::ops
