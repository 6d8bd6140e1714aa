// What a classifier says: the scores of its classes, and the best of them.
#pragma once

#include <memory>
#include <vector>

#include "runtime/session.h"
#include "vision/picture.h"

namespace tulle {

/// An output as probabilities, one a class: as they are where they lie in 0…1 or are quantised, else by softmax. Errors
/// where it is no list of numbers, [N] or [1,…,N].
Result<std::vector<float>> scores_of(const Tensor& output);

/// The same for output 0.
Result<std::vector<float>> scores_of(const Session& session);

/// The same for a picture that a session of its own is fed as the model's metadata says.
Result<std::vector<float>> scores_of(std::shared_ptr<const Model> model, const Picture& picture);

/// Indices of the `count` largest scores, largest first; what is no number comes last.
std::vector<size_t> best(const std::vector<float>& scores, size_t count);

}  // namespace tulle
