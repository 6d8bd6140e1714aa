// FlexBuffers maps as numbers by name.
#include "ops/custom_options.h"

#include <flatbuffers/flexbuffers.h>

namespace tulle::ops {

Result<CustomOptions> CustomOptions::read(const Site& site) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(site.node->custom_options.data());
  const size_t size = site.node->custom_options.size();
  constexpr size_t kLeast = 3;  // a root value, its type and its width
  if (size < kLeast || !flexbuffers::VerifyBuffer(bytes, size) || !flexbuffers::GetRoot(bytes, size).IsMap())
    return site.invalid("the {} bytes of options are no FlexBuffers map", size);
  const flexbuffers::Map map = flexbuffers::GetRoot(bytes, size).AsMap();
  CustomOptions options;
  for (size_t i = 0; i < map.size(); ++i) {
    const flexbuffers::Reference value = map.Values()[i];
    if (!value.IsNumeric() && !value.IsBool()) continue;
    const double number = value.IsBool() ? value.AsBool() : value.AsDouble();
    options.entries_.emplace_back(map.Keys()[i].AsKey(), number);
  }
  return options;
}

std::optional<double> CustomOptions::number(std::string_view name) const {
  for (const auto& [key, value] : entries_)
    if (key == name) return value;
  return std::nullopt;
}

Result<int32_t> CustomOptions::count(const Site& site, std::string_view name, std::optional<int32_t> otherwise) const {
  const std::optional<double> value = number(name);
  if (!value && otherwise) return *otherwise;
  if (!value) return site.invalid("option {} is missing", name);
  if (!(*value >= 0 && *value <= INT32_MAX))
    return site.invalid("option {} is {}, outside 0…{}", name, *value, INT32_MAX);
  return static_cast<int32_t>(*value);
}

Result<float> CustomOptions::real(const Site& site, std::string_view name) const {
  const std::optional<double> value = number(name);
  if (!value) return site.invalid("option {} is missing", name);
  return static_cast<float>(*value);
}

}  // namespace tulle::ops
