// label_by_name.wasm MODEL PICTURE LABELS [PREPARATION [INPUT OUTPUT]]: label_by_index, but input and output go by
// their names, which are the model's first where none are given, and each compute puts the output into the guest's
// memory.
#include <cstdio>

#include "host_model.h"
#include "label_command.h"
#include "vision/feed.h"
#include "vision/labels.h"
#include "vision/scores.h"

namespace tulle {
namespace {

struct Arguments {
  const char* model;
  std::string picture, labels, preparation, input, output;
};

/// The input or output of this name; the first for an empty name. The error for an unknown one is the host's for the
/// position behind the last.
Result<HostTensor> find(Info* info, wasi_nn_graph graph, const std::string& name) {
  for (uint32_t index = 0;; ++index) {
    TULLE_TRY(HostTensor tensor, within(describe(info, graph, index), "{:?}", name));
    if (name.empty() || tensor.key == name || tensor.name == name) return tensor;
  }
}

Result<std::string> answer(const Arguments& given) {
  TULLE_TRY(const auto labels, read_labels(given.labels));
  TULLE_TRY(const Picture picture, picture_of(given.picture));
  TULLE_TRY(const Preparation preparation, parse_preparation(given.preparation));

  wasi_nn_graph graph;
  wasi_nn_context context;
  TULLE_CHECK(done(wasi_nn_open(given.model, &graph, &context)));
  TULLE_TRY(HostTensor input, find(wasi_nn_get_input_info, graph, given.input));
  TULLE_TRY(HostTensor output, find(wasi_nn_get_output_info, graph, given.output));

  TULLE_TRY(input.data, fed(input.view(), picture, preparation));
  const wasi_nn_tensor in = input.record(), out = output.record();
  TULLE_CHECK(done(wasi_nn_set_input_by_name(context, input.key.data(), input.key.size(), &in)));
  TULLE_CHECK(done(wasi_nn_set_output_by_name(context, output.key.data(), output.key.size(), &out)));
  TULLE_CHECK(done(wasi_nn_compute(context)));  // and output.data is filled
  TULLE_TRY(const auto scores, scores_of(output.view()));
  return five_lines(scores, labels);
}

}  // namespace
}  // namespace tulle

int main(int count, char** arguments) {
  if (count != 4 && count != 5 && count != 7) {
    std::fputs("usage: label_by_name MODEL PICTURE LABELS [PREPARATION [INPUT OUTPUT]]\n", stderr);
    return tulle::kUsage;
  }
  const auto argument = [&](int i) { return i < count ? arguments[i] : ""; };
  return tulle::print("label_by_name",
                      tulle::answer({argument(1), argument(2), argument(3), argument(4), argument(5), argument(6)}));
}
