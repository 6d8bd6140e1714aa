// The table behind DType.
#include "graph/dtype.h"

#include <iterator>

namespace tulle {
namespace {

struct Row {
  std::string_view brief, name;
  int bits;
};
constexpr Row kRows[] = {
#define TULLE_ROW(code, id, brief, name, bits) {brief, name, bits},
    TULLE_DTYPES(TULLE_ROW)
#undef TULLE_ROW
};
static_assert(std::size(kRows) == kDTypeCount);

const Row& row(DType type) { return kRows[static_cast<size_t>(type)]; }

}  // namespace

std::string_view name(DType type) { return row(type).name; }
std::string_view short_name(DType type) { return row(type).brief; }
int bits(DType type) { return row(type).bits; }

std::optional<DType> parse_dtype(std::string_view name) {
  for (int i = 0; i < kDTypeCount; ++i)
    if (kRows[i].name == name || kRows[i].brief == name) return static_cast<DType>(i);
  return std::nullopt;
}

}  // namespace tulle
