// Walks the tables of a file by the embedded schema until something lies outside the file.
#include "formats/tflite_damage.h"

#include <flatbuffers/flatbuffers.h>
#include <fmt/core.h>

#include <algorithm>

#include "formats/tflite_schema.h"

namespace tulle::tflite {
namespace {

constexpr const char* kOutside = " lies outside the file";

/// Each function returns what is wrong, after the path to it from where the function looks; empty where nothing is.
struct Walk {
  flatbuffers::Verifier verifier;
  size_t tables_left;

  std::string table(const uint8_t* at, const reflection::Object& object) {
    if (tables_left-- == 0) return " is one table more than the file has room for, some are shared too often";
    if (!verifier.VerifyTableStart(at)) return " is no table";
    for (const reflection::Field* field : *object.fields()) {
      if (field->deprecated()) continue;
      // An absent field has offset 0.
      const auto offset = reinterpret_cast<const flatbuffers::Table*>(at)->GetOptionalFieldOffset(field->offset());
      if (offset == 0) continue;
      std::string damage = this->field(at, offset, *field, object);
      if (!damage.empty()) return fmt::format(".{}{}", view(field->name()), damage);
    }
    verifier.EndTable();
    return {};
  }

  std::string field(const uint8_t* at, flatbuffers::voffset_t offset, const reflection::Field& field,
                    const reflection::Object& object) {
    const reflection::Type& type = *field.type();
    if (!is_reference(field)) {
      const size_t size = type.base_size();
      return verifier.VerifyFieldStruct(at, offset, size, size) ? "" : kOutside;
    }
    const auto distance = verifier.VerifyOffset(at, offset);
    if (distance == 0) return kOutside;
    const uint8_t* target = at + offset + distance;
    switch (type.base_type()) {
      case reflection::String:
        return verifier.VerifyString(reinterpret_cast<const flatbuffers::String*>(target)) ? "" : " is no string";
      case reflection::Vector: return vector(target, type);
      case reflection::Union: return member(at, target, field, object);
      default: return table(target, *schema().objects()->Get(static_cast<flatbuffers::uoffset_t>(type.index())));
    }
  }

  std::string vector(const uint8_t* at, const reflection::Type& type) {
    if (!verifier.VerifyVectorOrString(at, type.element_size())) return kOutside;
    if (type.element() != reflection::Obj) return {};
    const auto& tables = *reinterpret_cast<const flatbuffers::Vector<flatbuffers::Offset<void>>*>(at);
    const auto& object = *schema().objects()->Get(static_cast<flatbuffers::uoffset_t>(type.index()));
    for (flatbuffers::uoffset_t i = 0; i < tables.size(); ++i) {
      const auto* start = static_cast<const uint8_t*>(tables.Get(i));
      std::string damage = table(start, object);
      if (!damage.empty()) return fmt::format("[{}]{}", i, damage);
    }
    return {};
  }

  /// The member of a union; which one it is stands in the field before it.
  std::string member(const uint8_t* at, const uint8_t* target, const reflection::Field& field,
                     const reflection::Object& object) {
    for (const reflection::Field* other : *object.fields()) {
      if (other->id() + 1 != field.id()) continue;
      // Fields come in the order of their names, so the one that holds the type may not have been looked at yet.
      const auto offset = reinterpret_cast<const flatbuffers::Table*>(at)->GetOptionalFieldOffset(other->offset());
      if (offset != 0 && !verifier.VerifyFieldStruct(at, offset, sizeof(uint8_t), sizeof(uint8_t))) return kOutside;
      const uint8_t type = offset == 0 ? 0 : at[offset];
      const reflection::EnumVal* chosen = enumeration(*field.type())->values()->LookupByKey(type);
      if (type == 0 || chosen == nullptr) return {};
      return table(target,
                   *schema().objects()->Get(static_cast<flatbuffers::uoffset_t>(chosen->union_type()->index())));
    }
    return {};
  }
};

}  // namespace

std::string find_damage(std::span<const std::byte> bytes) {
  flatbuffers::Verifier::Options limits;
  // Each visit of a table takes a four-byte offset of the file; with fewer visits allowed than that many, a table that
  // is shared along many paths ends the walk early.
  limits.max_tables = static_cast<flatbuffers::uoffset_t>(std::min<size_t>(bytes.size() / 4 + 1, UINT32_MAX));
  // Tables lie in the first 2 GB; what is outside them may follow.
  const size_t size = std::min<size_t>(bytes.size(), FLATBUFFERS_MAX_BUFFER_SIZE - 1);
  const auto* start = reinterpret_cast<const uint8_t*>(bytes.data());
  Walk walk{flatbuffers::Verifier(start, size, limits), limits.max_tables};
  const auto root = walk.verifier.VerifyOffset(0);
  std::string damage = root == 0 ? kOutside : walk.table(start + root, *schema().root_table());
  if (damage.empty()) return damage;
  return damage[0] == '.' ? damage.substr(1) : "the model" + damage;
}

}  // namespace tulle::tflite
