// tulle detect: where things are in a picture.
#include <cmath>

#include "cli/vision.h"

namespace tulle::cli {
namespace {

/// The four outputs of a detector that ends in TFLite_Detection_PostProcess, told apart by shape and order.
struct Detections {
  std::vector<float> boxes, classes, scores;
  size_t count = 0;
};

Result<Detections> detections(const Session& session) {
  const auto fits = [&](int i, int rank) {
    return session.output(i).shape.rank() == rank && session.output(i).shape[0] == 1;
  };
  const bool four = session.outputs().size() == 4 && fits(0, 3) && session.output(0).shape[2] == 4 && fits(1, 2) &&
                    fits(2, 2) && session.output(1).shape == session.output(2).shape &&
                    session.output(0).shape[1] == session.output(1).shape[1];
  if (!four)
    return fail(ErrorCode::kUnsupported,
                "the model's outputs are not boxes [1,N,4], classes [1,N], scores [1,N] and their number");
  Detections d;
  TULLE_TRY(d.boxes, reals(session.output(0)));
  TULLE_TRY(d.classes, reals(session.output(1)));
  TULLE_TRY(d.scores, reals(session.output(2)));
  TULLE_TRY(const auto number, reals(session.output(3)));
  const float n = number.empty() ? 0 : number[0];
  d.count = n > 0 ? std::min(d.scores.size(), static_cast<size_t>(std::min(n, 1e6f))) : 0;
  return d;
}

Result<void> detect(const VisionOptions& options) {
  TULLE_TRY(const Seen seen, look(options));
  TULLE_TRY(const Detections found, in_file(options.model, detections(*seen.session)));
  Picture drawing = seen.picture;
  const int text = caption_height(drawing);
  Json boxes = Json::array();
  std::string lines;
  // Detectors count classes from the one after the background, label files often from the background.
  const bool background = !seen.preparation.labels.empty() &&
                          (seen.preparation.labels[0] == "???" || seen.preparation.labels[0] == "background");
  struct Caption {
    int x, y;
    std::string text;
    Colour colour;
  };
  std::vector<Caption> captions;
  const Mapping& at = seen.mapping;
  for (size_t i = 0; i < found.count; ++i) {
    if (!(found.scores[i] >= options.threshold)) continue;
    const float* box = &found.boxes[i * 4];
    const size_t index = to_index(found.classes[i]);
    const std::string name = label(seen.preparation.labels, index + (background ? 1 : 0));
    const double x0 = at.x + box[1] * at.width, y0 = at.y + box[0] * at.height;
    const double x1 = at.x + box[3] * at.width, y1 = at.y + box[2] * at.height;
    boxes.push_back({{"label", name},
                     {"index", index},
                     {"score", found.scores[i]},
                     {"x0", x0},
                     {"y0", y0},
                     {"x1", x1},
                     {"y1", y1}});
    lines +=
        fmt::format("{:6.1f} %  {:<24} {:.0f},{:.0f} to {:.0f},{:.0f}\n", found.scores[i] * 100, name, x0, y0, x1, y1);
    const Colour colour = palette(index);
    draw_box(drawing, x0, y0, x1, y1, colour, text / 6.0);
    const auto near = [](double x) { return static_cast<int>(std::isnan(x) ? -1e5 : std::clamp(x, -1e5, 1e5)); };
    captions.push_back({near(x0), near(y0) - text, fmt::format("{} {:.0f}%", name, found.scores[i] * 100), colour});
  }
  for (const Caption& caption : captions)
    draw_caption(drawing, caption.x, caption.y, caption.text, caption.colour, text);
  return finish(options, seen, drawing, Json{{"boxes", boxes}}, lines.empty() ? "nothing found\n" : lines);
}

}  // namespace

Verb detect_verb() {
  return vision_verb(
      {"detect", "Find things in a picture and draw boxes around them",
       "A .tflite detector that ends in TFLite_Detection_PostProcess", "Least score of a box, 0 to 1 (default 0.5)",
       "Example:\n"
       "  tulle detect street.jpg -m ssd_mobilenet.tflite --labels labelmap.txt -o boxes.png"},
      std::make_shared<VisionOptions>(), detect);
}

}  // namespace tulle::cli
