// Reading preparation from metadata.
#include "vision/preparation.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "vision/tflite_metadata.h"

namespace tulle {
namespace {

using Json = nlohmann::json;

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

Result<Preparation> own_preparation(const Model& model) {
  Preparation p;
  if (const auto own = model.find_metadata("TULLE_PREPARE"); !own.empty()) {
    TULLE_CHECK(read_own_metadata(own, p));
    return p;
  }
  TfliteMetadata metadata = read_tflite_metadata(model);
  p.labels_member = std::move(metadata.labels_file);
  const auto& inputs = model.graphs[0].inputs;
  if (!inputs.empty() && model.graphs[0].values[inputs[0]].dtype == DType::kFloat32)
    p.mean = metadata.mean, p.std = metadata.std;
  return p;
}

}  // namespace tulle
