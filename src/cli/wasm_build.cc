// tulle wasm-build: a WebAssembly module with the engine for one model, and the model in it.
#include <zlib.h>

#include <algorithm>
#include <filesystem>

#include "base/file_map.h"
#include "cli/npy.h"
#include "cli/verb.h"
#include "cli/wasm_needs.h"
#include "cli/wasm_trim.h"
#include "formats/tflite.h"
#include "formats/tflite_schema_part.h"

namespace tulle::cli {
namespace {

struct Options {
  std::string model, out, parts, map;
  bool no_weights = false, relaxed = false, json = false;
};

/// Where the engine's parts are; an error that says how to get them.
Result<std::string> find_parts(const Options& options) {
  if (!options.parts.empty()) return options.parts;
  const std::string name = options.relaxed ? "tulle.relaxed.parts.wasm" : "tulle.parts.wasm";
  std::error_code error;
  const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  const std::filesystem::path places[] = {own / "wasm" / name, own.parent_path() / "share/tulle/wasm" / name};
  for (const std::filesystem::path& place : places)
    if (!error && std::filesystem::exists(place, error)) return place.string();
  return fail(ErrorCode::kNotFound, "{}: not there; `make wasm` builds it, --parts names another place",
              places[0].string());
}

/// The usual error where there is no kernel for a node, in whichever signature.
Result<void> check_runs(const std::shared_ptr<const Model>& model) {
  SessionOptions options;
  TULLE_CHECK(Session::create(model, options));
  for (const Signature& signature : model->signatures) {
    if (signature.graph == 0) continue;
    options.signature = signature.key;
    TULLE_CHECK(within(Session::create(model, options), "signature {:?}", shown(signature.key)));
  }
  return {};
}

/// How many bytes a server sends that compresses with gzip.
uint64_t deflated(std::span<const uint8_t> bytes) {
  z_stream stream{};
  constexpr int kGzip = 15 + 16, kMostMemory = 9;
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzip, kMostMemory, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
  uint64_t total = 0;
  std::vector<uint8_t> out(size_t{1} << 16);
  int result = Z_OK;
  while (result != Z_STREAM_END) {
    if (stream.avail_in == 0) {
      const size_t some = std::min<size_t>(bytes.size(), size_t{1} << 30);
      stream.next_in = const_cast<Bytef*>(bytes.data());
      stream.avail_in = static_cast<uInt>(some);
      bytes = bytes.subspan(some);
    }
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    result = deflate(&stream, bytes.empty() ? Z_FINISH : Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END) break;
    total += out.size() - stream.avail_out;
  }
  deflateEnd(&stream);
  return total;
}

/// What stayed in the module: a row each.
std::string map_text(const std::vector<Kept>& kept) {
  std::string text;
  for (const Kept& one : kept)
    text += fmt::format("{:>8} {} {} {}\n", one.bytes, one.function ? "code" : "data", one.name, one.by);
  return text;
}

std::vector<uint8_t> words_of(const std::vector<uint32_t>& numbers) {
  std::vector<uint8_t> bytes;
  for (uint32_t number : numbers)
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<uint8_t>(number >> (8 * i)));
  return bytes;
}

Result<void> build(const Options& options) {
  std::error_code ignored;
  if (std::filesystem::equivalent(options.model, options.out, ignored))
    return fail(ErrorCode::kInvalidArgument, "{}: is the model itself", options.out);
  TULLE_TRY(const auto file, in_file(options.model, FileMap::open(options.model)));
  TULLE_TRY(Model read, in_file(options.model, tflite::read(file->bytes(), file)));
  const auto model = std::make_shared<const Model>(std::move(read));
  TULLE_CHECK(in_file(options.model, check_runs(model)));
  const Needs needs = needs_of(*model);

  TULLE_TRY(const std::string path, find_parts(options));
  TULLE_TRY(const auto parts_file, in_file(path, FileMap::open(path)));
  TULLE_TRY(const WasmParts parts, read_parts(parts_file->bytes(), path));
  TrimWish wish;
  wish.cut = [&](const WasmParts::Symbol& symbol) { return !needs.needed(symbol.name); };
  wish.exported = [&](std::string_view name) { return !options.no_weights || name.find("embedded") == name.npos; };
  wish.patches = {{"_ZN5tulle3ops11built_typesE", words_of(needs.types)},
                  {"_ZZN5tulle3fbs17ModelBinarySchema4dataEvE8bfbsData", tflite::schema_part(*model)}};
  if (!options.no_weights) {
    wish.file = file->bytes();
    wish.file_symbol = "tulle_embedded_model";
  }
  TULLE_TRY(const Trimmed trimmed, trim(parts, wish, path));
  TULLE_CHECK(write_file(options.out, std::as_bytes(std::span(trimmed.module))));
  if (!options.map.empty()) {
    const std::string map = map_text(trimmed.kept);
    TULLE_CHECK(write_file(options.map, std::as_bytes(std::span(map))));
  }

  const size_t weights = wish.file.size(), bytes = trimmed.module.size();
  const uint64_t packed = deflated(trimmed.module);
  if (options.json) {
    print_json({{"file", options.out}, {"bytes", bytes}, {"gzip_bytes", packed}, {"model_bytes", weights}});
    return {};
  }
  print_text(fmt::format("wrote {}: {}", options.out, amount(static_cast<int64_t>(bytes), "B")));
  if (weights != 0) print_text(fmt::format(", {} of them the model", amount(static_cast<int64_t>(weights), "B")));
  print_text(fmt::format("; {} as gzip sends it\n", amount(static_cast<int64_t>(packed), "B")));
  return {};
}

}  // namespace

Verb wasm_build_verb() {
  auto options = std::make_shared<Options>();
  return {"wasm-build",
          "Make a WebAssembly module with what one model needs, and the model in it",
          {required({"MODEL", &options->model, "A .tflite file"}),
           required({"-o,--output", &options->out, "The module", "FILE"}),
           {"--no-weights", &options->no_weights, "Leave the model out; the host gives it to the module"},
           {"--relaxed", &options->relaxed, "For engines with relaxed vector instructions, which are faster"},
           {"--parts", &options->parts, "The engine's parts, which `make wasm` builds", "FILE"},
           {"--map", &options->map, "Write what is in the module, the largest first", "FILE"},
           json_option(options->json)},
          "Examples:\n"
          "  tulle wasm-build model.tflite -o model.wasm\n"
          "  tulle wasm-build model.tflite -o engine.wasm --no-weights",
          [options] { return build(*options); }};
}

}  // namespace tulle::cli
