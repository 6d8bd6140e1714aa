// The shared steps of detect, segment and pose.
#include "cli/vision.h"

namespace tulle::cli {

CLI::App* add_vision_verb(CLI::App& app, const char* name, const char* help, const char* what, VisionOptions& options) {
  CLI::App* verb = app.add_subcommand(name, help);
  verb->add_option("IMAGE", options.image, "A picture (PNG, JPEG, BMP)")->required();
  verb->add_option("--model,-m", options.model, what)->required();
  verb->add_option("-o,--output", options.out, "Write the picture with the result drawn on it (PNG)");
  add_picture_options(*verb, options.picture);
  add_threads(*verb, options);
  add_json(*verb, options.json);
  return verb;
}

Result<Seen> look(const VisionOptions& options) {
  Seen seen;
  TULLE_TRY(seen.session, open(options));
  auto prepared = preparation(seen.session->model(), options.picture);
  if (!prepared) return in_file(options.model, std::move(prepared).error());
  seen.preparation = *std::move(prepared);
  TULLE_TRY(seen.picture, read_picture(options.image));
  auto mapping = feed(*seen.session, seen.picture, seen.preparation);
  if (!mapping) return in_file(options.model, std::move(mapping).error());
  seen.mapping = *mapping;
  if (auto done = seen.session->run(); !done) return in_file(options.model, std::move(done).error());
  return seen;
}

Result<void> finish(const VisionOptions& options, const Picture& drawing, const Json& json, const std::string& lines) {
  if (!options.out.empty()) TULLE_CHECK(write_png(options.out, drawing));
  if (options.json) print_json(json);
  else print_text(lines + (options.out.empty() ? "" : "wrote " + options.out + "\n"));
  return {};
}

}  // namespace tulle::cli
