// What the verbs of the command line share: how each is added, what it prints, how models are opened.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "runtime/session.h"

namespace tulle::cli {

using Json = nlohmann::ordered_json;

/// The outcome of the verb that ran; main turns it into an exit code.
struct Outcome {
  Result<void> result;
};

// One function a verb: adds its subcommand to the app; running it sets the outcome.
#define TULLE_VERB(name) void add_##name(CLI::App& app, Outcome& outcome);
#include "cli/verbs.def"
#undef TULLE_VERB

/// Options of every verb that runs a model.
struct RunOptions {
  std::string model;
  std::string signature;
  int threads = 1;
};
void add_threads(CLI::App& verb, RunOptions& options);
void add_json(CLI::App& verb, bool& json);

/// A check of numbers for an option whose help text names the range.
template <class T>
CLI::Validator between(T low, T high) {
  CLI::Validator validator = CLI::Range(low, high);
  return validator.description("");
}

/// A session over a file; errors name the file.
Result<std::unique_ptr<Session>> open(const RunOptions& options, SessionOptions session = {});

/// The result, the file it is about put before the message of an error that does not begin with it.
template <class T>
Result<T> in_file(const std::string& path, Result<T> result) {
  if (!result && !result.error().message.starts_with(path)) result.error().message.insert(0, path + ": ");
  return result;
}

/// Indented, with a newline; text that is not UTF-8 has its bad bytes replaced.
std::string to_text(const Json& json);
/// On standard output.
void print_json(const Json& json);
/// Text on standard output: harmless, line ends kept.
void print_text(std::string_view text);
/// The text with ? for what is not UTF-8 and for what would steer a terminal, but for the characters in `keep`.
std::string harmless(std::string_view text, std::string_view keep);

/// Whether standard output (1) or error (2) is a terminal that wants decoration (NO_COLOR is not set).
bool decorated(int stream);

/// A count for people: 1234567 as "1.23 M multiply-adds" or "1.23 MB", what is below a thousand as it is.
std::string amount(int64_t number, std::string_view unit);

/// "[1,224,224,3]" as a JSON array.
Json to_json(const Shape& shape);

}  // namespace tulle::cli
