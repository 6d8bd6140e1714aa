// tulle run: arrays in, arrays out.
#include <filesystem>

#include "cli/arrays.h"
#include "cli/verb.h"

namespace tulle::cli {
namespace {

struct Options : RunOptions {
  std::vector<std::string> inputs;
  std::string out;
  uint64_t seed = 0;
  bool random = false, dequantize = false, json = false;
};

/// The output's name with what file systems dislike replaced, after its position so that no two are alike.
std::string file_name(size_t position, std::string name, const char* extension) {
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.') c = '_';
  name.resize(std::min<size_t>(name.size(), 80));
  return std::to_string(position) + "_" + name + extension;
}

Result<Json> write_output(const Tensor& tensor, const std::string& name, size_t position, const Options& options) {
  const std::filesystem::path folder = options.out;
  Json entry{{"name", name}};
  if (tensor.dtype == DType::kString) {
    TULLE_TRY(const auto text, strings(tensor));
    entry["file"] = file_name(position, name, ".json");
    const std::string json = Json(text).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    TULLE_CHECK(write_file(folder / entry["file"].get<std::string>(), std::as_bytes(std::span(json))));
    entry["dtype"] = "string";
  } else {
    TULLE_TRY(const Array array, to_array(tensor, options.dequantize));
    entry["file"] = file_name(position, name, ".npy");
    TULLE_CHECK(write_npy(folder / entry["file"].get<std::string>(), array.dtype, array.shape, array.bytes));
    entry["dtype"] = std::string(tulle::name(array.dtype));
  }
  entry["shape"] = to_json(tensor.shape);
  return entry;
}

Result<void> run(const Options& options) {
  TULLE_TRY(const auto session, open(options));
  std::vector<bool> set(session->inputs().size());
  TULLE_CHECK(set_inputs(*session, options.inputs));
  for (const std::string& argument : options.inputs) set[*session->find_input(argument.substr(0, argument.find('=')))] = true;
  if (options.random) {
    TULLE_CHECK(randomise_inputs(*session, options.seed, set));
  } else {
    for (size_t i = 0; i < set.size(); ++i)
      if (!set[i])
        return fail(ErrorCode::kInvalidArgument, "input '{}' {} {} has no value: give --input {}=FILE.npy or --random SEED",
                    session->inputs()[i].name, tulle::name(session->input(static_cast<int>(i)).dtype),
                    to_string(session->input(static_cast<int>(i)).shape), i);
  }
  if (auto done = session->run(); !done) return in_file(options.model, std::move(done).error());

  Json outputs = Json::array();
  if (!options.out.empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.out, error);
    if (error) return fail(ErrorCode::kIo, "{}: {}", options.out, error.message());
  }
  for (size_t i = 0; i < session->outputs().size(); ++i) {
    const Tensor& tensor = session->output(static_cast<int>(i));
    const std::string& name = session->outputs()[i].name;
    if (options.out.empty()) {
      outputs.push_back({{"name", name}, {"dtype", std::string(tulle::name(tensor.dtype))}, {"shape", to_json(tensor.shape)}});
      continue;
    }
    TULLE_TRY(Json entry, write_output(tensor, name, i, options));
    outputs.push_back(std::move(entry));
  }
  if (!options.out.empty()) {
    const std::string text = outputs.dump(2) + "\n";
    TULLE_CHECK(write_file(std::filesystem::path(options.out) / "outputs.json", std::as_bytes(std::span(text))));
  }
  if (options.json) {
    print_json(outputs);
  } else {
    for (const Json& output : outputs)
      print_text(fmt::format("{}  {} {}{}\n", output["name"].get<std::string>(), output["dtype"].get<std::string>(), output["shape"].dump(),
                        output.contains("file") ? "  " + (std::filesystem::path(options.out) / output["file"].get<std::string>()).string() : ""));
  }
  return {};
}

}  // namespace

void add_run(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("run", "Run a model on arrays: .npy files in, .npy files and outputs.json out");
  verb->add_option("MODEL", options->model, "A .tflite file")->required();
  verb->add_option("--input,-i", options->inputs, "NAME=FILE.npy, by name or position; once an input (strings: FILE.json)")->take_all();
  CLI::Option* random = verb->add_option("--random", options->seed, "Fill the inputs not given with values from this seed");
  verb->add_option("--signature", options->signature, "Run this signature of the model");
  verb->add_option("-o,--output", options->out, "Folder for the outputs, made where it is missing");
  verb->add_flag("--dequantize", options->dequantize, "Write quantised outputs as float32 reals");
  add_threads(*verb, *options);
  add_json(*verb, options->json);
  verb->callback([options, random, &outcome] {
    options->random = random->count() > 0;
    outcome.result = run(*options);
  });
}

}  // namespace tulle::cli
