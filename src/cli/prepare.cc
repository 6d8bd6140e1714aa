// Reading preparation from metadata and options.
#include "cli/prepare.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/labels.h"
#include "cli/tflite_metadata.h"
#include "cli/verb.h"

namespace tulle::cli {
namespace {

/// One to three finite numbers.
bool take_numbers(std::vector<float>& to, const Json& value) {
  if (!value.is_array() || value.empty() || value.size() > 3) return false;
  for (const Json& number : value) {
    if (!number.is_number()) return false;
    to.push_back(number.get<float>());
  }
  return std::all_of(to.begin(), to.end(), [](float x) { return std::isfinite(x); });
}

/// Sets `to` by the word; false where it is none of the words.
template <class T>
bool take_word(T& to, const Json& value, std::initializer_list<std::pair<const char*, T>> words) {
  for (const auto& [word, meaning] : words)
    if (value == word) return to = meaning, true;
  return false;
}

bool take_flag(bool& to, const Json& value) {
  if (value.is_boolean()) to = value.get<bool>();
  return value.is_boolean();
}

bool take_labels(std::vector<std::string>& to, const Json& value) {
  if (!value.is_array()) return false;
  for (const Json& item : value) {
    if (!item.is_string()) return false;
    to.push_back(item.get<std::string>());
  }
  return true;
}

/// Takes one key of TULLE_PREPARE; false where it is none, or its value is of another type or outside its range.
bool take(Preparation& to, const std::string& key, const Json& value) {
  if (key == "labels") return take_labels(to.labels, value);
  if (key == "mean") return to.mean.clear(), take_numbers(to.mean, value);
  if (key == "std")
    return to.std.clear(), take_numbers(to.std, value) && std::ranges::find(to.std, 0.0f) == to.std.end();
  if (key == "channels") return take_word(to.channels, value, {{"rgb", Channels::kRgb}, {"gray", Channels::kGray}});
  if (key == "fit") return take_word(to.fit, value, {{"square", Fit::kSquare}, {"stretch", Fit::kStretch}});
  if (key == "crop") return value.is_number() && (to.crop = value.get<double>()) > 0 && to.crop <= 1;
  if (key == "antialias") return take_flag(to.antialias, value);
  if (key == "invert") return take_flag(to.invert, value);
  if (key == "resample")
    return take_word(to.filter, value,
                     {{"area", Filter::kArea}, {"bilinear", Filter::kBilinear}, {"bicubic", Filter::kBicubic}});
  return false;
}

Result<void> read_own_metadata(std::span<const std::byte> bytes, Preparation& to) {
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  const Json json = Json::parse(text, text + bytes.size(), nullptr, false);
  if (!json.is_object()) return fail(ErrorCode::kInvalidFile, "its metadata TULLE_PREPARE is no JSON object");
  to.fit = Fit::kSquare;
  to.mean = {0};
  to.std = {1};
  for (const auto& [key, value] : json.items())
    if (!take(to, key, value))
      return fail(ErrorCode::kInvalidFile,
                  "its metadata TULLE_PREPARE: {:?} is unknown, or its value is none it can have", shown(key));
  return {};
}

}  // namespace

OptionList picture_options(PictureOptions& options) {
  const auto number = [](double least) {
    return [least](const std::string& text) {
      char* end = nullptr;
      const double x = std::abs(std::strtod(text.c_str(), &end));
      return end != text.c_str() && *end == '\0' && x >= least && x < 1e30
                 ? std::string()
                 : text + (least > 0 ? " is 0 or no number" : " is no number");
    };
  };
  return {
      {"--labels", &options.labels_file, "Names of the classes, one a line from class 0, or lines of number and name",
       "FILE"},
      {"--mean", &options.mean, "Subtracted from each pixel value 0-255: one number, or one a channel as R,G,B", "M",
       number(0)},
      {"--std", &options.std, "Divides what is left, like --mean", "S", number(1e-30)},
      {"--fit", &options.fit, "How a picture becomes the input's size: stretch, or the middle square", "HOW",
       one_of({"stretch", "square"})},
      {"--crop", &options.crop,
       "The middle square's side as a share of the shorter side, 0.01 to 1; asks for the square", "SHARE",
       between(0.01, 1.0)},
      {"--resample", &options.resample, "nearest, area, bilinear, bicubic or lanczos", "FILTER",
       one_of({"nearest", "area", "bilinear", "bicubic", "lanczos"})},
      {"--raw", &options.raw, "Feed the pixels' bytes unchanged, even to an int8 input"},
      {"--dump-input", &options.dump, "Write what the model is fed as .npy", "FILE"},
  };
}

Result<Preparation> preparation(const Model& model, const std::string& path, const PictureOptions& options) {
  Preparation p;
  if (const auto own = model.find_metadata("TULLE_PREPARE"); !own.empty()) {
    TULLE_CHECK(in_file(path, read_own_metadata(own, p)));
  } else {
    TfliteMetadata metadata = read_tflite_metadata(model, path);
    p.labels = std::move(metadata.labels);
    const auto& inputs = model.graphs[0].inputs;
    if (!inputs.empty() && model.graphs[0].values[inputs[0]].dtype == DType::kFloat32)
      p.mean = metadata.mean, p.std = metadata.std;
  }
  if (!options.mean.empty()) p.mean = options.mean;
  if (!options.std.empty()) p.std = options.std;
  if (!p.mean.empty() && p.std.empty()) p.std = {1};
  if (!p.std.empty() && p.mean.empty()) p.mean = {0};
  if (options.crop > 0) p.crop = options.crop, p.fit = Fit::kSquare;
  if (!options.fit.empty()) p.fit = options.fit == "square" ? Fit::kSquare : Fit::kStretch;
  if (!options.resample.empty()) p.filter = *parse_filter(options.resample);
  p.raw = options.raw;
  if (!options.labels_file.empty()) {
    TULLE_TRY(p.labels, read_labels(options.labels_file));
  }
  return p;
}

}  // namespace tulle::cli
