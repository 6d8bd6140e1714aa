// Feeding pictures to a session.
#pragma once

#include "runtime/session.h"
#include "vision/picture.h"
#include "vision/preparation.h"

namespace tulle {

/// Where the part of the picture that the model is fed lies in the original, in pixels.
struct Mapping {
  double x = 0, y = 0, width = 0, height = 0;
};

/// The bytes of an input that is fed the picture: [1,H,W,1 or 3] of float32, int8 or uint8. Without mean and std:
/// integer inputs take the pixel as the code (int8: minus 128), float inputs (pixel - 127.5) / 127.5.
Result<std::vector<std::byte>> fed(const Tensor& input, const Picture& picture, const Preparation& preparation);

/// Fills input 0, the only one, with that.
Result<Mapping> feed(Session& session, const Picture& picture, const Preparation& preparation);

}  // namespace tulle
