// From a picture to a model's input, as the model's metadata, its input's type and the command line say.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/picture.h"
#include "cli/resample.h"
#include "runtime/session.h"

namespace tulle::cli {

/// What docs/metadata.md defines, plus what the command line overrides.
struct Preparation {
  std::vector<std::string> labels;
  std::vector<float> mean, std;  ///< empty: by the input's type (see prepare)
  double crop = 1.0;
  bool square = false, antialias = true, invert = false;
  Filter filter = Filter::kBilinear;
};

/// Options that override the model's own preparation.
struct PictureOptions {
  std::string labels_file, fit, resample;
  std::vector<float> mean, std;
  double crop = 0;
};
void add_picture_options(CLI::App& verb, PictureOptions& options);

/// The TULLE_PREPARE entry of the model where it has one, else a stretched picture with the input type's usual values;
/// then the options. Labels come from --labels, else from the metadata.
Result<Preparation> preparation(const Model& model, const PictureOptions& options);

/// The names in a label file, one a line; lines that all begin with a number give the name of that number.
Result<std::vector<std::string>> read_labels(const std::string& path);
/// The name of class `index`; its number where there is none.
std::string label(const std::vector<std::string>& labels, size_t index);

/// Where the picture fed to the model lies in the original: original = offset + scale * fed, in pixels.
struct Mapping {
  double x_offset = 0, y_offset = 0, width = 0, height = 0;
};

/// Fills input 0, which must be [1,H,W,1 or 3] of float32, int8 or uint8. Without mean and std: integer inputs take the
/// pixel as the code (int8: minus 128), float inputs (pixel - 127.5) / 127.5.
Result<Mapping> feed(Session& session, const Picture& picture, const Preparation& preparation);

/// The elements of an output as reals, dequantised where it is quantised.
Result<std::vector<float>> reals(const Tensor& tensor);

}  // namespace tulle::cli
