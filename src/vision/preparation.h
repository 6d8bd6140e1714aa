// How a picture becomes a model's input: what the model's metadata says.
#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"
#include "vision/resample.h"

namespace tulle {

enum class Channels { kByModel, kRgb, kGray };
enum class Fit { kStretch, kSquare };

/// What docs/metadata.md defines, plus what the command line adds.
struct Preparation {
  std::vector<std::string> labels;
  std::string labels_member;     ///< of the archive appended to the model's file: there the labels are, if not above
  std::vector<float> mean, std;  ///< empty: by the input's type (see feed)
  double crop = 1.0;
  Fit fit = Fit::kStretch;
  Channels channels = Channels::kByModel;
  Filter filter = Filter::kBilinear;
  bool antialias = true, invert = false;
  bool raw = false;  ///< pixels become the input's bytes unchanged
};

/// The TULLE_PREPARE entry of the model where it has one; else a stretched picture, with the labels' place and, for
/// float inputs, the normalisation of TFLITE_METADATA where it has that.
Result<Preparation> own_preparation(const Model& model);

}  // namespace tulle
