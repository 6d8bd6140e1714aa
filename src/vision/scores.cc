// Scores of classes from a classifier's output.
#include "vision/scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "graph/array.h"
#include "vision/feed.h"

namespace tulle {
namespace {

/// Probabilities stay as they are; floats that are none go through softmax.
void to_probabilities(std::vector<float>& scores, const Tensor& tensor) {
  const bool bounded = std::ranges::all_of(scores, [](float x) { return x >= 0 && x <= 1.001f; });
  if (bounded || (tensor.scale() == 0 && tensor.dtype != DType::kFloat32)) return;
  const float most = *std::ranges::max_element(scores);
  double sum = 0;
  for (float& x : scores) sum += x = std::exp(x - most);
  for (float& x : scores) x = static_cast<float>(x / sum);
}

}  // namespace

Result<std::vector<float>> scores_of(const Tensor& output) {
  const Shape& shape = output.shape;
  if (shape.rank() == 0 || shape.elements() == 0 || shape[shape.rank() - 1] != shape.elements())
    return fail(ErrorCode::kUnsupported, "output '{}' {} is no list of scores: it should be [1,N]", output.name,
                to_string(shape));
  TULLE_TRY(std::vector<float> scores, reals(output));
  to_probabilities(scores, output);
  return scores;
}

Result<std::vector<float>> scores_of(const Session& session) {
  Tensor output = session.output(0);
  output.name = session.outputs()[0].name;
  return scores_of(output);
}

Result<std::vector<float>> scores_of(std::shared_ptr<const Model> model, const Picture& picture) {
  TULLE_TRY(const Preparation preparation, own_preparation(*model));
  TULLE_TRY(const auto session, Session::create(std::move(model)));
  TULLE_CHECK(feed(*session, picture, preparation));
  TULLE_CHECK(session->run());
  return scores_of(*session);
}

std::vector<size_t> best(const std::vector<float>& scores, size_t count) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto key = [&](size_t i) { return std::isnan(scores[i]) ? -INFINITY : scores[i]; };
  count = std::min(count, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(count), order.end(),
                    [&](size_t a, size_t b) { return key(a) != key(b) ? key(a) > key(b) : a < b; });
  order.resize(count);
  return order;
}

}  // namespace tulle
