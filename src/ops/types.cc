// A small matcher for rows of operand types.
#include "ops/types.h"

#include <array>

namespace tulle::ops {
namespace {

using Operands = std::span<const std::optional<DType>>;
using Bindings = std::array<std::optional<DType>, 26>;

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// Cuts the part before the first `separator` off the front of text.
std::string_view cut(std::string_view& text, char separator) {
  const size_t at = text.find(separator);
  const std::string_view head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return trim(head);
}

bool is_variable(std::string_view name) { return name.size() == 1 && name[0] >= 'A' && name[0] <= 'Z'; }

/// Whether `type` is in the list that `sets` ("T=f32 i8 S=i32") gives for a variable.
bool in_set(std::string_view sets, char variable, DType type) {
  bool inside = false;
  while (!(sets = trim(sets)).empty()) {
    std::string_view word = cut(sets, ' ');
    if (word.size() > 2 && word[1] == '=') {
      inside = word[0] == variable;
      word.remove_prefix(2);
    }
    if (inside && word == short_name(type)) return true;
  }
  return false;
}

bool match_pattern(std::string_view pattern, std::string_view sets, DType type, Bindings& bindings) {
  while (!pattern.empty()) {
    const std::string_view option = cut(pattern, '|');
    if (option == "any" || option == short_name(type)) return true;
    if (!is_variable(option)) continue;
    std::optional<DType>& bound = bindings[option[0] - 'A'];
    if (bound ? *bound == type : in_set(sets, option[0], type)) {
      bound = type;
      return true;
    }
  }
  return false;
}

bool match_list(std::string_view patterns, std::string_view sets, Operands operands, Bindings& bindings) {
  size_t at = 0;
  patterns = trim(patterns);
  while (!patterns.empty()) {
    std::string_view pattern = cut(patterns, ' ');
    patterns = trim(patterns);
    const char suffix = pattern.back();
    if (suffix == '?' || suffix == '*') pattern.remove_suffix(1);
    if (suffix == '*') {
      for (; at < operands.size(); ++at)
        if (!operands[at] || !match_pattern(pattern, sets, *operands[at], bindings)) return false;
    } else if (at < operands.size() && operands[at]) {
      if (!match_pattern(pattern, sets, *operands[at++], bindings)) return false;
    } else {
      if (suffix != '?') return false;
      ++at;
    }
  }
  for (; at < operands.size(); ++at)
    if (operands[at]) return false;
  return true;
}

void describe_list(std::string& out, Operands operands) {
  out += '(';
  for (size_t i = 0; i < operands.size(); ++i) {
    if (i > 0) out += ", ";
    out += operands[i] ? name(*operands[i]) : "-";
  }
  out += ')';
}

}  // namespace

bool match_types(std::string_view rows, Operands inputs, Operands outputs) {
  while (!rows.empty()) {
    std::string_view row = cut(rows, ';');
    std::string_view patterns = cut(row, ':');
    const std::string_view sets = row;
    const std::string_view in = cut(patterns, '>');
    Bindings bindings;
    if (match_list(in, sets, inputs, bindings) && match_list(patterns, sets, outputs, bindings)) return true;
  }
  return false;
}

std::string describe_types(Operands inputs, Operands outputs) {
  std::string out;
  describe_list(out, inputs);
  out += " > ";
  describe_list(out, outputs);
  return out;
}

}  // namespace tulle::ops
