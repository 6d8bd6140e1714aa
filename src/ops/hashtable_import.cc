// HASHTABLE_IMPORT: fills a look-up table with the keys in input 1 and the values in input 2, once.
#include "ops/hash_table.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  if (site.in(0).elements() != 1)
    return site.invalid("input 0 has shape {}, expected one handle", to_string(site.in(0).shape));
  if (site.in(1).shape == site.in(2).shape) return {};
  return site.invalid("keys of shape {} and values of shape {}", to_string(site.in(1).shape),
                      to_string(site.in(2).shape));
}

Result<Kernel> prepare(Site& site) {
  const int order = site.scratch(sizeof(int32_t) * static_cast<uint64_t>(site.in(1).elements()));
  return [order, where = site.where()](const Io& io) -> Result<void> {
    return fill_table(*io.host, *io.in<int32_t>(0), *io.inputs[1], *io.inputs[2],
                      reinterpret_cast<int32_t*>(io.scratch[order]), where);
  };
}

}  // namespace

extern const Op op_hashtable_import = {
    .types = "res i64 str >; res str i64 >",
    .shape = shape,
    .prepare = prepare,
    .stateful = true,
};

}  // namespace tulle::ops
