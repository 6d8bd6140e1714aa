// Resampling pictures, exactly as docs/metadata.md defines it.
#pragma once

#include <optional>
#include <string_view>

#include "vision/picture.h"

namespace tulle {

enum class Filter { kNearest, kArea, kBilinear, kBicubic, kLanczos };
/// "nearest", "area", "bilinear", "bicubic", "lanczos".
std::optional<Filter> parse_filter(std::string_view name);

/// Columns x0…x1-1 of rows y0…y1-1; the rectangle must lie inside.
Picture crop(const Picture& picture, int x0, int y0, int x1, int y1);

/// Rows first, then columns, rounded to 8 bits after each. With `antialias` the kernel covers every source pixel when
/// shrinking.
Picture resample(const Picture& picture, int width, int height, Filter filter, bool antialias);

}  // namespace tulle
