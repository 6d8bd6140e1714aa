// Which instruction set's loops belong to which kernels.
#include "ops/loops.h"

#include <algorithm>

#include "kernels/isa.h"
#include "ops/op.h"

namespace tulle::ops {

#define SET(name, base, supported) \
  namespace base {                 \
  extern const Loops loops;        \
  }
#include "kernels/sets.def"
#undef SET

namespace {

constexpr Loops kPlain = {
#define LOOP(name) .name = ::name,
#include "ops/loops.def"
#undef LOOP
};

constexpr const Loops* kSets[] = {
#define SET(name, base, supported) &base::loops,
#include "kernels/sets.def"
#undef SET
};

}  // namespace

const Loops& loops(const Site& site) {
  const auto isas = kernels::isas();
  const auto found = std::ranges::find(isas, site.kernels, &kernels::Isa::kernels);
  return found == isas.end() ? kPlain : *kSets[found - isas.begin()];
}

}  // namespace tulle::ops
