// label_by_index.wasm MODEL PICTURE LABELS [PREPARATION]: label_image with a model of the host's, whose input and
// output go by their positions. PREPARATION is how the model wants pictures, JSON as in docs/metadata.md.
#include <cstdio>

#include "host_model.h"
#include "label_command.h"
#include "vision/feed.h"
#include "vision/labels.h"
#include "vision/scores.h"

namespace tulle {
namespace {

Result<std::string> answer(const char* model, const std::string& picture_path, const std::string& labels_path,
                           const std::string& preparation_json) {
  TULLE_TRY(const auto labels, read_labels(labels_path));
  TULLE_TRY(const Picture picture, picture_of(picture_path));
  TULLE_TRY(const Preparation preparation, parse_preparation(preparation_json));

  wasi_nn_graph graph;
  wasi_nn_context context;
  TULLE_CHECK(done(wasi_nn_open(model, &graph, &context)));

  TULLE_TRY(HostTensor input, describe(wasi_nn_get_input_info, graph, 0));
  TULLE_TRY(input.data, fed(input.view(), picture, preparation));
  const wasi_nn_tensor record = input.record();
  TULLE_CHECK(done(wasi_nn_set_input(context, 0, &record)));

  TULLE_CHECK(done(wasi_nn_compute(context)));

  TULLE_TRY(HostTensor output, describe(wasi_nn_get_output_info, graph, 0));
  uint32_t written;
  TULLE_CHECK(done(wasi_nn_get_output(context, 0, output.data.data(), output.data.size(), &written)));
  TULLE_TRY(const auto scores, scores_of(output.view()));
  return five_lines(scores, labels);
}

}  // namespace
}  // namespace tulle

int main(int count, char** arguments) {
  if (count < 4 || count > 5) {
    std::fputs("usage: label_by_index MODEL PICTURE LABELS [PREPARATION]\n", stderr);
    return tulle::kUsage;
  }
  return tulle::print("label_by_index",
                      tulle::answer(arguments[1], arguments[2], arguments[3], count > 4 ? arguments[4] : ""));
}
