// Copies of the embedded description what is read of it: no documentation, no names of tables, and of the enumerations
// only the names and the values that options have.
#include "formats/tflite_schema_part.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <string>
#include <tuple>

#include "formats/tflite_options.h"
#include "formats/tflite_schema.h"

namespace tulle::tflite {
namespace {

using flatbuffers::Offset;
using flatbuffers::uoffset_t;

bool holds_options(const reflection::Enum& names) {
  return std::ranges::any_of(kOptionsUnions, [&](const char* one) { return view(names.name()) == one; });
}

struct Part {
  const Model& model;
  std::set<int32_t> tables, enumerations;  ///< positions of those whose contents are read
  flatbuffers::FlatBufferBuilder builder{};
  std::map<std::tuple<int, int, int, uint32_t, uint32_t>, Offset<reflection::Type>> types;

  bool has_options(std::string_view table) const;
  bool is_read(const reflection::Enum& names, const reflection::EnumVal& one) const {
    return !holds_options(names) || has_options(view(one.name()));
  }
  void find(int32_t table, bool options);

  Offset<reflection::Type> type(const reflection::Type& from);
  Offset<reflection::Field> field(const reflection::Field& from);
  Offset<reflection::EnumVal> value(const reflection::EnumVal& from);
};

/// Also true for a table that is called like an operator, since other models may have options where this one has none.
bool Part::has_options(std::string_view table) const {
  const auto called = [&](const Node& node) {
    std::string name(op_name(node));
    std::erase(name, '_');
    return std::ranges::equal(name + "OPTIONS", table, {}, {}, [](unsigned char c) { return std::toupper(c); });
  };
  return std::ranges::any_of(model.graphs, [&](const Graph& graph) {
    return std::ranges::any_of(graph.nodes,
                               [&](const Node& node) { return node.attributes.table == table || called(node); });
  });
}

/// Marks a table and what its fields hold. Values of enumerations have names only in options.
void Part::find(int32_t table, bool options) {
  if (!tables.insert(table).second) return;
  for (const reflection::Field* field : *schema().objects()->Get(static_cast<uoffset_t>(table))->fields()) {
    const reflection::Type& type = *field->type();
    const reflection::BaseType holds = type.base_type() == reflection::Vector ? type.element() : type.base_type();
    if (type.index() < 0) continue;
    if (holds == reflection::Obj) {
      find(type.index(), options);
    } else if (holds == reflection::Union) {
      enumerations.insert(type.index());
      const reflection::Enum& names = *enumeration(type);
      for (const reflection::EnumVal* one : *names.values())
        if (one->value() != 0 && is_read(names, *one)) find(one->union_type()->index(), holds_options(names));
    } else if (options) {
      enumerations.insert(type.index());
    }
  }
}

Offset<reflection::Type> Part::type(const reflection::Type& from) {
  Offset<reflection::Type>& made =
      types[{from.base_type(), from.element(), from.index(), from.base_size(), from.element_size()}];
  if (made.IsNull())
    made =
        CreateType(builder, from.base_type(), from.element(), from.index(), 0, from.base_size(), from.element_size());
  return made;
}

Offset<reflection::Field> Part::field(const reflection::Field& from) {
  const auto name = builder.CreateSharedString(from.name());
  return CreateField(builder, name, type(*from.type()), from.id(), from.offset(), from.default_integer(),
                     from.default_real(), from.deprecated());
}

Offset<reflection::EnumVal> Part::value(const reflection::EnumVal& from) {
  const auto name = builder.CreateSharedString(from.name());
  return CreateEnumVal(builder, name, from.value(), type(*from.union_type()));
}

}  // namespace

std::vector<uint8_t> schema_part(const Model& model) {
  Part part{.model = model};
  flatbuffers::FlatBufferBuilder& builder = part.builder;
  const auto no_name = builder.CreateSharedString("");
  std::vector<Offset<reflection::Object>> tables;
  std::vector<Offset<reflection::Enum>> enumerations;
  const auto& all = *schema().objects();
  uoffset_t root = 0;
  while (all.Get(root) != schema().root_table()) ++root;
  part.find(static_cast<int32_t>(root), false);
  for (uoffset_t i = 0; i < all.size(); ++i) {
    std::vector<Offset<reflection::Field>> fields;
    if (part.tables.contains(static_cast<int32_t>(i)))
      for (const reflection::Field* field : *all.Get(i)->fields()) fields.push_back(part.field(*field));
    tables.push_back(CreateObject(builder, no_name, builder.CreateVector(fields)));
  }
  for (const reflection::Enum* names : *schema().enums()) {
    std::vector<Offset<reflection::EnumVal>> values;
    if (part.enumerations.contains(static_cast<int32_t>(enumerations.size())))
      for (const reflection::EnumVal* one : *names->values())
        if (part.is_read(*names, *one)) values.push_back(part.value(*one));
    // Enumerations are found by their names.
    const auto name = builder.CreateString(names->name());
    enumerations.push_back(
        CreateEnum(builder, name, builder.CreateVector(values), false, part.type(*names->underlying_type())));
  }
  const auto vectors = std::pair(builder.CreateVector(tables), builder.CreateVector(enumerations));
  builder.Finish(CreateSchema(builder, vectors.first, vectors.second, 0, 0, tables[root]));
  std::vector<uint8_t> bytes(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
  bytes.resize(schema_bytes().size());
  return bytes;
}

}  // namespace tulle::tflite
