// Loops: the plain loops of operators as compiled for one instruction set. They are the same C, so the same bits.
#pragma once

#include "ops/arg.ref.h"
#include "ops/arithmetic.ref.h"
#include "ops/codes.ref.h"
#include "ops/conv_2d.ref.h"
#include "ops/depthwise_conv_2d.ref.h"
#include "ops/div.ref.h"
#include "ops/hard_swish.ref.h"
#include "ops/lstm_i8.ref.h"
#include "ops/pool.ref.h"
#include "ops/prelu.ref.h"
#include "ops/quantize.ref.h"
#include "ops/quantize_rows.ref.h"
#include "ops/quantized_arithmetic.ref.h"
#include "ops/reduce.ref.h"
#include "ops/relu.ref.h"
#include "ops/resize.ref.h"
#include "ops/squared_difference.ref.h"
#include "ops/svdf.ref.h"

namespace tulle::ops {

class Site;

struct Loops {
#define LOOP(name) decltype(&::name) name;
#include "ops/loops.def"
#undef LOOP
};

/// The loops for the machine; where the session uses no kernels, as the library itself is compiled.
const Loops& loops(const Site& site);

}  // namespace tulle::ops
