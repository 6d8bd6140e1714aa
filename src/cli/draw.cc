// Drawing with filled discs along strokes; letters are strokes on a grid of 5 by 7 points.
#include "cli/draw.h"

#include <algorithm>
#include <cmath>

namespace tulle::cli {
namespace {

struct Glyph {
  char letter;
  const char* strokes;  // points as two digits, column 0-4 and row 0-6; a bar lifts the pen
};
constexpr Glyph kGlyphs[] = {
    {'A', "06 02 20 42 46|04 44"},
    {'B', "06 00 30 41 42 33 03|33 44 45 36 06"},
    {'C', "41 30 10 01 05 16 36 45"},
    {'D', "00 06 26 44 42 20 00"},
    {'E', "40 00 06 46|03 33"},
    {'F', "40 00 06|03 33"},
    {'G', "41 30 10 01 05 16 36 45 43 23"},
    {'H', "00 06|40 46|03 43"},
    {'I', "10 30|20 26|16 36"},
    {'J', "40 45 36 16 05"},
    {'K', "00 06|40 03 46"},
    {'L', "00 06 46"},
    {'M', "06 00 23 40 46"},
    {'N', "06 00 46 40"},
    {'O', "10 30 41 45 36 16 05 01 10"},
    {'P', "06 00 30 41 42 33 03"},
    {'Q', "10 30 41 45 36 16 05 01 10|24 46"},
    {'R', "06 00 30 41 42 33 03|23 46"},
    {'S', "41 30 10 01 02 13 33 44 45 36 16 05"},
    {'T', "00 40|20 26"},
    {'U', "00 05 16 36 45 40"},
    {'V', "00 26 40"},
    {'W', "00 16 23 36 40"},
    {'X', "00 46|40 06"},
    {'Y', "00 23 40|23 26"},
    {'Z', "00 40 06 46"},
    {'0', "10 30 41 45 36 16 05 01 10|05 41"},
    {'1', "11 20 26|16 36"},
    {'2', "01 10 30 41 42 06 46"},
    {'3', "00 40 22 32 43 45 36 16 05"},
    {'4', "36 30 04 44"},
    {'5', "40 00 03 33 44 45 36 06"},
    {'6', "40 20 02 05 16 36 45 44 33 13 04"},
    {'7', "00 40 16"},
    {'8', "13 02 01 10 30 41 42 33 13 04 05 16 36 45 44 33"},
    {'9', "06 26 44 41 30 10 01 02 13 33 42"},
    {'.', "25 26"},
    {',', "25 16"},
    {'-', "13 33"},
    {'%', "40 06|00 10 11 01 00|35 45 46 36 35"},
    {':', "21 22|24 25"},
    {'/', "40 06"},
    {'(', "30 21 25 36"},
    {')', "10 21 25 16"},
    {'\'', "20 22"},
    {'&', "46 12 11 20 31 04 05 16 26 44"},
    {'?', "01 10 30 41 42 23 24|26 26"},
    {'+', "21 25|03 43"},
    {'_', "06 46"},
};

void set(Picture& picture, int x, int y, Colour colour) {
  if (x < 0 || y < 0 || x >= picture.width || y >= picture.height) return;
  uint8_t* pixel = picture.at(x, y);
  pixel[0] = colour.r, pixel[1] = colour.g, pixel[2] = colour.b;
}

double advance(int height) { return height * 0.62; }

}  // namespace

Colour palette(size_t i) {
  // The golden angle keeps successive hues far apart.
  const double hue = std::fmod(static_cast<double>(i) * 137.508 + 20, 360) / 60;
  const auto channel = [&](double n) {
    const double k = std::fmod(n + hue, 6);
    return static_cast<uint8_t>(235 - 175 * std::clamp(std::min(k, 4 - k), 0.0, 1.0));
  };
  return {channel(5), channel(3), channel(1)};
}

void draw_disc(Picture& picture, double x, double y, double radius, Colour colour) {
  // What is far outside draws nothing, and would overflow the loops.
  if (!(std::abs(x) < 1e6 && std::abs(y) < 1e6)) return;
  const double r2 = radius * radius;
  for (int py = static_cast<int>(std::floor(y - radius)); py <= y + radius; ++py)
    for (int px = static_cast<int>(std::floor(x - radius)); px <= x + radius; ++px)
      if ((px - x) * (px - x) + (py - y) * (py - y) <= r2) set(picture, px, py, colour);
}

void draw_line(Picture& picture, double x0, double y0, double x1, double y1, Colour colour, double thickness) {
  const auto inside = [&](double& x, double& y) {
    x = std::clamp(x, -100.0, picture.width + 100.0);
    y = std::clamp(y, -100.0, picture.height + 100.0);
    return !std::isnan(x) && !std::isnan(y);
  };
  if (!inside(x0, y0) || !inside(x1, y1)) return;
  const int steps = std::max(1, static_cast<int>(std::max(std::abs(x1 - x0), std::abs(y1 - y0)) * 2));
  for (int i = 0; i <= steps; ++i) {
    const double t = static_cast<double>(i) / steps;
    draw_disc(picture, x0 + (x1 - x0) * t, y0 + (y1 - y0) * t, thickness / 2, colour);
  }
}

void draw_box(Picture& picture, double x0, double y0, double x1, double y1, Colour colour, double thickness) {
  draw_line(picture, x0, y0, x1, y0, colour, thickness);
  draw_line(picture, x1, y0, x1, y1, colour, thickness);
  draw_line(picture, x1, y1, x0, y1, colour, thickness);
  draw_line(picture, x0, y1, x0, y0, colour, thickness);
}

void fill_box(Picture& picture, int x0, int y0, int x1, int y1, Colour colour) {
  for (int y = std::max(0, y0); y < std::min(picture.height, y1); ++y)
    for (int x = std::max(0, x0); x < std::min(picture.width, x1); ++x) set(picture, x, y, colour);
}

void tint(Picture& picture, int x, int y, Colour colour, double share) {
  uint8_t* pixel = picture.at(x, y);
  const uint8_t to[] = {colour.r, colour.g, colour.b};
  for (int c = 0; c < 3; ++c) pixel[c] = static_cast<uint8_t>(pixel[c] * (1 - share) + to[c] * share);
}

int caption_width(std::string_view text, int height) {
  return static_cast<int>(static_cast<double>(text.size()) * advance(height) + height * 0.5);
}

void draw_caption(Picture& picture, int x, int y, std::string_view text, Colour colour, int height) {
  const int width = caption_width(text, height);
  x = std::clamp(x, 0, std::max(0, picture.width - width));
  y = std::clamp(y, 0, std::max(0, picture.height - height));
  fill_box(picture, x, y, x + width, y + height, colour);
  const bool dark = colour.r * 3 + colour.g * 6 + colour.b < 1400;
  const Colour ink = dark ? Colour{255, 255, 255} : Colour{15, 20, 25};
  const double unit = height * 0.6 / 6, top = y + height * 0.2;
  double left = x + height * 0.35;
  for (char c : text) {
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    const auto* glyph =
        std::find_if(std::begin(kGlyphs), std::end(kGlyphs), [&](const Glyph& g) { return g.letter == upper; });
    const char* at = glyph == std::end(kGlyphs) ? "" : glyph->strokes;
    for (double px = 0, py = 0, down = 0; *at != '\0';) {
      if (*at == ' ' || *at == '|') {
        if (*at++ == '|') down = 0;
        continue;
      }
      const double nx = left + (at[0] - '0') * unit, ny = top + (at[1] - '0') * unit;
      if (down != 0) draw_line(picture, px, py, nx, ny, ink, std::max(1.0, height / 11.0));
      px = nx, py = ny, down = 1;
      at += 2;
    }
    left += advance(height);
  }
}

int caption_height(const Picture& picture) { return std::clamp(std::min(picture.width, picture.height) / 24, 11, 40); }

}  // namespace tulle::cli
