// What detect, segment and pose share: options, opening the model, feeding the picture, saving the drawing.
#pragma once

#include "cli/arrays.h"
#include "cli/draw.h"
#include "cli/prepare.h"
#include "cli/verb.h"
#include "vision/feed.h"
#include "vision/labels.h"

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
  Packs packs;
  Preparation preparation;
  Picture picture;
  Mapping mapping;
};

/// The words a vision verb shows about itself.
struct VisionHelp {
  const char *name, *help, *model, *threshold, *examples;  ///< threshold null: there is none
};
/// A verb with IMAGE, --model, --labels and the rest.
Verb vision_verb(const VisionHelp& help, std::shared_ptr<VisionOptions> options,
                 Result<void> (*run)(const VisionOptions&));

/// A number out of an output as an index: not a number and below zero are 0, at most 65535.
size_t to_index(float value);

Result<Seen> look(const VisionOptions& options);

/// Writes the drawing where -o asks for it, and the JSON or the lines; then what was packed is kept.
Result<void> finish(const VisionOptions& options, const Seen& seen, const Picture& drawing, const Json& json,
                    const std::string& lines);

}  // namespace tulle::cli
