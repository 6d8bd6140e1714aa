// The plain loops of one instruction set.
#include "ops/loops.h"

namespace tulle::ops::TULLE_ISA {

extern const Loops loops;
const Loops loops = {
#define LOOP(name) .name = ::name,
#include "ops/loops.def"
#undef LOOP
};

}  // namespace tulle::ops::TULLE_ISA
