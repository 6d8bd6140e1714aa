// How a picture becomes a model's input: what the command line says on top of the model's metadata.
#pragma once

#include <string>
#include <vector>

#include "cli/syntax.h"
#include "runtime/session.h"
#include "vision/preparation.h"

namespace tulle::cli {

/// Options that override the model's own preparation, and where to write what the model is fed.
struct PictureOptions {
  std::string labels_file, fit, resample, dump;
  std::vector<float> mean, std;
  double crop = 0;
  bool raw = false;
};
OptionList picture_options(PictureOptions& options);

/// What the model itself says, with the labels appended to its file at `path`, then the options.
Result<Preparation> preparation(const Model& model, const std::string& path, const PictureOptions& options);

/// Writes input 0 to the .npy file; nothing where the path is empty.
Result<void> dump_input(const Session& session, const std::string& path);

}  // namespace tulle::cli
