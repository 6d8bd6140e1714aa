// tulle run: arrays in, arrays out.
#include <cstring>
#include <filesystem>

#include "cli/arrays.h"
#include "cli/progress.h"
#include "cli/strings.h"
#include "cli/verb.h"

namespace tulle::cli {
namespace {

struct Options : RunOptions {
  std::vector<std::string> inputs, more_inputs;
  std::string out;
  std::optional<uint64_t> seed;
  bool dequantize = false, json = false;
};

/// The output's name with what file systems dislike replaced, after its position so that no two are alike.
std::string file_name(size_t position, std::string name, const char* extension) {
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.') c = '_';
  name.resize(std::min<size_t>(name.size(), 80));
  return std::to_string(position) + "_" + name + extension;
}

/// The first few elements of an output of numbers.
Result<std::string> preview(const Tensor& tensor, Elements elements) {
  constexpr size_t kShown = 8;
  Tensor codes = tensor;
  if (elements == Elements::kCodes) codes.quantization = nullptr;
  TULLE_TRY(const auto values, reals(codes));
  std::string text;
  for (size_t i = 0; i < std::min(values.size(), kShown); ++i) text += fmt::format(" {:.6g}", values[i]);
  return text + (values.size() > kShown ? " …" : "");
}

struct Written {
  Json entry;        // of outputs.json
  std::string line;  // for people
};

Result<Written> write_output(const Tensor& tensor, const std::string& name, size_t position, const Options& options) {
  const std::filesystem::path folder = options.out;
  const Elements elements = options.dequantize ? Elements::kReals : Elements::kCodes;
  Written written{Json{{"name", name}}, {}};
  std::string file, values;
  if (tensor.dtype == DType::kString) {
    TULLE_TRY(const auto text, decode_strings(tensor));
    if (!folder.empty()) {
      file = file_name(position, name, ".json");
      const std::string json = to_text(nested(text, tensor.shape));
      TULLE_CHECK(write_file(folder / file, std::as_bytes(std::span(json))));
    }
    written.entry["file"] = file;
    written.entry["dtype"] = "string";
    for (size_t i = 0; i < std::min<size_t>(text.size(), 3); ++i) values += " \"" + text[i].substr(0, 40) + "\"";
  } else {
    TULLE_TRY(const Array array, to_array(tensor, elements));
    if (!folder.empty()) {
      file = file_name(position, name, ".npy");
      TULLE_CHECK(write_npy(folder / file, array.dtype, array.shape, array.bytes));
    }
    written.entry["file"] = file;
    written.entry["dtype"] = std::string(tulle::name(array.dtype));
    values = preview(tensor, elements).value_or("");
  }
  if (file.empty()) written.entry.erase("file");
  written.entry["shape"] = to_json(tensor.shape);
  written.line = fmt::format("{}  {} {}{}\n", name, written.entry["dtype"].get<std::string>(), to_string(tensor.shape),
                             file.empty() ? " " + values : "  " + (folder / file).string());
  return written;
}

Result<void> feed(Session& session, const Ports& ports, Options options) {
  options.inputs.insert(options.inputs.end(), options.more_inputs.begin(), options.more_inputs.end());
  TULLE_TRY(const auto set, set_inputs(session, ports, options.inputs, options.model));
  if (options.seed) return in_file(options.model, randomise_inputs(session, *options.seed, set));
  for (size_t i = 0; i < ports.inputs.size(); ++i) {
    const Tensor& tensor = session.input(ports.inputs[i].position);
    if (!set[ports.inputs[i].position])
      return fail(ErrorCode::kInvalidArgument,
                  "{}: input '{}' {} {} has no value: give --input {}=FILE.npy or --random SEED", options.model,
                  ports.inputs[i].name, tulle::name(tensor.dtype), to_string(tensor.shape), i);
  }
  return {};
}

Result<void> run(const Options& options) {
  Progress progress("run");
  TULLE_TRY(const auto opened, open(options));
  const auto& session = opened.session;
  const Ports ports = name_ports(*session, options.signature);
  TULLE_CHECK(feed(*session, ports, options));
  if (!options.out.empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.out, error);
    if (error) return fail(ErrorCode::kIo, "{}: cannot be made a folder: {}", options.out, error.message());
  }
  TULLE_CHECK(in_file(options.model, session->run()));
  Json outputs = Json::array();
  std::string lines;
  for (size_t i = 0; i < ports.outputs.size(); ++i) {
    TULLE_TRY(Written written,
              write_output(session->output(ports.outputs[i].position), ports.outputs[i].name, i, options));
    outputs.push_back(std::move(written.entry));
    lines += written.line;
  }
  const std::string json = to_text(outputs);
  if (!options.out.empty())
    TULLE_CHECK(write_file(std::filesystem::path(options.out) / "outputs.json", std::as_bytes(std::span(json))));
  progress.print(options.json ? json : lines);
  opened.packs.keep(*session);
  return {};
}

}  // namespace

Verb run_verb() {
  auto options = std::make_shared<Options>();
  return {
      "run", "Run a model on arrays: .npy files in, .npy files and outputs.json out",
      join({{required({"MODEL", &options->model, "A .tflite file"}),
             {"INPUT", &options->more_inputs, "NAME=FILE.npy, as after --input", "", assignment()},
             {"-i,--input", &options->inputs, "The array for an input, by name or position; strings come as FILE.json",
              "NAME=FILE", assignment()},
             {"--random", &options->seed, "Fill the inputs not given with values from this seed", "SEED"},
             {"--signature", &options->signature, "Run this signature of the model", "KEY"},
             {"-o,--output", &options->out, "Folder for the outputs and outputs.json, made where it is missing", "DIR"},
             {"--dequantize", &options->dequantize, "Give quantised outputs as float32 reals"}},
            pack_options(*options),
            {threads_option(*options), json_option(options->json)}}),
      "Examples:\n"
      "  tulle run model.tflite --input 0=picture.npy -o out\n"
      "  tulle run model.tflite --signature serving_default -i x=x.npy -i mask=mask.npy -o out --json\n"
      "  tulle run model.tflite --random 1 --dequantize",
      [options] { return run(*options); }};
}

}  // namespace tulle::cli
