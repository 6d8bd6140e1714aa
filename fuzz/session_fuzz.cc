// Any bytes to a session: what reads as a model is prepared and run within small limits. Every operator's checks and
// kernel are behind this door.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "formats/tflite.h"
#include "runtime/session.h"

namespace {

/// An input's contents: a few bytes of the file over and over, so that they vary with it.
std::vector<std::byte> contents(size_t size, const uint8_t* data, size_t length) {
  std::vector<std::byte> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(data[(i * 7) % length]);
  return bytes;
}

/// Whether the work of one node would be more than a fuzzer should wait for. Files may ask for any amount.
bool heavy(const tulle::Model& model) {
  for (const tulle::Graph& graph : model.graphs)
    for (const tulle::Value& value : graph.values)
      if (value.shape.elements() > 5'000) return true;
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tulle;
  const Buffer file = Buffer::copy(std::as_bytes(std::span(data, size)));
  Result<Model> model = tflite::read(file.bytes, file.owner);
  if (!model || heavy(*model)) return 0;
  auto session = Session::create(std::make_shared<const Model>(*std::move(model)), {.memory_limit = 1 << 20});
  if (!session) return 0;
  (*session)->set_time_limit(std::chrono::milliseconds(200));
  for (int i = 0; i < static_cast<int>((*session)->inputs().size()); ++i)
    if ((*session)->input(i).dtype != DType::kString)
      (void)(*session)->set_input(i, contents((*session)->input(i).bytes, data, size));
  for (int run = 0; run < 2; ++run)
    if (!(*session)->run()) break;
  return 0;
}
