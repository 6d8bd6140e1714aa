// Attributes: a node's options as a small map from name to typed value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tulle {

/// The name of an enumerator, such as SAME or RELU6; prints without quotes.
struct Symbol {
  std::string name;
  bool operator==(const Symbol&) const = default;
};

using Attribute = std::variant<bool, int64_t, float, Symbol, std::string, std::vector<bool>, std::vector<int64_t>,
                               std::vector<float>, std::vector<Symbol>, std::vector<std::byte>>;

/// Options of one node. `table` names the .tflite options table they come from and go to ("Conv2DOptions"; empty:
/// none); ops look at the entries alone. Entries keep their order. An absent entry means the default.
struct Attributes {
  std::string table;
  std::vector<std::pair<std::string, Attribute>> entries;

  bool operator==(const Attributes&) const = default;

  /// The entry with this name, or null.
  const Attribute* find(std::string_view name) const;
  /// Adds the entry, or replaces the one of this name.
  void set(std::string_view name, Attribute value);

  // Each returns the entry, or `otherwise` where it is absent or of another type.
  bool flag(std::string_view name, bool otherwise = false) const;
  int64_t integer(std::string_view name, int64_t otherwise = 0) const;
  float real(std::string_view name, float otherwise = 0) const;
  std::string_view symbol(std::string_view name, std::string_view otherwise = "") const;
  std::string_view text(std::string_view name) const;
  const std::vector<int64_t>& integers(std::string_view name) const;
  const std::vector<float>& reals(std::string_view name) const;
};

}  // namespace tulle
