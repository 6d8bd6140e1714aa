// The steps of docs/metadata.md: channels, fit, resample, invert, normalise, quantise.
#include "vision/feed.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/room.h"

namespace tulle {
namespace {

Mapping middle(const Picture& picture, const Preparation& p) {
  if (p.fit == Fit::kStretch) return {0, 0, static_cast<double>(picture.width), static_cast<double>(picture.height)};
  const int side = std::max(1, static_cast<int>(std::floor(std::min(picture.width, picture.height) * p.crop + 0.5)));
  const int x = (picture.width - side) / 2, y = (picture.height - side) / 2;  // whole pixels
  return {static_cast<double>(x), static_cast<double>(y), static_cast<double>(side), static_cast<double>(side)};
}

void make_gray(Picture& picture) {
  for (size_t i = 0; i < picture.rgb.size(); i += 3) {
    uint8_t* p = &picture.rgb[i];
    const auto gray = static_cast<uint8_t>((19595u * p[0] + 38470u * p[1] + 7471u * p[2] + 32768u) >> 16);
    p[0] = p[1] = p[2] = gray;
  }
}

/// The bytes the model looks at, row by row, channel by channel.
std::vector<uint8_t> pixels(const Picture& picture, const Preparation& p, const Shape& shape, const Mapping& at) {
  const int x = static_cast<int>(at.x), y = static_cast<int>(at.y);
  Picture part = crop(picture, x, y, x + static_cast<int>(at.width), y + static_cast<int>(at.height));
  const auto channels = static_cast<size_t>(shape[3]);
  if (channels == 1) make_gray(part);
  const Picture fed = resample(part, shape[2], shape[1], p.filter, p.antialias);
  std::vector<uint8_t> out(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < out.size(); ++i) {
    const uint8_t value = fed.rgb[channels == 3 ? i : i * 3];
    out[i] = p.invert ? static_cast<uint8_t>(255 - value) : value;
  }
  return out;
}

Result<void> check(const Tensor& tensor, const Preparation& p) {
  const Shape& shape = tensor.shape;
  const auto unsupported = [&](const char* format) {
    return fail(ErrorCode::kUnsupported, "input '{}' is {} {}: {}", tensor.name, name(tensor.dtype), to_string(shape),
                format);
  };
  const bool picture_like =
      shape.rank() == 4 && shape[0] == 1 && (shape[3] == 1 || shape[3] == 3) && shape[1] > 0 && shape[2] > 0;
  if (!picture_like) return unsupported("a picture goes into [1,H,W,1 or 3]");
  constexpr int kMaxSide = 1 << 14;
  if (shape[1] > kMaxSide || shape[2] > kMaxSide) return unsupported("over 16384 pixels wide or high");
  const bool integer = tensor.dtype == DType::kInt8 || tensor.dtype == DType::kUint8;
  if (!integer && tensor.dtype != DType::kFloat32) return unsupported("a picture goes into float32, int8 and uint8");
  if (p.channels == (shape[3] == 1 ? Channels::kRgb : Channels::kGray))
    return unsupported("its metadata wants another number of channels");
  if (p.raw && !integer) return unsupported("--raw is for int8 and uint8");
  const auto fits = [&](const std::vector<float>& list) {
    return list.size() <= 1 || list.size() == static_cast<size_t>(shape[3]);
  };
  if (!fits(p.mean) || !fits(p.std)) return unsupported("mean and std must be one number, or one a channel");
  if (integer && !p.raw && !p.mean.empty() && !(tensor.scale() > 0 && std::isfinite(tensor.scale())))
    return unsupported("mean and std need a scale, which it lacks");
  return {};
}

}  // namespace

Result<std::vector<std::byte>> fed(const Tensor& tensor, const Picture& picture, const Preparation& p) {
  TULLE_CHECK(check(tensor, p));
  const Mapping mapping = middle(picture, p);
  // What is cut out, half and wholly resampled, and the input.
  const uint64_t between = static_cast<uint64_t>(tensor.shape[2]) * static_cast<uint64_t>(picture.height) * 3;
  if (!has_room(picture.rgb.size() + between + static_cast<uint64_t>(tensor.elements()) * 2 + tensor.bytes))
    return fail(ErrorCode::kOutOfMemory, "no memory to feed a picture of {} by {} pixels", picture.width,
                picture.height);
  const std::vector<uint8_t> values = pixels(picture, p, tensor.shape, mapping);

  // What each of the 256 values becomes, in each channel that has numbers of its own.
  const size_t channels = std::max({p.mean.size(), p.std.size(), size_t{1}});
  const auto number = [](const std::vector<float>& list, size_t channel, float otherwise) {
    return list.empty() ? otherwise : list[channel % list.size()];
  };
  std::vector<std::byte> bytes(tensor.bytes);
  if (tensor.dtype == DType::kFloat32) {
    std::vector<std::array<float, 256>> reals(channels);
    for (size_t c = 0; c < channels; ++c)
      for (size_t value = 0; value < 256; ++value)
        reals[c][value] = (static_cast<float>(value) - number(p.mean, c, 127.5f)) / number(p.std, c, 127.5f);
    for (size_t i = 0, c = 0; i < values.size(); ++i, c = c + 1 < channels ? c + 1 : 0)
      std::memcpy(&bytes[i * sizeof(float)], &reals[c][values[i]], sizeof(float));
  } else {
    const int low = tensor.dtype == DType::kInt8 && !p.raw ? -128 : 0;
    const auto zero = static_cast<float>(tensor.zero_point());
    std::vector<std::array<std::byte, 256>> codes(channels);
    for (size_t c = 0; c < channels; ++c)
      for (int value = 0; value < 256; ++value) {
        int code = value + low;
        if (!p.raw && !p.mean.empty()) {
          const float real = (static_cast<float>(value) - number(p.mean, c, 0)) / number(p.std, c, 1);
          const float q = std::round(real / tensor.scale()) + zero;
          // A scale of zero makes q no number.
          code = std::isnan(q)
                     ? low
                     : static_cast<int>(std::clamp(q, static_cast<float>(low), static_cast<float>(low + 255)));
        }
        codes[c][static_cast<size_t>(value)] = static_cast<std::byte>(code);
      }
    for (size_t i = 0, c = 0; i < values.size(); ++i, c = c + 1 < channels ? c + 1 : 0) bytes[i] = codes[c][values[i]];
  }
  return bytes;
}

Result<Mapping> feed(Session& session, const Picture& picture, const Preparation& p) {
  if (session.inputs().size() != 1)
    return fail(ErrorCode::kUnsupported, "the model has {} inputs, not one picture", session.inputs().size());
  Tensor input = session.input(0);
  input.name = session.inputs()[0].name;
  TULLE_TRY(const auto bytes, fed(input, picture, p));
  TULLE_CHECK(session.set_input(0, bytes));
  return middle(picture, p);
}

}  // namespace tulle
