// The options of custom operators: a FlexBuffers map from names to numbers.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ops/op.h"

namespace tulle::ops {

class CustomOptions {
 public:
  /// Reads the numbers and bools of a node's options; entries of other types are left out.
  static Result<CustomOptions> read(const Site& site);

  /// The entry with this name; bools are 0 or 1.
  std::optional<double> number(std::string_view name) const;
  /// The entry, truncated; an error where it is absent without an `otherwise`, or outside 0…INT32_MAX.
  Result<int32_t> count(const Site& site, std::string_view name, std::optional<int32_t> otherwise = {}) const;
  /// The entry; an error where it is absent.
  Result<float> real(const Site& site, std::string_view name) const;
  bool flag(std::string_view name) const { return number(name).value_or(0) != 0; }

 private:
  std::vector<std::pair<std::string, double>> entries_;
};

}  // namespace tulle::ops
