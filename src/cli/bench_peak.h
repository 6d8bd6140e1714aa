// What an instruction set can do at most on this machine, measured.
#pragma once

#include "kernels/kernels.h"

namespace tulle::cli {

/// Billions of operations a second, a multiply-add being two; 0 where there are no kernels to measure.
struct Peak {
  double float_gops = 0, int8_gops = 0;
};

/// Times the largest float and integer tile of these kernels (null: the plain loops, which have none) on operands that
/// stay in the first cache: the best of several turns on one thread, times the threads. Takes some ten milliseconds.
Peak measure_peak(const kernels::Kernels* kernels, int threads);

}  // namespace tulle::cli
