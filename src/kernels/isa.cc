// The instruction sets as a table.
#include "kernels/isa.h"

#include <cstdlib>
#include <string>

namespace tulle::kernels {

#define TULLE_SET(name)         \
  namespace name {              \
  extern const Kernels kernels; \
  }

#if defined(__x86_64__)
#define TULLE_SETS(ROW)                                                            \
  ROW(generic, true)                                                               \
  ROW(sse4, __builtin_cpu_supports("sse4.1"))                                      \
  ROW(avx2, __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))       \
  ROW(avxvnni, __builtin_cpu_supports("avxvnni") && __builtin_cpu_supports("fma")) \
  ROW(avx512, has_avx512())                                                        \
  ROW(avx512vnni, has_avx512() && __builtin_cpu_supports("avx512vnni"))
#else
#define TULLE_SETS(ROW) ROW(generic, true)
#endif

#define TULLE_DECLARE(name, supported) TULLE_SET(name)
TULLE_SETS(TULLE_DECLARE)
#undef TULLE_DECLARE

namespace {

#if defined(__x86_64__)
bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

constexpr Isa kIsas[] = {
#define TULLE_ROW(name, supported) {#name, &name::kernels, +[]() -> bool { return supported; }},
    TULLE_SETS(TULLE_ROW)
#undef TULLE_ROW
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
