// Verbs and options to CLI11, which parses and prints the help texts.
#include "cli/syntax.h"

#include <CLI/CLI.hpp>

namespace tulle::cli {
namespace {

CLI::Option* add(CLI::App& app, const Option& option, bool* target) {
  return app.add_flag(option.names, *target, option.help);
}
template <class T>
CLI::Option* add(CLI::App& app, const Option& option, T* target) {
  return app.add_option(option.names, *target, option.help)->type_name(option.value);
}
template <class T>
CLI::Option* add(CLI::App& app, const Option& option, std::vector<T>* target) {
  CLI::Option* added = app.add_option(option.names, *target, option.help)->type_name(option.value);
  if (added->get_positional()) return added;
  if constexpr (std::is_arithmetic_v<T>) added->delimiter(',');
  return added->allow_extra_args(false);
}

void add(CLI::App& app, const Verb& verb) {
  CLI::App* sub = app.add_subcommand(verb.name, verb.help)->group("Verbs");
  for (const Verb& below : verb.verbs) add(*sub, below);
  for (const Option& option : verb.options) {
    CLI::Option* added = std::visit([&](auto* target) { return add(*sub, option, target); }, option.target);
    if (option.required) added->required();
    if (option.check)
      added->check(CLI::Validator([check = option.check](std::string& text) { return check(text); }, ""));
  }
  for (const Option& option : verb.options) {
    const auto named = [&](const char* names) {
      return sub->get_option(std::string(names).substr(0, std::string(names).find(',')));
    };
    if (*option.needs != '\0') named(option.names)->needs(named(option.needs));
    if (*option.excludes != '\0') named(option.names)->excludes(named(option.excludes));
  }
  sub->footer(verb.examples);
}

}  // namespace

Option required(Option option) {
  option.required = true;
  return option;
}
Option needs(Option option, const char* other) {
  option.needs = other;
  return option;
}
Option excludes(Option option, const char* other) {
  option.excludes = other;
  return option;
}

OptionList join(std::initializer_list<OptionList> lists) {
  OptionList all;
  for (const OptionList& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

Check between(double low, double high) {
  return [low, high](const std::string& value) {
    char* end = nullptr;
    const double x = std::strtod(value.c_str(), &end);
    const bool good = !value.empty() && *end == '\0' && x >= low && x <= high;
    return good ? std::string() : fmt::format("{} is not a number from {} to {}", value, low, high);
  };
}

Check one_of(std::vector<std::string> words) {
  return [words = std::move(words)](const std::string& value) {
    if (std::ranges::find(words, value) != words.end()) return std::string();
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : &word == &words.back() ? " or " : ", ") + word;
    return value + " is not " + all;
  };
}

Parsed parse(int argc, char** argv, const std::vector<Verb>& verbs, const char* help, const char* version,
             const char* footer) {
  CLI::App app{help, "tulle"};
  app.set_version_flag("--version", version);
  app.require_subcommand(0, 1);
  app.get_formatter()->label("SUBCOMMAND", "VERB");
  app.get_formatter()->column_width(28);
  app.footer(footer);
  for (const Verb& verb : verbs) add(app, verb);

  const auto wrong = [](const std::string& name, const std::string& what) {
    return Parsed{nullptr, name.empty() ? what : name + ": " + what,
                  name.empty() ? "tulle --help" : "tulle " + name + " --help"};
  };
  // The verb that was called, and its name with those of the verbs above it.
  std::string name;
  const auto called = [&]() -> const Verb* {
    const Verb* found = nullptr;
    const std::vector<Verb>* below = &verbs;
    name.clear();
    for (const CLI::App* at = &app;;) {
      const auto next = std::ranges::find_if(*below, [&](const Verb& verb) { return at->got_subcommand(verb.name); });
      if (next == below->end()) return found;
      found = &*next;
      name += (name.empty() ? "" : " ") + std::string(found->name);
      at = at->get_subcommand(found->name);
      below = &found->verbs;
    }
  };
  const auto is_first = [&](const Verb& verb) { return std::string_view(argv[1]) == verb.name; };
  if (argc > 1 && argv[1][0] != '-' && std::ranges::none_of(verbs, is_first))
    return wrong("", fmt::format("there is no verb '{}'", argv[1]));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) {
      called();
      return wrong(name, error.what());
    }
    app.exit(error);  // prints the help text or the version
    return {};
  }
  const Verb* verb = called();
  if (verb == nullptr || !verb->verbs.empty()) return wrong(name, "a verb is missing");
  return Parsed{verb, "", ""};
}

}  // namespace tulle::cli
