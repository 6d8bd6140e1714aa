// How fields and attributes are read back, by their types.
#include <fmt/format.h>

#include <algorithm>

#include "graph/text_fields.h"
#include "graph/text_read.h"

namespace tulle::text {

template <class T>
concept Readable = requires(Reader& reader, T& to) { reader.read(to); };

template <Readable T>
static void get(Reader& reader, T& to) {
  reader.read(to);
}

template <class Enum>
  requires std::is_enum_v<Enum>
static void get(Reader& reader, Enum& to) {
  const Token token = reader.expect(Token::kWord, "a name");
  const auto names = names_of<Enum>();
  const auto found = std::find(names.begin(), names.end(), token.text);
  if (found == names.end())
    return reader.fail(token, "one of {} expected, not {:?}", fmt::join(names, ", "), shown(token.text));
  to = static_cast<Enum>(found - names.begin());
}

static void get(Reader& reader, std::optional<Shape>& to) {
  Shape shape;
  std::optional<Shape> marked;
  reader.read(shape, marked);
  to = marked.value_or(shape);
}

static void get_reference(Reader& reader, int32_t& to) { reader.read_reference(to); }

static void get(Reader& reader, Signature::Entry& to) {
  reader.read(to.name);
  reader.expect('=', "=");
  const Token token = reader.peek();
  int32_t value = 0;
  reader.read_reference(value);
  if (value == kAbsent) return reader.fail(token, "a value expected, not -");
  to.value = static_cast<uint32_t>(value);
}

static void get(Reader& reader, Value::Variant& to) {
  std::optional<Shape> shape;
  reader.read(to.dtype);
  get(reader, shape);
  to.shape = shape.value_or(Shape());
  reader.read_fields(to);
}

static void get(Reader& reader, Sparsity::Dimension& to) {
  reader.expect('(', "(");
  reader.read_fields(to);
  reader.expect(')', ")");
}

static void get(Reader& reader, std::shared_ptr<const Sparsity>& to) {
  Sparsity sparsity;
  reader.expect('(', "(");
  reader.read_fields(sparsity);
  reader.expect(')', ")");
  to = std::make_shared<const Sparsity>(std::move(sparsity));
}

static void get(Reader& reader, std::shared_ptr<const Quantization>& to) {
  Quantization q;
  reader.expect('(', "(");
  if (reader.at(Token::kWord) && is_number(reader.peek().text)) {
    q.scale.resize(1);
    q.zero_point.resize(1);
    reader.read(q.scale[0]);
    reader.read(q.zero_point[0]);
  }
  reader.read_fields(q);
  reader.expect(')', ")");
  to = std::make_shared<const Quantization>(std::move(q));
}

template <class T>
static void get_list(Reader& reader, std::vector<T>& to, auto get_one) {
  to.clear();
  reader.expect('[', "[");
  while (!reader.failed() && !reader.at(']')) {
    T element{};
    get_one(element);
    to.push_back(std::move(element));
    if (!reader.accept(',')) break;
  }
  reader.expect(']', "]");
}
template <class T>
  requires(!Readable<std::vector<T>>)
static void get(Reader& reader, std::vector<T>& to) {
  get_list(reader, to, [&](T& element) { get(reader, element); });
}
static void get_reference(Reader& reader, std::vector<int32_t>& to) {
  get_list(reader, to, [&](int32_t& value) { reader.read_reference(value); });
}

template <class T>
void Reader::read_fields(T& object) {
  uint32_t seen = 0;
  while (at(Token::kWord)) {
    const Token name = take();
    uint32_t bit = 1;
    bool found = false;
    Fields<T>::each([&]<class Field>(std::string_view field, const Field& member) {
      const uint32_t mine = std::exchange(bit, bit << 1);
      if (name.text != field) return;
      found = true;
      if ((seen & mine) != 0) return fail(name, "{} is given twice", field);
      seen |= mine;
      auto& target = of(object, member);
      using Type = std::remove_cvref_t<decltype(target)>;
      if constexpr (std::is_same_v<Type, bool>) {
        target = true;
      } else {
        if (!kIsRecord<Type>) expect('=', "=");
        if constexpr (kIsReference<Field>)
          get_reference(*this, target);
        else
          get(*this, target);
      }
    });
    if (!found) fail(name, "there is no field {:?} here", shown(name.text));
  }
}
template void Reader::read_fields(Model&);
template void Reader::read_fields(Graph&);
template void Reader::read_fields(Value&);
template void Reader::read_fields(Node&);
template void Reader::read_fields(Signature&);
template void Reader::read_fields(Model::Metadata&);
template void Reader::read_fields(Model::ExternalBuffer&);

template <class T>
static void get_as(Reader& reader, Attribute& to) {
  T held{};
  get(reader, held);
  to = std::move(held);
}

static bool is_real(std::string_view word) {
  return is_number(word) && word.find_first_of(".eEin") != std::string_view::npos;
}

/// A list of what its first element is, or one such element.
template <template <class> class Many>
static void get_like(Reader& reader, const Token& first, Attribute& to) {
  const std::string_view word = first.kind == Token::kWord ? first.text : std::string_view();
  if (word == "true" || word == "false")
    get_as<Many<bool>>(reader, to);
  else if (is_real(word))
    get_as<Many<float>>(reader, to);
  else if (is_number(word))
    get_as<Many<int64_t>>(reader, to);
  else
    get_as<Many<Symbol>>(reader, to);
}
template <class T>
using One = T;
template <class T>
using List = std::vector<T>;

static void get(Reader& reader, Attribute& to) {
  const Token token = reader.peek(), after = reader.after();
  if (token.kind == Token::kString) return get_as<std::string>(reader, to);
  if (token.kind == '[' && after.kind == ']')
    return reader.fail(token, "an empty list says of what it is: bool[], int[], float[] or symbol[]");
  if (token.kind == '[') return get_like<List>(reader, after, to);
  if (token.kind != Token::kWord || after.kind != '[') return get_like<One>(reader, token, to);
  if (token.text == "bytes") return get_as<std::vector<std::byte>>(reader, to);
  reader.take();
  if (token.text == list_name<bool>())
    get_as<std::vector<bool>>(reader, to);
  else if (token.text == list_name<int64_t>())
    get_as<std::vector<int64_t>>(reader, to);
  else if (token.text == list_name<float>())
    get_as<std::vector<float>>(reader, to);
  else if (token.text == list_name<Symbol>())
    get_as<std::vector<Symbol>>(reader, to);
  else
    reader.fail(token, "there are no lists of {:?}", shown(token.text));
}

void Reader::read(Attributes& attributes) {
  read_name(attributes.table);
  expect('{', "{");
  while (!failed() && !at('}')) {
    auto& [name, value] = attributes.entries.emplace_back();
    read_name(name);
    expect('=', "=");
    get(*this, value);
    if (!accept(',')) break;
  }
  expect('}', "}");
}

}  // namespace tulle::text
