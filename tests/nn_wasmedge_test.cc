// The calls and answers of WasmEdge's own tests of wasi-nn with TensorFlow Lite, in their order, on the model they use.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "nn_guest.h"

namespace tulle::host {
namespace {

constexpr uint32_t kPicture = 224 * 224 * 3, kClasses = 965;

/// The bytes of a shared model; none where there is none.
std::vector<char> shared_model(const char* name) {
  const char* shared = std::getenv("TULLE_SHARED");
  const std::filesystem::path folder = shared != nullptr ? shared : TULLE_SOURCE_DIR "/../shared";
  std::ifstream file(folder / "models" / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(NnWasmEdge, Birds) {
  const std::vector<char> model = shared_model("aiy_vision_classifier_birds_V1_3.tflite");
  if (model.empty()) GTEST_SKIP() << "NO MODELS: set TULLE_SHARED to the folder that holds models/*.tflite";
  Guest guest({}, nullptr, 8 << 20);
  const auto end = static_cast<uint32_t>(guest.memory.size()), size = static_cast<uint32_t>(model.size());
  const uint32_t at = guest.put(std::as_bytes(std::span(model))), garbage = guest.put_text("Test"), out = guest.room(4);
  const uint32_t list = guest.put_all<uint32_t>({at, size}), two = guest.put_all<uint32_t>({at, 1000, at, 1000});
  const uint32_t no_model = guest.put_all<uint32_t>({garbage, 4}), far_model = guest.put_all<uint32_t>({end, size});
  std::vector<std::byte> pixels(kPicture);
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::byte>(i / 7 * 13);
  const uint32_t picture = guest.put(pixels), dims = guest.put_all<uint32_t>({1, 224, 224, 3});
  const auto tensor = [&](uint32_t dims_at, uint32_t data_at, uint32_t bytes = kPicture, uint8_t type = 3,
                          uint32_t rank = 4) { return guest.record(dims_at, rank, type, data_at, bytes); };
  const uint32_t good = tensor(dims, picture), far_dims = tensor(end, picture), far_data = tensor(dims, end);
  const uint32_t old = tensor(dims, picture, kPicture, 2), floats = tensor(dims, picture, kPicture, 1);
  const uint32_t little = tensor(dims, picture, kPicture - 1), flat = tensor(dims, picture, kPicture, 3, 3);
  const uint32_t buffer = guest.room(kClasses), written = guest.room(4), name = guest.put_text("birds");

  struct Step {
    const char* what;
    const char* function;
    std::vector<uint32_t> arguments;
    int32_t answer;
    int64_t number = -1;  ///< what is then at `out` or `written`
  };
  const Step steps[] = {
      {"no model", "load", {no_model, 1, 4, 0, out}, 1},
      {"the handle outside", "load", {list, 1, 4, 0, end}, 1},
      {"the list outside", "load", {end, 1, 4, 0, out}, 1},
      {"the model outside", "load", {far_model, 1, 4, 0, out}, 1},
      {"two parts", "load", {two, 2, 4, 0, out}, 1},
      {"another device", "load", {list, 1, 4, 3, out}, 1},
      {"a name outside", "load_by_name", {end, 5, out}, 1},
      {"a name beyond the end", "load_by_name", {end - 3, 5, out}, 1},
      {"a name that there is not", "load_by_name", {name, 5, out}, 8},
      {"a model", "load", {list, 1, 4, 0, out}, 0, 0},
      {"the model again", "load", {list, 1, 4, 0, out}, 0, 1},
      {"no such graph", "init_execution_context", {2, out}, 1},
      {"the handle outside", "init_execution_context", {0, end}, 1},
      {"a context", "init_execution_context", {0, out}, 0, 0},
      {"another one", "init_execution_context", {0, out}, 0, 1},
      {"no such context", "set_input", {3, 0, good}, 1},
      {"the tensor outside", "set_input", {0, 0, end}, 1},
      {"the dimensions outside", "set_input", {0, 0, far_dims}, 1},
      {"the data outside", "set_input", {0, 0, far_data}, 1},
      {"no such input", "set_input", {0, 10, good}, 1},
      {"floats", "set_input", {0, 0, floats}, 1},
      {"a byte too few", "set_input", {0, 0, little}, 1},
      {"a dimension too few", "set_input", {0, 0, flat}, 1},
      {"bytes by their old number", "set_input", {0, 0, old}, 0},
      {"bytes", "set_input", {0, 0, good}, 0},
      {"no such context", "compute", {3}, 1},
      {"before compute", "get_output", {0, 0, buffer, kClasses, written}, 5},
      {"a compute", "compute", {0}, 0},
      {"the size outside", "get_output", {0, 0, buffer, kClasses, end}, 1},
      {"the buffer outside", "get_output", {0, 0, end, kClasses, written}, 1},
      {"no such output", "get_output", {0, 10, buffer, kClasses, written}, 1},
      {"too small a buffer", "get_output", {0, 0, buffer, kClasses - 1, written}, 7, kClasses},
      {"the answer", "get_output", {0, 0, buffer, kClasses, written}, 0, kClasses},
      {"no such graph", "unload", {2}, 1},
      {"no such context", "finalize_execution_context", {2}, 1},
      {"unload", "unload", {0}, 0},
      {"a second time", "unload", {0}, 1},
      {"a context of what is unloaded", "init_execution_context", {0, out}, 1},
      {"an input of what is unloaded", "set_input", {0, 0, good}, 1},
      {"a compute of what is unloaded", "compute", {0}, 1},
      {"what was computed", "get_output", {0, 0, buffer, kClasses, written}, 0, kClasses},
      {"fini_single", "fini_single", {0}, 0},
      {"finalize", "finalize_execution_context", {0}, 0},
      {"a second time", "finalize_execution_context", {0}, 1},
      {"a compute of what has ended", "compute", {0}, 1},
      {"the other one's end", "finalize_execution_context", {1}, 0},
  };
  for (const Step& step : steps) {
    const DoorFunction& function = *std::ranges::find(guest.door, std::string_view(step.function), &DoorFunction::name);
    EXPECT_EQ(guest.call(function, step.arguments), step.answer)
        << step.function << ": " << step.what << ": " << guest.nn.last_error();
    if (step.number >= 0) {
      EXPECT_EQ(guest.word(step.arguments.back()), step.number) << step.function << ": " << step.what;
    }
  }
}

}  // namespace
}  // namespace tulle::host
