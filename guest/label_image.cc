// label_image.wasm MODEL PICTURE LABELS: what is in a picture, as five lines of rank, score and label.
#include <cstdio>

#include "formats/tflite.h"
#include "label_command.h"
#include "vision/labels.h"
#include "vision/scores.h"

namespace tulle {
namespace {

Result<std::string> answer(const std::string& model_path, const std::string& picture_path,
                           const std::string& labels_path) {
  TULLE_TRY(const auto model, tflite::load(model_path));
  TULLE_TRY(const auto labels, read_labels(labels_path));
  TULLE_TRY(const Picture picture, picture_of(picture_path));
  TULLE_TRY(const auto scores, within(scores_of(model, picture), "{}", model_path));
  return five_lines(scores, labels);
}

}  // namespace
}  // namespace tulle

int main(int count, char** arguments) {
  if (count != 4) {
    std::fputs("usage: label_image MODEL PICTURE LABELS (- as PICTURE: standard input)\n", stderr);
    return tulle::kUsage;
  }
  return tulle::print("label_image", tulle::answer(arguments[1], arguments[2], arguments[3]));
}
