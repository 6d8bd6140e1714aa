// HASHTABLE: the handle of a look-up table.
#include "ops/hash_table.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) { return site.set_shape(0, {1}); }

Result<Kernel> prepare(Site& site) {
  const std::string_view key = site.attributes().symbol("key_dtype"), value = site.attributes().symbol("value_dtype");
  if (!(key == "INT64" && value == "STRING") && !(key == "STRING" && value == "INT64"))
    return site.unsupported("a table from {} to {}, expected INT64 and STRING", key, value);
  return [handle = table_handle(*site.host, site.attributes().integer("table_id"))](const Io& io) -> Result<void> {
    *io.out<int32_t>(0) = handle;
    return {};
  };
}

}  // namespace

extern const Op op_hashtable = {
    .types = "> res",
    .shape = shape,
    .prepare = prepare,
    .stateful = true,
};

}  // namespace tulle::ops
