// The words of a verb on the command line, as data. One file includes CLI11, which compiles slowly: syntax.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

namespace tulle::cli {

/// Where an option's value goes. A bool is a flag; a list of strings takes the option many times, a list of numbers
/// takes them in one value, with commas between.
using Target = std::variant<bool*, int*, float*, double*, uint64_t*, std::optional<uint64_t>*, std::string*,
                            std::vector<std::string>*, std::vector<float>*>;
/// What is wrong with a value, empty for nothing.
using Check = std::function<std::string(const std::string& value)>;

struct Option {
  const char* names;  ///< "-m,--model"; without dashes it is known by its position
  Target target;
  const char* help;
  const char* value = "";  ///< what stands for the value in the help text
  Check check = nullptr;
  bool required = false;
  const char* needs = "";     ///< another option that must be there, too
  const char* excludes = "";  ///< another option that must not
};
using OptionList = std::vector<Option>;
Option required(Option option);
Option needs(Option option, const char* other);
Option excludes(Option option, const char* other);

struct Verb {
  const char *name, *help;
  OptionList options;
  const char* examples;
  std::function<Result<void>()> run;       ///< called when the targets have their values
  std::function<int()> program = nullptr;  ///< in its place where the exit code is not the verb's to choose
  std::vector<Verb> verbs = {};            ///< verbs below this one, which then does nothing by itself
};

/// The options one after the other.
OptionList join(std::initializer_list<OptionList> lists);

/// A number from low to high.
Check between(double low, double high);
/// One of a few words.
Check one_of(std::vector<std::string> words);

/// How a command line ended that did not come to run a verb, or did.
struct Parsed {
  const Verb* verb = nullptr;  ///< null: what was asked for is printed already, or `wrong` says what is wrong
  std::string wrong;           ///< "classify: --top: 0 is not 1 to 1000000"
  std::string help;            ///< "tulle classify --help", which tells more on what is wrong
};
/// Reads the command line into the targets of its verb.
Parsed parse(int argc, char** argv, const std::vector<Verb>& verbs, const char* help, const char* version,
             const char* footer);

}  // namespace tulle::cli
