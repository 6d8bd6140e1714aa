// Separable resampling with integer weights of 22 bits, computed once an axis.
#include "vision/resample.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

namespace tulle {
namespace {

double bilinear(double d, double span) { return std::max(0.0, 1 - d / span); }
double bicubic(double d, double span) {
  const double x = d / span;
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? -0.5 * (((x - 5) * x + 8) * x - 4) : 0;
}
double area(double d, double span) { return std::clamp((span + 1) / 2 - d, 0.0, 1.0); }
double sinc(double x) { return x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x); }
double lanczos(double d, double span) { return d < 3 * span ? sinc(d / span) * sinc(d / span / 3) : 0; }

struct Kind {
  std::string_view name;
  double (*weight)(double distance, double span);  // distance in source pixels, not negative
  double support;                                  // in spans
};
constexpr Kind kKinds[] = {{"nearest", nullptr, 0},
                           {"area", area, 1},
                           {"bilinear", bilinear, 1},
                           {"bicubic", bicubic, 2},
                           {"lanczos", lanczos, 3}};

/// For one pixel of the result: the first source pixel and the weights from there, 2^22 standing for one.
struct Taps {
  int first;
  std::vector<int32_t> weights;
};
constexpr int kShift = 22;

/// Leaves out weights of zero at both ends; one stays.
void drop_zeros(Taps& tap) {
  auto& weights = tap.weights;
  while (weights.size() > 1 && weights.back() == 0) weights.pop_back();
  const auto some = std::find_if(weights.begin(), weights.end() - 1, [](int32_t weight) { return weight != 0; });
  tap.first += static_cast<int>(some - weights.begin());
  weights.erase(weights.begin(), some);
}

std::vector<Taps> taps(int source, int target, const Kind& kind, bool antialias) {
  std::vector<Taps> all(static_cast<size_t>(target));
  const double step = static_cast<double>(source) / target, span = antialias ? std::max(step, 1.0) : 1.0;
  for (int j = 0; j < target; ++j) {
    const double centre = (j + 0.5) * step;
    Taps& tap = all[static_cast<size_t>(j)];
    if (kind.weight == nullptr) {
      tap = {std::min(static_cast<int>(centre), source - 1), {1 << kShift}};
      continue;
    }
    const double reach = kind.support * span + 1;
    tap.first = std::max(0, static_cast<int>(std::floor(centre - reach)));
    const int end = std::min(source, static_cast<int>(std::ceil(centre + reach)));
    std::vector<double> weights;
    double sum = 0;
    for (int i = tap.first; i < end; ++i) {
      weights.push_back(kind.weight(std::abs(i + 0.5 - centre), span));
      sum += weights.back();
    }
    for (double weight : weights) tap.weights.push_back(static_cast<int32_t>(std::round(weight / sum * (1 << kShift))));
    drop_zeros(tap);
  }
  return all;
}

/// Whether sums of bytes by these weights, and a half, fit 32 bits.
bool are_small(const std::vector<Taps>& all) {
  return std::ranges::all_of(all, [](const Taps& tap) {
    int64_t sum = int64_t{1} << (kShift - 1);
    for (const int32_t weight : tap.weights) sum += std::abs(int64_t{weight}) * 255;
    return sum <= INT32_MAX;
  });
}

template <class Sum>
uint8_t rounded(Sum sum) {
  return static_cast<uint8_t>(std::clamp<Sum>(sum >> kShift, 0, 255));
}

/// Each row of three bytes a pixel, as wide as there are taps.
template <class Sum>
void resample_across(const Picture& picture, const std::vector<Taps>& all, Picture& out) {
  for (int y = 0; y < out.height; ++y) {
    uint8_t* to = out.at(0, y);
    for (const Taps& tap : all) {
      const uint8_t* from = picture.at(tap.first, y);
      Sum sums[3] = {Sum{1} << (kShift - 1), Sum{1} << (kShift - 1), Sum{1} << (kShift - 1)};
      for (const int32_t weight : tap.weights)
        for (Sum& sum : sums) sum += static_cast<Sum>(weight) * *from++;
      for (const Sum sum : sums) *to++ = rounded(sum);
    }
  }
}

/// As many rows as there are taps.
template <class Sum>
void resample_down(const Picture& picture, const std::vector<Taps>& all, Picture& out) {
  const size_t bytes = static_cast<size_t>(picture.width) * 3;
  std::vector<Sum> sums(bytes);
  for (size_t y = 0; y < all.size(); ++y) {
    std::ranges::fill(sums, Sum{1} << (kShift - 1));
    const uint8_t* from = picture.at(0, all[y].first);
    for (const int32_t weight : all[y].weights) {
      for (size_t i = 0; i < bytes; ++i) sums[i] += static_cast<Sum>(weight) * from[i];
      from += bytes;
    }
    uint8_t* to = out.at(0, static_cast<int>(y));
    for (size_t i = 0; i < bytes; ++i) to[i] = rounded(sums[i]);
  }
}

}  // namespace

std::optional<Filter> parse_filter(std::string_view name) {
  for (size_t i = 0; i < std::size(kKinds); ++i)
    if (kKinds[i].name == name) return static_cast<Filter>(i);
  return std::nullopt;
}

Picture crop(const Picture& picture, int x0, int y0, int x1, int y1) {
  Picture out = Picture::blank(x1 - x0, y1 - y0);
  for (int y = 0; y < out.height; ++y)
    std::memcpy(out.at(0, y), picture.at(x0, y0 + y), static_cast<size_t>(out.width) * 3);
  return out;
}

Picture resample(const Picture& picture, int width, int height, Filter filter, bool antialias) {
  const Kind& kind = kKinds[static_cast<size_t>(filter)];
  Picture rows = picture;
  if (width != picture.width) {
    const auto across = taps(picture.width, width, kind, antialias);
    rows = Picture::blank(width, picture.height);
    (are_small(across) ? resample_across<int32_t> : resample_across<int64_t>)(picture, across, rows);
  }
  if (height == rows.height) return rows;
  const auto down = taps(rows.height, height, kind, antialias);
  Picture out = Picture::blank(width, height);
  (are_small(down) ? resample_down<int32_t> : resample_down<int64_t>)(rows, down, out);
  return out;
}

}  // namespace tulle
