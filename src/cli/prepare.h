// How a picture becomes a model's input: what the model's metadata and the command line say.
#pragma once

#include <string>
#include <vector>

#include "cli/resample.h"
#include "cli/syntax.h"
#include "graph/graph.h"

namespace tulle::cli {

enum class Channels { kByModel, kRgb, kGray };
enum class Fit { kStretch, kSquare };

/// What docs/metadata.md defines, plus what the command line adds.
struct Preparation {
  std::vector<std::string> labels;
  std::vector<float> mean, std;  ///< empty: by the input's type (see feed)
  double crop = 1.0;
  Fit fit = Fit::kStretch;
  Channels channels = Channels::kByModel;
  Filter filter = Filter::kBilinear;
  bool antialias = true, invert = false;
  bool raw = false;  ///< pixels become the input's bytes unchanged
};

/// Options that override the model's own preparation, and where to write what the model is fed.
struct PictureOptions {
  std::string labels_file, fit, resample, dump;
  std::vector<float> mean, std;
  double crop = 0;
  bool raw = false;
};
OptionList picture_options(PictureOptions& options);

/// The TULLE_PREPARE entry of the model where it has one; else a stretched picture, with the labels and, for float
/// inputs, the normalisation of TFLITE_METADATA where it has that. Then the options. `path` is the model's file.
Result<Preparation> preparation(const Model& model, const std::string& path, const PictureOptions& options);

}  // namespace tulle::cli
