// Drawing on pictures: boxes, lines, discs, tints and captions.
#pragma once

#include <string_view>

#include "vision/picture.h"

namespace tulle::cli {

/// A colour for class i; neighbours differ well.
Colour palette(size_t i);

void draw_line(Picture& picture, double x0, double y0, double x1, double y1, Colour colour, double thickness);
void draw_disc(Picture& picture, double x, double y, double radius, Colour colour);
void draw_box(Picture& picture, double x0, double y0, double x1, double y1, Colour colour, double thickness);
void fill_box(Picture& picture, int x0, int y0, int x1, int y1, Colour colour);
/// Mixes `share` of the colour into one pixel.
void tint(Picture& picture, int x, int y, Colour colour, double share);

/// Width in pixels of a caption of this height.
int caption_width(std::string_view text, int height);
/// Text in capitals on a bar of the colour, its top left corner at x, y, moved inside the picture.
void draw_caption(Picture& picture, int x, int y, std::string_view text, Colour colour, int height);

/// A good size of captions and lines for a picture.
int caption_height(const Picture& picture);

}  // namespace tulle::cli
