// Broadcasting divisions: a divisor of zero is an error of the run.
#pragma once

#include <algorithm>

#include "ops/broadcast.h"

namespace tulle::ops {

/// The kernel that runs `row`, which divides by the elements of input 1. They are of type T, and `zero` stands for 0.
template <class T, class Params>
Result<Kernel> divide(const Site& site, tulle_row row, const Params& params, T zero = 0) {
  return [where = site.where(), walk = plan_broadcast(site.out(0), site.inputs), row, params, zero,
          count = site.in(1).elements()](const Io& io) -> Result<void> {
    const T* divisors = io.in<T>(1);
    if (std::find(divisors, divisors + count, zero) != divisors + count) return run_error(where, "division by zero");
    const void* in[3] = {io.in<void>(0), divisors, nullptr};
    tulle_broadcast_run(&walk, row, in, io.out<void>(0), &params);
    return {};
  };
}

}  // namespace tulle::ops
