// tulle segment: which class each pixel of a picture belongs to.
#include <algorithm>
#include <cmath>
#include <map>

#include "cli/vision.h"

namespace tulle::cli {
namespace {

struct ClassMap {
  int height = 0, width = 0;
  std::vector<int> classes;
};

/// The class of every cell: the output itself ([1,H,W] or [1,H,W,1]), or the channel that is largest ([1,H,W,C]).
Result<ClassMap> class_map(const Tensor& output) {
  const Shape& shape = output.shape;
  const bool labelled = shape.rank() == 3 || (shape.rank() == 4 && shape[3] == 1);
  if (shape.rank() < 3 || shape.rank() > 4 || shape[0] != 1 || shape.elements() == 0)
    return fail(ErrorCode::kUnsupported, "output {} is no map of classes: it should be [1,H,W] or [1,H,W,C]",
                to_string(shape));
  Tensor codes = output;  // the order of scores is that of their codes
  codes.quantization = nullptr;
  TULLE_TRY(const auto values, reals(codes));
  ClassMap map{shape[1], shape[2], std::vector<int>(static_cast<size_t>(shape[1]) * shape[2])};
  const size_t channels = labelled ? 1 : static_cast<size_t>(shape[3]);
  for (size_t i = 0; i < map.classes.size(); ++i) {
    const float* cell = &values[i * channels];
    map.classes[i] = labelled ? static_cast<int>(to_index(cell[0]))
                              : static_cast<int>(std::max_element(cell, cell + channels) - cell);
  }
  return map;
}

Result<void> segment(const VisionOptions& options) {
  TULLE_TRY(const Seen seen, look(options));
  TULLE_TRY(const ClassMap map, in_file(options.model, class_map(seen.session->output(0))));
  Picture drawing = seen.picture;
  std::map<int, int64_t> pixels;
  const Mapping& at = seen.mapping;
  for (int y = 0; y < drawing.height; ++y)
    for (int x = 0; x < drawing.width; ++x) {
      const double u = (x + 0.5 - at.x) / at.width, v = (y + 0.5 - at.y) / at.height;
      if (u < 0 || u >= 1 || v < 0 || v >= 1) continue;
      const int index =
          map.classes[static_cast<size_t>(v * map.height) * map.width + static_cast<size_t>(u * map.width)];
      ++pixels[index];
      if (index != 0) tint(drawing, x, y, palette(static_cast<size_t>(index)), 0.55);
    }
  std::vector<std::pair<int, int64_t>> sorted(pixels.begin(), pixels.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  Json classes = Json::array();
  std::string lines;
  const int text = caption_height(drawing);
  int row = text / 2;
  for (const auto& [index, count] : sorted) {
    const std::string name = label(seen.preparation.labels, static_cast<size_t>(index));
    const double share = 100.0 * static_cast<double>(count) / (static_cast<double>(drawing.width) * drawing.height);
    classes.push_back({{"index", index}, {"label", name}, {"pixels", count}});
    lines += fmt::format("{:6.1f} %  {:<24} {} pixels\n", share, name, count);
    if (index == 0 || share < 0.05 || row + text > drawing.height) continue;
    draw_caption(drawing, text / 2, row, fmt::format("{} {:.1f}%", name, share), palette(static_cast<size_t>(index)),
                 text);
    row += text + text / 4;
  }
  return finish(options, seen, drawing, Json{{"classes", classes}}, lines);
}

}  // namespace

Verb segment_verb() {
  return vision_verb({"segment", "Colour a picture by what each pixel belongs to",
                      "A .tflite segmentation model; class 0 is the background", nullptr,
                      "Example:\n"
                      "  tulle segment bird.jpg -m deeplab.tflite --labels pascal_voc.txt -o mask.png"},
                     std::make_shared<VisionOptions>(), segment);
}

}  // namespace tulle::cli
