// The orientation of a photograph, as Exif data gives it.
#pragma once

#include <cstddef>
#include <span>

#include "vision/picture.h"

namespace tulle {

/// 1 to 8 out of the contents of a JPEG's APP1 marker; 1, which is upright, where there is none or it is damaged.
int exif_orientation(std::span<const std::byte> marker);

/// The picture turned and mirrored so that it is upright.
Picture upright(Picture picture, int orientation);

}  // namespace tulle
