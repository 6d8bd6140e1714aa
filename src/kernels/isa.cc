// The instruction sets as a table.
#include "kernels/isa.h"

#if defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#elif defined(__wasm_relaxed_simd__)
#include "kernels/relaxed_dot.h"
#endif

#include <cstdlib>
#include <string>

namespace tulle::kernels {

#define SET(name, base, supported) \
  namespace name {                 \
  extern const Kernels kernels;    \
  }
#include "kernels/sets.def"
#undef SET

namespace {

constexpr Isa kIsas[] = {
#define SET(name, base, supported) {#name, &name::kernels, +[]() -> bool { return supported; }},
#include "kernels/sets.def"
#undef SET
};

}  // namespace

std::span<const Isa> isas() { return kIsas; }

Result<const Kernels*> choose() {
  const char* forced = std::getenv("TULLE_ISA");
  const std::string_view wanted = forced == nullptr ? "" : forced;
  if (wanted == "reference") return nullptr;
  const Kernels* best = nullptr;
  std::string names = "reference";
  for (const Isa& isa : kIsas) {
    if (!isa.supported()) {
      if (isa.name == wanted)
        return fail(ErrorCode::kInvalidArgument, "TULLE_ISA is {}, which this machine lacks", wanted);
      continue;
    }
    if (isa.name == wanted) return isa.kernels;
    names += ", " + std::string(isa.name);
    best = isa.kernels;
  }
  if (!wanted.empty())
    return fail(ErrorCode::kInvalidArgument, "TULLE_ISA is {:?}, must be one of {}", shown(wanted), names);
  return best;
}

}  // namespace tulle::kernels
