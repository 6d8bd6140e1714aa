// What is there where nothing was left out. In a file of its own, lest compilers count on it.
#include "ops/built.h"

namespace tulle::ops {

extern const uint32_t built_types[] = {
#define OP(code, name, symbol, version) ~0U,
#define CUSTOM_OP(name, symbol) ~0U,
#include "ops/ops.def"
#undef OP
#undef CUSTOM_OP
};

}  // namespace tulle::ops
