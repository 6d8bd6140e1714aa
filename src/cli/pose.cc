// tulle pose: the key points of a person in a picture.
#include "cli/vision.h"

namespace tulle::cli {
namespace {

/// The key points of COCO, in the order of MoveNet's output.
constexpr const char* kPoints[] = {"nose",          "left eye",       "right eye",  "left ear",    "right ear",
                                   "left shoulder", "right shoulder", "left elbow", "right elbow", "left wrist",
                                   "right wrist",   "left hip",       "right hip",  "left knee",   "right knee",
                                   "left ankle",    "right ankle"};
constexpr size_t kCount = std::size(kPoints);
constexpr size_t kBones[][2] = {{0, 1},  {0, 2},  {1, 3},  {2, 4},   {5, 6},   {5, 7},   {7, 9},   {6, 8},
                                {8, 10}, {5, 11}, {6, 12}, {11, 12}, {11, 13}, {13, 15}, {12, 14}, {14, 16}};

Result<void> pose(const VisionOptions& options) {
  TULLE_TRY(const Seen seen, look(options));
  const Shape& shape = seen.session->output(0).shape;
  if (shape != Shape{1, 1, static_cast<int32_t>(kCount), 3})
    return fail(ErrorCode::kUnsupported, "{}: output {} is no pose: it should be [1,1,17,3] of y, x, score",
                options.model, to_string(shape));
  TULLE_TRY(const auto values, reals(seen.session->output(0)));
  struct Point {
    double x, y;
    float score;
  };
  const Mapping& at = seen.mapping;
  std::vector<Point> points;
  Json list = Json::array();
  std::string lines;
  for (size_t i = 0; i < kCount; ++i) {
    const float* value = &values[i * 3];
    points.push_back({at.x + value[1] * at.width, at.y + value[0] * at.height, value[2]});
    list.push_back({{"name", kPoints[i]}, {"x", points[i].x}, {"y", points[i].y}, {"score", points[i].score}});
    lines += fmt::format("{:<16} {:7.1f} {:7.1f}  {:5.1f} %\n", kPoints[i], points[i].x, points[i].y, value[2] * 100);
  }
  Picture drawing = seen.picture;
  const double thickness = caption_height(drawing) / 4.0;
  const auto sure = [&](size_t i) { return points[i].score >= options.threshold; };
  for (const auto& [a, b] : kBones)
    if (sure(a) && sure(b))
      draw_line(drawing, points[a].x, points[a].y, points[b].x, points[b].y, palette(a < b ? b : a), thickness);
  for (size_t i = 0; i < kCount; ++i)
    if (sure(i)) draw_disc(drawing, points[i].x, points[i].y, thickness, {255, 255, 255});
  return finish(options, seen, drawing, Json{{"points", list}}, lines);
}

}  // namespace

Verb pose_verb() {
  auto options = std::make_shared<VisionOptions>();
  options->threshold = 0.2f;
  return vision_verb(
      {"pose", "Find the key points of a person and draw them", "A .tflite single-person pose model (MoveNet)",
       "Least score of a point to draw, 0 to 1 (default 0.2)",
       "Example:\n"
       "  tulle pose squat.jpg -m movenet_lightning.tflite -o pose.png"},
      options, pose);
}

}  // namespace tulle::cli
