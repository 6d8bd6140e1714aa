// classify.wasm: two buffers in, the number of a class out. Exports memory, alloc, infer_from_ptrs and _start, which
// does nothing that the other two need.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>

#include "base/room.h"
#include "formats/tflite.h"
#include "vision/scores.h"

extern "C" void __wasm_call_ctors();

namespace tulle {
namespace {

/// What infer_from_ptrs returns where it has no class. Stable: hosts compare them.
enum Failure : int32_t { kBadModel = -1, kBadPicture = -2, kOutOfMemory = -3, kUnsupported = -4, kBadPointer = -5 };

int32_t code_of(const Error& error, Failure otherwise) {
  if (error.code == ErrorCode::kOutOfMemory) return kOutOfMemory;
  return error.code == ErrorCode::kUnsupported ? kUnsupported : otherwise;
}

/// A buffer that alloc gave, freed when it goes.
struct Block {
  std::unique_ptr<std::byte, decltype(&std::free)> data{nullptr, &std::free};
  size_t size = 0;
};

/// The buffers in the host's hands.
std::map<const void*, size_t>& blocks() {
  static std::map<const void*, size_t> given;
  return given;
}

/// Takes a buffer back; nothing where alloc did not give it. Hosts are known to tell a wrong length: what was asked for
/// bounds it.
std::optional<Block> take(std::byte* at, size_t size) {
  const auto found = blocks().find(at);
  if (found == blocks().end()) return std::nullopt;
  Block block{{at, &std::free}, std::min(size, found->second)};
  blocks().erase(found);
  return block;
}

int32_t infer(const Block& model_bytes, const Block& picture_bytes) {
  auto read = tflite::read({model_bytes.data.get(), model_bytes.size}, nullptr);
  if (!read) return code_of(read.error(), kBadModel);
  const auto picture = parse_picture({picture_bytes.data.get(), picture_bytes.size}, "picture");
  if (!picture) return code_of(picture.error(), kBadPicture);
  const auto scores = scores_of(std::make_shared<const Model>(*std::move(read)), *picture);
  if (!scores) return code_of(scores.error(), kBadModel);
  return static_cast<int32_t>(best(*scores, 1)[0]) + 1;
}

/// Constructors of globals run before the first call of whatever export comes first.
void begin() {
  static bool begun = false;
  if (begun) return;
  begun = true;
  __wasm_call_ctors();
}

}  // namespace
}  // namespace tulle

extern "C" {

__attribute__((export_name("_start"))) void _start() { tulle::begin(); }

/// A buffer of so many bytes for the host to fill; 0 where there is no memory.
__attribute__((export_name("alloc"))) void* alloc(size_t size) {
  tulle::begin();
  void* at = tulle::has_room(size) ? std::aligned_alloc(64, (std::max<size_t>(size, 1) + 63) / 64 * 64) : nullptr;
  if (at != nullptr) tulle::blocks()[at] = size;
  return at;
}

/// The class of the picture, counted from 1, or a negative number. Both buffers came from alloc and are freed.
__attribute__((export_name("infer_from_ptrs"))) int32_t infer_from_ptrs(std::byte* model, size_t model_size,
                                                                        std::byte* picture, size_t picture_size) {
  tulle::begin();
  const auto of_model = tulle::take(model, model_size), of_picture = tulle::take(picture, picture_size);
  return of_model && of_picture ? tulle::infer(*of_model, *of_picture) : tulle::kBadPointer;
}
}
