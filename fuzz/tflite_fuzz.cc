// Any bytes to the reader: it answers, and what it takes for a model is written to a file that reads back as the same
// model.
#include <cstddef>
#include <cstdint>
#include <memory>

#include "formats/tflite.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tulle;
  const Buffer file = Buffer::copy(std::as_bytes(std::span(data, size)));
  const Result<Model> model = tflite::read(file.bytes, file.owner);
  if (!model) return 0;
  const auto bytes = tflite::write(*model);
  if (!bytes) return 0;
  const Buffer again = Buffer::copy(*bytes);
  const Result<Model> back = tflite::read(again.bytes, again.owner);
  if (!back) __builtin_trap();
  // NaN ranges compare unequal to themselves: the bytes decide.
  const auto twice = tflite::write(*back);
  if (!twice || *twice != *bytes) __builtin_trap();
  return 0;
}
