// Non-maximum suppression, plain and soft.
#include "ops/non_max_suppression.h"

#include <algorithm>

#include "ops/non_max_suppression.ref.h"

namespace tulle::ops {
namespace {

enum { kBoxes, kScores, kMost, kOverlapLimit, kScoreLimit, kSigma };

}  // namespace

Result<void> non_max_suppression_shape(Site& site) {
  const Shape &boxes = site.in(kBoxes).shape, &scores = site.in(kScores).shape;
  if (boxes.rank() != 2 || boxes[1] != 4) return site.invalid("input 0 has shape {}, expected [?,4]", to_string(boxes));
  if (scores != Shape{boxes[0]})
    return site.invalid("input 1 has shape {}, expected [{}]", to_string(scores), boxes[0]);
  for (int i = kMost; i < site.input_count(); ++i)
    if (site.in(i).shape.rank() != 0)
      return site.invalid("input {} has shape {}, expected a scalar", i, to_string(site.in(i).shape));
  if (!site.known(kMost)) return site.defer();
  const int32_t most = site.values<int32_t>(kMost)[0];
  if (most < 0) return site.invalid("input 2 is {}, expected 0 or more", most);
  const int last = site.output_count() - 1;
  for (int i = 0; i < last; ++i) TULLE_CHECK(site.set_shape(i, {most}));
  return site.set_shape(last, {});
}

Result<Kernel> non_max_suppression(Site& site) {
  const int32_t boxes = site.in(kBoxes).shape[0];
  const bool soft = site.has(kSigma);
  const auto count = static_cast<uint64_t>(boxes);
  const int heap = site.scratch(count * sizeof(tulle_candidate));
  const int picks = site.scratch(count * sizeof(int32_t)), lowered = site.scratch(count * sizeof(float));
  return [=, last = site.output_count() - 1, where = site.where()](const Io& io) -> Result<void> {
    const int32_t most = io.outputs[0]->shape[0];
    const float sigma = soft ? *io.in<float>(kSigma) : 0.0f;
    if (sigma < 0) return run_error(where, fmt::format("input 5 is {}, expected 0 or more", sigma));
    auto* picked = reinterpret_cast<int32_t*>(io.scratch[picks]);
    auto* scores = reinterpret_cast<float*>(io.scratch[lowered]);
    const int32_t found = tulle_ref_non_max_suppression(
        io.in<float>(kBoxes), io.in<float>(kScores), boxes, std::min(most, boxes), *io.in<float>(kOverlapLimit),
        *io.in<float>(kScoreLimit), sigma, picked, scores, reinterpret_cast<tulle_candidate*>(io.scratch[heap]));
    const int32_t rest = most - found;
    std::fill_n(std::copy_n(picked, found, io.out<int32_t>(0)), rest, 0);
    if (soft) std::fill_n(std::copy_n(scores, found, io.out<float>(1)), rest, 0.0f);
    *io.out<int32_t>(last) = found;
    return {};
  };
}

}  // namespace tulle::ops
