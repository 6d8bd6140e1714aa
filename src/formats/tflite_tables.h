// The schema's tables, past a macro of some C libraries that bears an operator's name.
#pragma once

#include <climits>
#undef ARG_MAX

#include "tflite_generated.h"
