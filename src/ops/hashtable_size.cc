// HASHTABLE_SIZE: how many different keys a look-up table holds.
#include "ops/hash_table.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  if (site.in(0).elements() != 1)
    return site.invalid("input 0 has shape {}, expected one handle", to_string(site.in(0).shape));
  return site.set_shape(0, {1});
}

Result<Kernel> prepare(Site&) {
  return [](const Io& io) -> Result<void> {
    const Result<HashTable> table = HashTable::open(*io.host, *io.in<int32_t>(0));
    *io.out<int64_t>(0) = table ? table->size() : 0;
    return {};
  };
}

}  // namespace

extern const Op op_hashtable_size = {
    .types = "res > i64",
    .shape = shape,
    .prepare = prepare,
    .stateful = true,
};

}  // namespace tulle::ops
