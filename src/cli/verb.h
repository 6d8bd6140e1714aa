// What the verbs of the command line share: their common options, what they print, how models are opened.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "cli/packs.h"
#include "cli/syntax.h"
#include "runtime/session.h"

namespace tulle::cli {

using Json = nlohmann::ordered_json;

// One function a verb.
#define TULLE_VERB(name) Verb name##_verb();
#include "cli/verbs.def"
#undef TULLE_VERB

/// Options of every verb that runs a model.
struct RunOptions {
  std::string model;
  std::string signature;
  int threads = 1;
  PackOptions packs;
};
/// --pack and --no-cache.
OptionList pack_options(RunOptions& options);
Option threads_option(RunOptions& options);
Option json_option(bool& json);
/// NAME=FILE
Check assignment();

/// A session over a file, and its packed weights.
struct Opened {
  std::unique_ptr<Session> session;
  Packs packs;
};
/// Errors name the file.
Result<Opened> open(const RunOptions& options, SessionOptions session = {});

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
