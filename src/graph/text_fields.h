// The fields of a model that the text form names, as tables that printing and parsing share. Dimensions, types and
// operands of values and nodes are not among them: those have notations of their own.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <type_traits>

#include "graph/graph.h"

namespace tulle::text {

/// A field that holds indices of values, which are written %12, or - for kAbsent.
template <class T, class Owner>
struct Reference {
  T Owner::* member;
};

template <class T>
struct Fields;  // each(visit) calls visit(name, field) for each field: a pointer to member, or a Reference to one

template <>
struct Fields<Model> {
  static void each(auto visit) {
    visit("version", &Model::version);
    visit("description", &Model::description);
    visit("metadata_buffer", &Model::metadata_buffer);
    visit("external_groups", &Model::external_groups);
  }
};

template <>
struct Fields<Graph> {
  static void each(auto visit) {
    visit("inputs", Reference{&Graph::inputs});
    visit("outputs", Reference{&Graph::outputs});
    visit("debug_metadata", &Graph::debug_metadata);
  }
};

template <>
struct Fields<Value> {
  static void each(auto visit) {
    visit("signature", &Value::signature);
    visit("ranked", &Value::has_rank);
    visit("variable", &Value::is_variable);
    visit("q", &Value::quantization);
    visit("sparsity", &Value::sparsity);
    visit("variants", &Value::variants);
    visit("buffer", &Value::buffer);
    visit("external_buffer", &Value::external_buffer);
  }
};

template <>
struct Fields<Value::Variant> {
  static void each(auto visit) { visit("ranked", &Value::Variant::has_rank); }
};

template <>
struct Fields<Quantization> {
  static void each(auto visit) {
    visit("scale", &Quantization::scale);
    visit("zero_point", &Quantization::zero_point);
    visit("axis", &Quantization::axis);
    visit("min", &Quantization::min);
    visit("max", &Quantization::max);
    visit("details", &Quantization::details);
    visit("custom", &Quantization::custom);
    visit("scales", Reference{&Quantization::scales_value});
    visit("zero_points", Reference{&Quantization::zero_points_value});
    visit("block_size", &Quantization::block_size);
    visit("axes", &Quantization::axes);
  }
};

template <>
struct Fields<Sparsity> {
  static void each(auto visit) {
    visit("traversal_order", &Sparsity::traversal_order);
    visit("block_map", &Sparsity::block_map);
    visit("dimensions", &Sparsity::dimensions);
  }
};

template <>
struct Fields<Sparsity::Dimension> {
  using Dimension = Sparsity::Dimension;
  static void each(auto visit) {
    visit("format", &Dimension::format);
    visit("dense_size", &Dimension::dense_size);
    visit("segments_width", &Dimension::segments_width);
    visit("segments", &Dimension::segments);
    visit("indices_width", &Dimension::indices_width);
    visit("indices", &Dimension::indices);
  }
};

template <>
struct Fields<Node> {
  static void each(auto visit) {
    visit("custom", &Node::custom);
    visit("custom_options", &Node::custom_options);
    visit("intermediates", Reference{&Node::intermediates});
    visit("mutating_inputs", &Node::mutating_inputs);
    visit("debug_metadata", &Node::debug_metadata);
  }
};

template <>
struct Fields<Signature> {
  static void each(auto visit) {
    visit("graph", &Signature::graph);
    visit("inputs", &Signature::inputs);
    visit("outputs", &Signature::outputs);
  }
};

template <>
struct Fields<Model::Metadata> {
  static void each(auto visit) { visit("buffer", &Model::Metadata::buffer); }
};

template <>
struct Fields<Model::ExternalBuffer> {
  static void each(auto visit) {
    visit("id", &Model::ExternalBuffer::id);
    visit("group", &Model::ExternalBuffer::group);
    visit("offset", &Model::ExternalBuffer::offset);
    visit("length", &Model::ExternalBuffer::length);
    visit("packing", &Model::ExternalBuffer::packing);
  }
};

/// What a field of an object holds.
template <class T, class Object, class Owner>
auto& of(Object& object, T Owner::* member) {
  return object.*member;
}
template <class T, class Object, class Owner>
auto& of(Object& object, const Reference<T, Owner>& field) {
  return object.*field.member;
}
template <class Field>
inline constexpr bool kIsReference = false;
template <class T, class Owner>
inline constexpr bool kIsReference<Reference<T, Owner>> = true;

/// Fields that are written name(…), with fields of their own.
template <class T>
inline constexpr bool kIsRecord = false;
template <class T>
inline constexpr bool kIsRecord<std::shared_ptr<const T>> = true;

inline constexpr std::string_view kDetailsNames[] = {"none", "custom", "blockwise", "multi_axis"};
inline constexpr std::string_view kFormatNames[] = {"dense", "csr"};
template <class Enum>
constexpr std::span<const std::string_view> names_of() {
  if constexpr (std::is_same_v<Enum, Quantization::Details>)
    return kDetailsNames;
  else
    return kFormatNames;
}

/// What an empty list of attributes is called; lists of bytes say what they are, empty or not.
template <class T>
constexpr std::string_view list_name() {
  if constexpr (std::is_same_v<T, bool>)
    return "bool";
  else if constexpr (std::is_same_v<T, int64_t>)
    return "int";
  else if constexpr (std::is_same_v<T, float>)
    return "float";
  else if constexpr (std::is_same_v<T, Symbol>)
    return "symbol";
  else
    return "";
}

}  // namespace tulle::text
