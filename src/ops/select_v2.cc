// SELECT_V2: elements of one operand or the other by a condition; all three stretch to a common shape.
#include "ops/select.h"

namespace tulle::ops {

extern const Op op_select_v2 = {
    .types = kSelectTypes,
    .shape =
        [](Site& site) {
          return is_one_element(site) ? site.set_shape(0, declared_shape(site)) : broadcast_shape(site);
        },
    .prepare = [](Site& site) { return choose(site, site.in(0)); },
    .in_place = 6,
};

}  // namespace tulle::ops
