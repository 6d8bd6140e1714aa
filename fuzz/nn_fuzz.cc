// Any memory image and any calls of a guest: what wasi-nn's doors answer. An input is the image's length in two bytes,
// the image, which lies at address 0, and calls: a byte for the function, then for each argument a byte that is the
// value, or over 127 and four bytes that are.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "host/nn_door.h"

namespace {

constexpr size_t kMemory = 1 << 17, kMostCalls = 64;

/// What is left of the input, taken from its front; zeros behind the end.
struct Input {
  const uint8_t* data;
  size_t size;

  uint8_t byte() {
    if (size == 0) return 0;
    --size;
    return *data++;
  }
  uint32_t word() {
    uint32_t word = 0;
    for (int i = 0; i < 4; ++i) word |= uint32_t{byte()} << (8 * i);
    return word;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tulle::host;
  Input input{data, size};
  const size_t low = input.byte(), image = std::min(low | size_t{input.byte()} << 8, input.size);
  std::vector<std::byte> memory(kMemory);
  if (image != 0) std::memcpy(memory.data(), input.data, image);
  input = {input.data + image, input.size - image};

  Nn nn(nullptr, {.graphs = 4, .contexts = 4, .bytes = 1 << 20});
  nn.set_deadline(std::chrono::steady_clock::now() + std::chrono::seconds(2));
  std::vector<DoorFunction> functions;
  for (const auto door : {ephemeral_functions(), legacy_functions(), session_functions()})
    functions.insert(functions.end(), door.begin(), door.end());
  for (size_t i = 0; i < kMostCalls && input.size != 0; ++i) {
    const DoorFunction& function = functions[input.byte() % functions.size()];
    uint32_t arguments[8] = {};
    for (int k = 0; k < function.parameters; ++k) {
      const uint8_t value = input.byte();
      arguments[k] = value < 128 ? value : input.word();
    }
    NnCall call{nn, memory};
    const int32_t answer = function.call(call, arguments);
    if (answer < 0 || answer > 8) std::abort();
  }
  return 0;
}
