// tulle: the command line. Parses, runs one verb, and turns its outcome into an exit code.
#include <cstdio>
#include <cstring>

#include "cli/verb.h"
#if TULLE_ENGINE
#include "host/compile.h"
#endif

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

int run(int argc, char** argv) {
  const std::vector<Verb> verbs{
#define TULLE_VERB(name) name##_verb(),
#include "cli/verbs.def"
#undef TULLE_VERB
  };
  const Parsed parsed = parse(
      argc, argv, verbs, "Runs TensorFlow Lite models, exactly.", "tulle " TULLE_VERSION,
      "tulle VERB --help tells more, with examples.\n"
      "Exit codes: 0 done, 2 wrong usage, 3 the file or input is bad or unsupported, 1 anything else.\n"
      "TULLE_CACHE is where `make models` puts models and where packed weights are kept (default ~/.cache/tulle);\n"
      "NO_COLOR=1 turns decoration off.");
  if (!parsed.wrong.empty()) {
    report(parsed.wrong, kUsage);
    std::fprintf(stderr, "%s tells what there is.\n", parsed.help.c_str());
    return kUsage;
  }
  if (parsed.verb != nullptr && parsed.verb->program) return parsed.verb->program();
  const Result<void> result = parsed.verb == nullptr ? Result<void>() : parsed.verb->run();
  const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (!result) return report(result.error().message, exit_code(result.error().code));
  if (!written) return report(fmt::format("standard output: {}", std::strerror(errno)), kFailed);
  return kDone;
}

}  // namespace
}  // namespace tulle::cli

int main(int argc, char** argv) {
#if TULLE_ENGINE
  if (tulle::host::is_compiler(argc, argv)) return tulle::host::compiler_main();
#endif
  // Nothing below is meant to throw; what does (no memory for a string) is reported without a stack trace.
  try {
    return tulle::cli::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tulle: %s\n", error.what());
    return 1;
  }
}
