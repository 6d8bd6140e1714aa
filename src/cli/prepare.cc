// Preparing pictures, reading labels, reading outputs as reals.
#include "cli/prepare.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/arrays.h"

namespace tulle::cli {
namespace {

using Json = nlohmann::json;

/// Takes one key of the metadata; false where its value is of another type or outside its range.
bool take(Preparation& to, const std::string& key, const Json& value) {
  const auto numbers = [&](std::vector<float>& list) {
    if (!value.is_array() || value.empty() || value.size() > 3) return false;
    for (const Json& number : value) {
      if (!number.is_number()) return false;
      list.push_back(number.get<float>());
    }
    return std::all_of(list.begin(), list.end(), [](float x) { return std::isfinite(x); });
  };
  if (key == "labels") {
    if (!value.is_array()) return false;
    for (const Json& item : value) {
      if (!item.is_string()) return false;
      to.labels.push_back(item.get<std::string>());
    }
    return true;
  }
  if (key == "mean") return numbers(to.mean);
  if (key == "std") return numbers(to.std) && std::find(to.std.begin(), to.std.end(), 0.0f) == to.std.end();
  if (key == "channels") return value == "rgb" || value == "gray";
  if (key == "fit") return to.square = value == "square", value == "square" || value == "stretch";
  if (key == "crop") return value.is_number() && (to.crop = value.get<double>()) > 0 && to.crop <= 1;
  if (key == "antialias") return value.is_boolean() && (to.antialias = value.get<bool>(), true);
  if (key == "invert") return value.is_boolean() && (to.invert = value.get<bool>(), true);
  if (key == "resample") {
    const auto filter = value.is_string() ? parse_filter(value.get<std::string>()) : std::nullopt;
    to.filter = filter.value_or(Filter::kBilinear);
    return filter.has_value();
  }
  return false;
}

uint8_t gray(const uint8_t* p) { return static_cast<uint8_t>((19595u * p[0] + 38470u * p[1] + 7471u * p[2] + 32768u) >> 16); }

Picture fit(const Picture& picture, const Preparation& p, int width, int height, Mapping& mapping) {
  if (!p.square) {
    mapping = {0, 0, static_cast<double>(picture.width), static_cast<double>(picture.height)};
    return resample(picture, width, height, p.filter, p.antialias);
  }
  const int shorter = std::min(picture.width, picture.height);
  const int side = std::max(1, static_cast<int>(std::floor(shorter * p.crop + 0.5)));
  const int x = (picture.width - side) / 2, y = (picture.height - side) / 2;
  mapping = {static_cast<double>(x), static_cast<double>(y), static_cast<double>(side), static_cast<double>(side)};
  return resample(crop(picture, x, y, x + side, y + side), width, height, p.filter, p.antialias);
}

}  // namespace

void add_picture_options(CLI::App& verb, PictureOptions& options) {
  verb.add_option("--labels", options.labels_file, "Names of the classes, one a line from class 0");
  verb.add_option("--mean", options.mean, "Subtracted from each pixel value (one number, or one a channel)")->delimiter(',');
  verb.add_option("--std", options.std, "Divides what is left")->delimiter(',')->check(CLI::Validator(
      [](std::string& text) { return text == "0" ? std::string("must not be 0") : std::string(); }, "NUMBER"));
  verb.add_option("--fit", options.fit, "How a picture becomes the input's size: stretch, or the middle square")->check(CLI::IsMember({"stretch", "square"}));
  verb.add_option("--crop", options.crop, "With square: share of the shorter side")->check(CLI::Range(0.01, 1.0));
  verb.add_option("--resample", options.resample, "Filter")->check(CLI::IsMember({"nearest", "area", "bilinear", "bicubic", "lanczos"}));
}

Result<Preparation> preparation(const Model& model, const PictureOptions& options) {
  Preparation p;
  if (const auto metadata = model.find_metadata("TULLE_PREPARE"); !metadata.empty()) {
    const auto* text = reinterpret_cast<const char*>(metadata.data());
    const Json json = Json::parse(text, text + metadata.size(), nullptr, false);
    if (!json.is_object()) return fail(ErrorCode::kInvalidFile, "its metadata TULLE_PREPARE is no JSON object");
    p.square = true;
    for (const auto& [key, value] : json.items())
      if (!take(p, key, value)) return fail(ErrorCode::kInvalidFile, "its metadata TULLE_PREPARE: '{}' is not understood", key);
    if (p.mean.empty()) p.mean = {0};
    if (p.std.empty()) p.std = {1};
  }
  if (!options.mean.empty()) p.mean = options.mean;
  if (!options.std.empty()) p.std = options.std;
  if (!options.fit.empty()) p.square = options.fit == "square";
  if (options.crop > 0) p.crop = options.crop;
  if (!options.resample.empty()) p.filter = *parse_filter(options.resample);
  if (p.mean.empty() != p.std.empty()) (p.mean.empty() ? p.mean : p.std) = {p.mean.empty() ? 0.0f : 1.0f};
  if (!options.labels_file.empty()) {
    TULLE_TRY(p.labels, read_labels(options.labels_file));
  }
  return p;
}

Result<std::vector<std::string>> read_labels(const std::string& path) {
  std::ifstream file(path);
  if (!file) return fail(ErrorCode::kNotFound, "{}: cannot be opened", path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(line);
  }
  constexpr size_t kMaxClasses = 1'000'000;
  std::vector<std::string> numbered;
  for (const std::string& line : lines) {
    const size_t digits = line.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string::npos || digits > 6 || (line[digits] != ' ' && line[digits] != '\t' && line[digits] != ':')) return lines;
    const size_t index = std::stoul(line.substr(0, digits));
    if (index >= kMaxClasses) return lines;
    if (index >= numbered.size()) numbered.resize(index + 1);
    numbered[index] = line.substr(std::min(line.find_first_not_of(" \t:", digits), line.size()));
  }
  return numbered;
}

