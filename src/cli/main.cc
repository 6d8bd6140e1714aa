// tulle: the command line. Parses, runs one verb, and turns its outcome into an exit code.
#include <unistd.h>

#include <cstdlib>

#include "cli/verb.h"
#include "formats/tflite.h"

namespace tulle::cli {
namespace {

// The exit codes of docs/cli.md.
constexpr int kDone = 0, kFailed = 1, kUsage = 2, kBadInput = 3;

int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidFile:
    case ErrorCode::kUnsupported:
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
    case ErrorCode::kOutOfMemory:
    case ErrorCode::kRuntime: return kBadInput;
    default: return kFailed;
  }
}

int run(int argc, char** argv) {
  CLI::App app{"Runs TensorFlow Lite models: exactly, safely, from the first millisecond.", "tulle"};
  app.set_version_flag("--version", std::string("tulle ") + TULLE_VERSION);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  app.footer("tulle VERB --help tells more. Exit codes: 0 done, 2 wrong usage, 3 the file or input is bad or unsupported, 1 "
             "anything else.");
  Outcome outcome;
#define TULLE_VERB(name) add_##name(app, outcome);
#include "cli/verbs.def"
#undef TULLE_VERB
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  if (outcome.result) return kDone;
  std::fflush(stdout);
  std::fprintf(stderr, "tulle: %s\n", outcome.result.error().message.c_str());
  return exit_code(outcome.result.error().code);
}

}  // namespace

void add_threads(CLI::App& verb, RunOptions& options) {
  verb.add_option("--threads", options.threads, "Threads that work on one inference")->check(CLI::Range(1, 1024))->capture_default_str();
}
void add_json(CLI::App& verb, bool& json) { verb.add_flag("--json", json, "Print the result as JSON"); }

std::unexpected<Error> in_file(const std::string& path, Error error) {
  if (!error.message.starts_with(path)) error.message = path + ": " + error.message;
  return std::unexpected(std::move(error));
}

Result<std::unique_ptr<Session>> open(const RunOptions& options, SessionOptions session) {
  auto model = tflite::load(options.model);
  if (!model) return in_file(options.model, std::move(model).error());
  session.signature = options.signature;
  session.threads = options.threads;
  auto made = Session::create(*model, std::move(session));
  if (!made) return in_file(options.model, std::move(made).error());
  return made;
}

void print_json(const Json& json) { print_text(json.dump(2) + "\n"); }
void print_text(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

bool decorated(int stream) {
  const char* no_color = std::getenv("NO_COLOR");
  return ::isatty(stream) != 0 && (no_color == nullptr || *no_color == '\0');
}

Json to_json(const Shape& shape) {
  Json dims = Json::array();
  for (int32_t dim : shape) dims.push_back(dim);
  return dims;
}

}  // namespace tulle::cli

int main(int argc, char** argv) {
  // Nothing below is meant to throw; what does (no memory for a string) is reported without a stack trace.
  try {
    return tulle::cli::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tulle: %s\n", error.what());
    return 1;
  }
}
