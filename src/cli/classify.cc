// tulle classify: what is in a picture.
#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "cli/prepare.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "vision/feed.h"
#include "vision/labels.h"
#include "vision/scores.h"

namespace tulle::cli {
namespace {

struct Options : RunOptions {
  PictureOptions picture;
  std::vector<std::string> images;
  int top = 5;
  bool json = false;
};

/// Where `make models` puts the classifier of photographs.
std::filesystem::path fetched_model() {
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value != nullptr ? value : "");
  };
  const std::filesystem::path home = set("HOME");
  const std::filesystem::path cache =
      set("TULLE_CACHE").empty() ? home / ".cache/tulle" : std::filesystem::path(set("TULLE_CACHE"));
  return cache / "models/efficientnet_lite0.tflite";
}

Result<Json> classify_one(Session& session, const Preparation& preparation, const std::string& file,
                          const Options& options) {
  TULLE_TRY(const Picture picture, read_picture(file));
  TULLE_CHECK(in_file(options.model, feed(session, picture, preparation)));
  TULLE_CHECK(dump_input(session, options.picture.dump));
  const auto start = std::chrono::steady_clock::now();
  TULLE_CHECK(in_file(options.model, session.run()));
  const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  TULLE_TRY(const auto scores, in_file(options.model, scores_of(session)));
  Json list = Json::array();
  for (size_t i : best(scores, static_cast<size_t>(options.top)))
    list.push_back({{"index", i}, {"label", label(preparation.labels, i)}, {"score", scores[i]}});
  return Json{{"file", file}, {"top", list}, {"ms", ms}};
}

std::string shown(const Json& image, std::string_view block) {
  std::string text = fmt::format("{}  ({:.1f} ms)\n", image["file"].get<std::string>(), image["ms"].get<double>());
  for (const Json& entry : image["top"]) {
    const double score = entry["score"].get<float>();
    std::string bar;
    for (int i = 0; i < 20 && score * 20 > i + 0.5; ++i) bar += block;
    std::string line = fmt::format("  {:6.1f} %  {:<40} {}", score * 100, entry["label"].get<std::string>(), bar);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

Result<void> classify(Options options) {
  if (options.model.empty()) {
    options.model = fetched_model().string();
    std::error_code ignored;
    if (!std::filesystem::exists(options.model, ignored))
      return fail(ErrorCode::kNotFound,
                  "no model: {} does not exist; `make models` fetches it, or give one with --model", options.model);
  }
  Progress progress("classify", options.images.size());
  TULLE_TRY(const auto opened, open(options));
  const auto& session = opened.session;
  TULLE_TRY(const Preparation prepared, preparation(session->model(), options.model, options.picture));
  Json images = Json::array();
  for (const std::string& file : options.images) {
    TULLE_TRY(Json image, classify_one(*session, prepared, file, options));
    progress.step();
    if (!options.json)
      progress.print(shown(image, decorated(1) ? "█" : "#"));
    else
      images.push_back(std::move(image));
  }
  if (options.json) progress.print(to_text(Json{{"images", images}}));
  opened.packs.keep(*session);
  return {};
}

}  // namespace

Verb classify_verb() {
  auto options = std::make_shared<Options>();
  return {
      "classify", "Say what is in pictures (PNG, JPEG, BMP)",
      join({{required({"IMAGE", &options->images, "Pictures"}),
             {"-m,--model", &options->model, "A .tflite classifier (default: the one `make models` fetched)", "FILE"},
             {"--top", &options->top, "How many classes to show (default 5)", "K", between(1, 1'000'000)}},
            picture_options(options->picture),
            pack_options(*options),
            {threads_option(*options), json_option(options->json)}}),
      "Examples:\n"
      "  tulle classify cat.jpg coffee.png --top 3\n"
      "  tulle classify models/digits/images/*.png -m models/digits/digits_int8.tflite --top 1\n"
      "  tulle classify duck.jpg -m birds.tflite --labels birds.txt --resample bicubic --json",
      [options] { return classify(*options); }};
}

}  // namespace tulle::cli
