// tulle classify: what is in a picture.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numeric>

#include "cli/prepare.h"
#include "cli/progress.h"
#include "cli/verb.h"

namespace tulle::cli {
namespace {

struct Options : RunOptions {
  PictureOptions picture;
  std::vector<std::string> images;
  int top = 5;
  bool json = false;
};

/// The real classifier where it was fetched; else nothing.
std::string fetched_model() {
  const char* cache = std::getenv("TULLE_CACHE");
  const char* home = std::getenv("HOME");
  const std::filesystem::path folder = cache != nullptr ? std::filesystem::path(cache) : std::filesystem::path(home != nullptr ? home : ".") / ".cache/tulle";
  const std::filesystem::path file = folder / "models/efficientnet_lite0.tflite";
  std::error_code ignored;
  return std::filesystem::exists(file, ignored) ? file.string() : "";
}

/// Probabilities as they are; anything that is not a distribution goes through softmax.
void to_probabilities(std::vector<float>& scores, const Tensor& tensor) {
  const bool bounded = std::all_of(scores.begin(), scores.end(), [](float x) { return x >= 0 && x <= 1.001f; });
  if (bounded || (tensor.scale() == 0 && tensor.dtype != DType::kFloat32) || scores.empty()) return;
  const float most = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (float& x : scores) sum += x = std::exp(x - most);
  for (float& x : scores) x = static_cast<float>(x / sum);
}

Result<Json> classify_one(Session& session, const Preparation& preparation, const std::string& file, int top) {
  TULLE_TRY(const Picture picture, read_picture(file));
  TULLE_CHECK(feed(session, picture, preparation));
  const auto start = std::chrono::steady_clock::now();
  TULLE_CHECK(session.run());
  const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  TULLE_TRY(std::vector<float> scores, reals(session.output(0)));
  to_probabilities(scores, session.output(0));
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const size_t shown = std::min(order.size(), static_cast<size_t>(top));
  std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(shown), order.end(), [&](size_t a, size_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  });
  Json list = Json::array();
  for (size_t i = 0; i < shown; ++i)
    list.push_back({{"index", order[i]}, {"label", label(preparation.labels, order[i])}, {"score", scores[order[i]]}});
  return Json{{"file", file}, {"top", list}, {"ms", ms}};
}

void show(const Json& image, bool colour) {
  print_text(fmt::format("{}  ({:.1f} ms)\n", image["file"].get<std::string>(), image["ms"].get<double>()));
  for (const Json& entry : image["top"]) {
    const double score = entry["score"].get<double>();
    std::string bar;
    for (int i = 0; i < static_cast<int>(std::lround(score * 20)); ++i) bar += colour ? "█" : "#";
    print_text(fmt::format("  {:6.1f} %  {:<40} {}\n", score * 100, entry["label"].get<std::string>(), bar));
  }
}

Result<void> classify(Options options) {
  if (options.model.empty()) options.model = fetched_model();
  if (options.model.empty())
    return fail(ErrorCode::kNotFound, "no model: `make models` fetches one for 1,000 kinds of things, or give one with --model");
  TULLE_TRY(const auto session, open(options));
  auto prepared = preparation(session->model(), options.picture);
  if (!prepared) return in_file(options.model, std::move(prepared).error());
  Json images = Json::array();
  Progress progress("classify", options.images.size(), !options.json);
  for (const std::string& file : options.images) {
    auto image = classify_one(*session, *prepared, file, options.top);
    if (!image) return in_file(file, std::move(image).error());
    progress.step();
    if (!options.json) show(*image, decorated(1));
    else images.push_back(*std::move(image));
  }
  if (options.json) print_json(Json{{"images", images}});
  return {};
}

}  // namespace

void add_classify(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("classify", "Say what is in pictures (PNG, JPEG, BMP)");
  verb->add_option("IMAGE", options->images, "Pictures")->required();
  verb->add_option("--model,-m", options->model, "A .tflite classifier (default: the one `make models` fetched)");
  add_picture_options(*verb, options->picture);
  verb->add_option("--top", options->top, "How many classes to show")->check(CLI::Range(1, 1'000'000))->capture_default_str();
  add_threads(*verb, *options);
  add_json(*verb, options->json);
  verb->callback([options, &outcome] { outcome.result = classify(*options); });
}

}  // namespace tulle::cli
