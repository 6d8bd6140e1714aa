// The shared steps of detect, segment and pose.
#include "cli/vision.h"

#include <algorithm>

#include "cli/progress.h"

namespace tulle::cli {

CLI::App* add_vision_verb(CLI::App& app, const VisionHelp& help, VisionOptions& options) {
  CLI::App* verb = app.add_subcommand(help.name, help.help);
  verb->add_option("IMAGE", options.image, "A picture (PNG, JPEG, BMP)")->required()->type_name("");
  verb->add_option("-m,--model", options.model, help.model)->required()->type_name("FILE");
  verb->add_option("-o,--output", options.out, "Write the picture with the result drawn on it, as PNG")
      ->type_name("FILE");
  if (help.threshold != nullptr)
    verb->add_option("--threshold", options.threshold, help.threshold)->type_name("SCORE")->check(between(0.0, 1.0));
  add_picture_options(*verb, options.picture);
  add_threads(*verb, options);
  add_json(*verb, options.json);
  verb->footer(help.examples);
  return verb;
}

size_t to_index(float value) { return value > 0 ? static_cast<size_t>(std::min(value, 65535.0f)) : 0; }

Result<Seen> look(const VisionOptions& options) {
  const Progress progress(options.image);
  Seen seen;
  TULLE_TRY(seen.session, open(options));
  TULLE_TRY(seen.preparation, preparation(seen.session->model(), options.model, options.picture));
  TULLE_TRY(seen.picture, read_picture(options.image));
  TULLE_TRY(seen.mapping, in_file(options.model, feed(*seen.session, seen.picture, seen.preparation)));
  TULLE_CHECK(dump_input(*seen.session, options.picture.dump));
  TULLE_CHECK(in_file(options.model, seen.session->run()));
  return seen;
}

Result<void> finish(const VisionOptions& options, const Picture& drawing, const Json& json, const std::string& lines) {
  if (!options.out.empty()) TULLE_CHECK(write_png(options.out, drawing));
  if (options.json)
    print_json(json);
  else
    print_text(lines + (options.out.empty() ? "" : "wrote " + options.out + "\n"));
  return {};
}

}  // namespace tulle::cli
