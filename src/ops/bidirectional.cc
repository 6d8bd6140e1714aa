// Inputs and outputs of bidirectional recurrent layers.
#include "ops/bidirectional.h"

namespace tulle::ops {

Result<void> check_aux_input(const Site& site, int aux_input, int aux_weights) {
  if (!site.has(aux_input))
    return site.has(aux_weights) ? site.invalid("input {} is present without input {}", aux_weights, aux_input)
                                 : Result<void>{};
  const Shape &input = site.in(0).shape, &aux = site.in(aux_input).shape;
  if (aux.rank() == 3 && aux[0] == input[0] && aux[1] == input[1] && (site.has(aux_weights) || aux[2] == input[2]))
    return {};
  return site.invalid("input {} has shape {}, beside input 0 with {}", aux_input, to_string(aux), to_string(input));
}

Result<void> set_bidirectional_shapes(Site& site, int32_t forward, int32_t backward) {
  const bool merged = site.attributes().flag("merge_outputs");
  if (site.output_count() != (merged ? 1 : 2))
    return site.invalid("{} outputs, expected {}", site.output_count(), merged ? 1 : 2);
  if (merged && forward > INT32_MAX - backward)
    return site.invalid("{} and {} outputs are too many", forward, backward);
  Shape shape = site.in(0).shape;
  shape[2] = merged ? forward + backward : forward;
  TULLE_CHECK(site.set_shape(0, shape));
  shape[2] = backward;
  return merged ? Result<void>{} : site.set_shape(1, shape);
}

}  // namespace tulle::ops
