// The shared steps of detect, segment and pose.
#include "cli/vision.h"

#include <algorithm>

#include "cli/progress.h"

namespace tulle::cli {

Verb vision_verb(const VisionHelp& help, std::shared_ptr<VisionOptions> options,
                 Result<void> (*run)(const VisionOptions&)) {
  OptionList threshold;
  if (help.threshold != nullptr)
    threshold = {{"--threshold", &options->threshold, help.threshold, "SCORE", between(0, 1)}};
  return {help.name, help.help,
          join({{required({"IMAGE", &options->image, "A picture (PNG, JPEG, BMP)"}),
                 required({"-m,--model", &options->model, help.model, "FILE"}),
                 {"-o,--output", &options->out, "Write the picture with the result drawn on it, as PNG", "FILE"}},
                threshold,
                picture_options(options->picture),
                pack_options(*options),
                {threads_option(*options), json_option(options->json)}}),
          help.examples, [options, run] { return run(*options); }};
}

size_t to_index(float value) { return value > 0 ? static_cast<size_t>(std::min(value, 65535.0f)) : 0; }

Result<Seen> look(const VisionOptions& options) {
  const Progress progress(options.image);
  Seen seen;
  TULLE_TRY(Opened opened, open(options));
  seen.session = std::move(opened.session);
  seen.packs = std::move(opened.packs);
  TULLE_TRY(seen.preparation, preparation(seen.session->model(), options.model, options.picture));
  TULLE_TRY(seen.picture, read_picture(options.image));
  TULLE_TRY(seen.mapping, in_file(options.model, feed(*seen.session, seen.picture, seen.preparation)));
  TULLE_CHECK(dump_input(*seen.session, options.picture.dump));
  TULLE_CHECK(in_file(options.model, seen.session->run()));
  return seen;
}

Result<void> finish(const VisionOptions& options, const Seen& seen, const Picture& drawing, const Json& json,
                    const std::string& lines) {
  if (!options.out.empty()) TULLE_CHECK(write_png(options.out, drawing));
  if (options.json)
    print_json(json);
  else
    print_text(lines + (options.out.empty() ? "" : "wrote " + options.out + "\n"));
  seen.packs.keep(*seen.session);
  return {};
}

}  // namespace tulle::cli
