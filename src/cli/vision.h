// What detect, segment and pose share: options, opening the model, feeding the picture, saving the drawing.
#pragma once

#include "cli/draw.h"
#include "cli/prepare.h"
#include "cli/verb.h"

namespace tulle::cli {

struct VisionOptions : RunOptions {
  PictureOptions picture;
  std::string image, out;
  float threshold = 0.5f;
  bool json = false;
};

/// A picture and the session that has looked at it.
struct Seen {
  std::unique_ptr<Session> session;
  Preparation preparation;
  Picture picture;
  Mapping mapping;
};

/// IMAGE, --model, --labels and the rest; `what` names the kind of model.
CLI::App* add_vision_verb(CLI::App& app, const char* name, const char* help, const char* what, VisionOptions& options);

Result<Seen> look(const VisionOptions& options);

/// Writes the drawing where -o asks for it, and the JSON or the lines.
Result<void> finish(const VisionOptions& options, const Picture& drawing, const Json& json, const std::string& lines);

}  // namespace tulle::cli