std::string label(const std::vector<std::string>& labels, size_t index) {
  return index < labels.size() && !labels[index].empty() ? labels[index] : std::to_string(index);
}

Result<Mapping> feed(Session& session, const Picture& picture, const Preparation& p) {
  if (session.inputs().size() != 1) return fail(ErrorCode::kUnsupported, "the model has {} inputs, not one picture", session.inputs().size());
  const Tensor& tensor = session.input(0);
  const Shape& shape = tensor.shape;
  const bool picture_like = shape.rank() == 4 && shape[0] == 1 && (shape[3] == 1 || shape[3] == 3) && shape[1] > 0 && shape[2] > 0;
  if (!picture_like) return fail(ErrorCode::kUnsupported, "input '{}' {} is no picture: it should be [1,H,W,1 or 3]", session.inputs()[0].name, to_string(shape));
  constexpr int kMaxSide = 1 << 14;
  if (shape[1] > kMaxSide || shape[2] > kMaxSide) return fail(ErrorCode::kUnsupported, "input {} is over {} pixels wide or high", to_string(shape), kMaxSide);
  const int channels = shape[3];
  if (p.mean.size() != 1 && static_cast<int>(p.mean.size()) != channels && !p.mean.empty())
    return fail(ErrorCode::kInvalidArgument, "{} means for {} channels", p.mean.size(), channels);
  if (p.std.size() != 1 && static_cast<int>(p.std.size()) != channels && !p.std.empty())
    return fail(ErrorCode::kInvalidArgument, "{} stds for {} channels", p.std.size(), channels);

  Mapping mapping;
  const Picture fed = fit(picture, p, shape[2], shape[1], mapping);
  const size_t count = static_cast<size_t>(tensor.elements());
  std::vector<std::byte> bytes(tensor.bytes);
  const auto pixel = [&](size_t i) {
    const uint8_t value = channels == 3 ? fed.rgb[i] : gray(&fed.rgb[i * 3]);
    return static_cast<uint8_t>(p.invert ? 255 - value : value);
  };
  const auto real = [&](size_t i, float mean, float std) {
    if (!p.mean.empty()) {
      mean = p.mean[p.mean.size() == 1 ? 0 : i % channels];
      std = p.std[p.std.size() == 1 ? 0 : i % channels];
    }
    return (static_cast<float>(pixel(i)) - mean) / std;
  };
  const auto code = [&](size_t i, int low, int high) -> int {
    if (p.mean.empty() || tensor.scale() == 0) return pixel(i) + low;
    const float q = std::round(real(i, 0, 1) / tensor.scale()) + static_cast<float>(tensor.zero_point());
    return static_cast<int>(std::clamp(q, static_cast<float>(low), static_cast<float>(high)));
  };
  for (size_t i = 0; i < count; ++i) {
    switch (tensor.dtype) {
      case DType::kUint8: bytes[i] = static_cast<std::byte>(code(i, 0, 255)); break;
      case DType::kInt8: bytes[i] = static_cast<std::byte>(code(i, -128, 127)); break;
      case DType::kFloat32: {
        const float value = real(i, 127.5f, 127.5f);
        std::memcpy(&bytes[i * sizeof(float)], &value, sizeof(float));
        break;
      }
      default: return fail(ErrorCode::kUnsupported, "input '{}' is {}: pictures go into float32, int8 and uint8", session.inputs()[0].name, name(tensor.dtype));
    }
  }
  TULLE_CHECK(session.set_input(0, bytes));
  return mapping;
}

Result<std::vector<float>> reals(const Tensor& tensor) {
  TULLE_TRY(const Array array, to_array(tensor, true));
  std::vector<float> out(static_cast<size_t>(tensor.elements()));
  const auto as = [&]<class T>(T) {
    for (size_t i = 0; i < out.size(); ++i) {
      T value;
      std::memcpy(&value, &array.bytes[i * sizeof(T)], sizeof(T));
      out[i] = static_cast<float>(value);
    }
  };
  switch (array.dtype) {
    case DType::kFloat32: as(float{}); break;
    case DType::kInt8: as(int8_t{}); break;
    case DType::kUint8: as(uint8_t{}); break;
    case DType::kInt16: as(int16_t{}); break;
    case DType::kInt32: as(int32_t{}); break;
    case DType::kInt64: as(int64_t{}); break;
    default: return fail(ErrorCode::kUnsupported, "an output of {} is no list of scores", name(array.dtype));
  }
  return out;
}

}  // namespace tulle::cli
