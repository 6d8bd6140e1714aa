// tiny_models TEXT… FOLDER: makes a .tflite file of each model in the text form, by our own writer.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/file_map.h"
#include "formats/tflite.h"
#include "graph/text.h"

namespace tulle {
namespace {

Result<void> convert(const std::filesystem::path& text, const std::filesystem::path& folder) {
  TULLE_TRY(const auto file, FileMap::open(text.string()));
  const std::span<const std::byte> bytes = file->bytes();
  TULLE_TRY(const Model model, parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  TULLE_TRY(const auto made, tflite::write(model));
  std::ofstream out(folder / text.stem().concat(".tflite"), std::ios::binary);
  out.write(reinterpret_cast<const char*>(made.data()), static_cast<std::streamsize>(made.size()));
  if (!out.flush()) return fail(ErrorCode::kIo, "can't be written to {}", folder.string());
  return {};
}

}  // namespace
}  // namespace tulle

int main(int count, char** arguments) {
  for (int i = 1; i + 1 < count; ++i) {
    if (const auto done = tulle::convert(arguments[i], arguments[count - 1]); !done) {
      std::fprintf(stderr, "%s: %s\n", arguments[i], done.error().message.c_str());
      return 1;
    }
  }
  return 0;
}
