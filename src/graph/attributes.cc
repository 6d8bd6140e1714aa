// Look-ups in Attributes.
#include "graph/attributes.h"

namespace tulle {
namespace {

template <class T>
const T* typed(const Attributes& attributes, std::string_view name) {
  const Attribute* found = attributes.find(name);
  return found == nullptr ? nullptr : std::get_if<T>(found);
}

template <class T>
const T& typed_or_empty(const Attributes& attributes, std::string_view name) {
  static const T empty;
  const T* found = typed<T>(attributes, name);
  return found == nullptr ? empty : *found;
}

}  // namespace

const Attribute* Attributes::find(std::string_view name) const {
  for (const auto& [key, value] : entries)
    if (key == name) return &value;
  return nullptr;
}

void Attributes::set(std::string_view name, Attribute value) {
  for (auto& [key, old] : entries)
    if (key == name) {
      old = std::move(value);
      return;
    }
  entries.emplace_back(name, std::move(value));
}

bool Attributes::flag(std::string_view name, bool otherwise) const {
  const bool* found = typed<bool>(*this, name);
  return found == nullptr ? otherwise : *found;
}
int64_t Attributes::integer(std::string_view name, int64_t otherwise) const {
  const int64_t* found = typed<int64_t>(*this, name);
  return found == nullptr ? otherwise : *found;
}
float Attributes::real(std::string_view name, float otherwise) const {
  const float* found = typed<float>(*this, name);
  return found == nullptr ? otherwise : *found;
}
std::string_view Attributes::symbol(std::string_view name, std::string_view otherwise) const {
  const Symbol* found = typed<Symbol>(*this, name);
  return found == nullptr ? otherwise : found->name;
}
std::string_view Attributes::text(std::string_view name) const { return typed_or_empty<std::string>(*this, name); }
const std::vector<int64_t>& Attributes::integers(std::string_view name) const {
  return typed_or_empty<std::vector<int64_t>>(*this, name);
}
const std::vector<float>& Attributes::reals(std::string_view name) const {
  return typed_or_empty<std::vector<float>>(*this, name);
}

}  // namespace tulle
