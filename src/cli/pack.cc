// tulle pack: packs a model's weights once, for all runs to come.
#include <chrono>
#include <filesystem>

#include "cli/progress.h"
#include "cli/verb.h"
#include "formats/tflite.h"
#include "runtime/constants.h"

namespace tulle::cli {
namespace {

struct Options {
  std::string model, out;
  bool json = false;
};

/// Has the main graph and every other that a signature names prepared.
Result<void> prepare_all(const std::shared_ptr<const Model>& model, const std::shared_ptr<Constants>& constants) {
  SessionOptions options;
  options.constants = constants;
  TULLE_CHECK(Session::create(model, options));
  for (const Signature& signature : model->signatures) {
    if (signature.graph == 0) continue;
    options.signature = signature.key;
    TULLE_CHECK(within(Session::create(model, options), "signature {:?}", shown(signature.key)));
  }
  return {};
}

Result<void> pack(const Options& options) {
  Progress progress("pack");
  const auto start = std::chrono::steady_clock::now();
  std::error_code ignored;
  if (std::filesystem::equivalent(options.model, options.out, ignored))
    return fail(ErrorCode::kInvalidArgument, "{}: is the model itself", options.out);
  TULLE_TRY(const std::shared_ptr<const Model> model, in_file(options.model, tflite::load(options.model)));
  TULLE_TRY(const PackTarget target, in_file(options.model, pack_target(*model)));
  const auto constants = make_constants();
  TULLE_CHECK(in_file(options.model, prepare_all(model, constants)));
  TULLE_TRY(const Constants::Written written, constants->write(options.out, target));
  const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  if (options.json)
    progress.print(to_text({{"file", options.out},
                            {"bytes", written.bytes},
                            {"weights", written.weights},
                            {"isa", std::string(target.set)},
                            {"ms", ms}}));
  else
    progress.print(fmt::format("wrote {}: the weights of {} nodes for {} kernels, {}, in {:.1f} ms\n", options.out,
                               written.weights, target.set, amount(static_cast<int64_t>(written.bytes), "B"), ms));
  return {};
}

}  // namespace

Verb pack_verb() {
  auto options = std::make_shared<Options>();
  return {"pack",
          "Pack a model's weights for this machine's kernels into a file, for --pack",
          {required({"MODEL", &options->model, "A .tflite file"}),
           required({"-o,--output", &options->out, "The file of packed weights", "FILE"}), json_option(options->json)},
          "Example:\n"
          "  tulle pack model.tflite -o model.pack && tulle bench model.tflite --pack model.pack",
          [options] { return pack(*options); }};
}

}  // namespace tulle::cli
