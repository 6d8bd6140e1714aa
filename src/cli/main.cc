// tulle: the command line. Parses, runs one verb, and turns its outcome into an exit code.
#include <cstdio>
#include <cstring>

#include "cli/verb.h"

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

int report(const std::string& message, int code) {
  std::fprintf(stderr, "tulle: %s\n", harmless(message, "").c_str());
  return code;
}

/// What is wrong with the command line, and where to read on.
int misused(const CLI::App& app, const std::string& message) {
  const auto verbs = app.get_subcommands();
  const std::string verb = verbs.empty() ? "" : verbs[0]->get_name() + " ";
  report((verb.empty() ? "" : verb.substr(0, verb.size() - 1) + ": ") + message, kUsage);
  std::fprintf(stderr, "tulle %s--help tells what there is.\n", verb.c_str());
  return kUsage;
}

int run(int argc, char** argv) {
  CLI::App app{"Runs TensorFlow Lite models, exactly.", "tulle"};
  app.set_version_flag("--version", std::string("tulle ") + TULLE_VERSION);
  app.require_subcommand(0, 1);
  app.get_formatter()->label("SUBCOMMAND", "VERB");
  app.get_formatter()->column_width(28);
  Outcome outcome;
#define TULLE_VERB(name) add_##name(app, outcome);
#include "cli/verbs.def"
#undef TULLE_VERB
  for (CLI::App* verb : app.get_subcommands({})) verb->group("Verbs");
  app.footer(
      "tulle VERB --help tells more, with examples.\n"
      "Exit codes: 0 done, 2 wrong usage, 3 the file or input is bad or unsupported, 1 anything else.\n"
      "TULLE_CACHE is where `make models` puts models (default ~/.cache/tulle); NO_COLOR=1 turns decoration off.");
  try {
    const auto called = [&](const CLI::App* verb) { return verb->check_name(argv[1]); };
    if (argc > 1 && argv[1][0] != '-' && app.get_subcommands(called).empty())
      return misused(app, fmt::format("there is no verb '{}'", argv[1]));
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return misused(app, error.what());
    return app.exit(error);
  }
  if (app.get_subcommands().empty()) return misused(app, "a verb is missing");
  const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (!outcome.result) return report(outcome.result.error().message, exit_code(outcome.result.error().code));
  if (!written) return report(fmt::format("standard output: {}", std::strerror(errno)), kFailed);
  return kDone;
}

}  // namespace
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
