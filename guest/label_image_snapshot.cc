// label_image_snapshot.wasm PICTURE LABELS: label_image with a model inside, which is read, prepared and run once when
// the host installs the program: an instance has packed weights and warm memory from its first instruction.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "c/tulle_init.h"
#include "formats/tflite.h"
#include "label_command.h"
#include "vision/feed.h"
#include "vision/labels.h"
#include "vision/scores.h"

namespace tulle {
namespace {

/// The bytes of the model's file, which the model read from them keeps looking at.
alignas(64) constexpr unsigned char kModel[] = {
#embed TULLE_EMBED_MODEL
};

struct Ready {
  Preparation preparation;
  std::unique_ptr<Session> session;
};
/// Never freed: the image is what it is for.
const Ready* ready;

Result<Ready> make_ready() {
  TULLE_TRY(Model model, tflite::read(std::as_bytes(std::span(kModel)), nullptr));
  Ready made;
  TULLE_TRY(made.preparation, own_preparation(model));
  TULLE_TRY(made.session, Session::create(std::make_shared<const Model>(std::move(model))));
  // The first run would else be that of each instance.
  const Tensor& input = made.session->input(0);
  TULLE_CHECK(made.session->set_input(0, std::vector<std::byte>(static_cast<size_t>(input.bytes))));
  TULLE_CHECK(made.session->run());
  return made;
}

void prepare() {
  auto made = make_ready();
  if (!made) std::exit(print("label_image_snapshot", std::unexpected(made.error())));
  ready = new Ready(*std::move(made));
}

Result<std::string> answer(const std::string& picture_path, const std::string& labels_path) {
  TULLE_TRY(const auto labels, read_labels(labels_path));
  TULLE_TRY(const Picture picture, picture_of(picture_path));
  TULLE_CHECK(feed(*ready->session, picture, ready->preparation));
  TULLE_CHECK(ready->session->run());
  TULLE_TRY(const auto scores, scores_of(*ready->session));
  return five_lines(scores, labels);
}

}  // namespace
}  // namespace tulle

TULLE_INIT(tulle::prepare)

int main(int count, char** arguments) {
  if (count != 3) {
    std::fputs("usage: label_image_snapshot PICTURE LABELS (- as PICTURE: standard input)\n", stderr);
    return tulle::kUsage;
  }
  return tulle::print("label_image_snapshot", tulle::answer(arguments[1], arguments[2]));
}
