// Names of classes: from a file, or from text that came with a model.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tulle {

/// The names in a label file, one a line; lines that all begin with a number give the name of that number.
/// Errors name the file: missing, or no text in UTF-8.
Result<std::vector<std::string>> read_labels(const std::string& path);
/// The same for text; `name` is for messages.
Result<std::vector<std::string>> parse_labels(std::string_view text, const std::string& name);

/// The name of class `index`; its number where there is none.
std::string label(const std::vector<std::string>& labels, size_t index);

}  // namespace tulle
