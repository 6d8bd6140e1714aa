// What the verbs of the command line share: how each is added, what it prints, how models are opened.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdio>
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

/// A session over a file; errors name the file.
Result<std::unique_ptr<Session>> open(const RunOptions& options, SessionOptions session = {});
/// The error with the name of the file it is about in front.
std::unexpected<Error> in_file(const std::string& path, Error error);

/// JSON on standard output, indented, with a newline.
void print_json(const Json& json);
/// Text on standard output.
void print_text(std::string_view text);

/// Whether standard output (1) or error (2) is a terminal that wants decoration (NO_COLOR is not set).
bool decorated(int stream);

/// "[1,224,224,3]" as a JSON array.
Json to_json(const Shape& shape);

}  // namespace tulle::cli
