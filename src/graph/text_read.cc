// How words, numbers and shapes are read back.
#include "graph/text_read.h"

#include <bit>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <system_error>
namespace tulle::text {
namespace {

/// A token as it may stand in a message.
std::string named(const Token& token) {
  if (token.kind == Token::kEnd) return "the end of the text";
  if (token.kind == Token::kLine) return "the end of the line";
  return fmt::format("{:?}", shown(token.text));
}

/// Reads the number that the whole text spells; otherwise says what is wrong.
template <class T, class... Base>
std::errc spelt(std::string_view text, T& number, Base... base) {
  const char *begin = text.data(), *end = begin + text.size();
  const auto [stop, error] = std::from_chars(begin, end, number, base...);
  return error == std::errc() && stop != end ? std::errc::invalid_argument : error;
}

#if !defined(__cpp_lib_to_chars)
// A library without from_chars for floats.
std::errc spelt(std::string_view text, float& number) {
  const std::string word(text);
  char* stop = nullptr;
  errno = 0;
  number = std::strtof(word.c_str(), &stop);
  if (word.empty() || stop != word.c_str() + word.size()) return std::errc::invalid_argument;
  return errno == ERANGE ? std::errc::result_out_of_range : std::errc();
}
#endif

}  // namespace

void Reader::fail_at(const Token& at, std::string message) {
  if (!error_)
    error_ = Error{ErrorCode::kInvalidFile, fmt::format("line {} column {}: {}", at.line, at.column, message)};
  token_ = Token{Token::kEnd, {}, at.line, at.column};
}

Token Reader::take() {
  const Token taken = token_;
  if (failed()) return taken;
  token_ = lexer_.next();
  if (token_.kind == Token::kBad) fail(token_, "{}", token_.text);
  return taken;
}

Token Reader::after() const {
  Lexer ahead = lexer_;
  return failed() ? token_ : ahead.next();
}

bool Reader::accept(char kind) {
  if (!at(kind)) return false;
  take();
  return true;
}

Token Reader::expect(char kind, std::string_view what) {
  if (!at(kind)) fail(token_, "{} expected, not {}", what, named(token_));
  return take();
}

void Reader::expect_word(std::string_view word) {
  if (!at(Token::kWord) || token_.text != word) fail(token_, "{:?} expected, not {}", word, named(token_));
  take();
}

void Reader::end_line() {
  if (!at(Token::kEnd)) expect(Token::kLine, "the end of the line");
}

template <class T>
void Reader::read_integer(const Token& token, T& number) {
  if (failed()) return;
  const std::errc error = spelt(token.text, number);
  if (error == std::errc::result_out_of_range)
    return fail(token, "{} is outside {}…{}", shown(token.text), std::numeric_limits<T>::min(),
                std::numeric_limits<T>::max());
  if (error != std::errc()) fail(token, "an integer expected, not {}", named(token));
}
void Reader::read(int64_t& number) { read_integer(expect(Token::kWord, "an integer"), number); }
void Reader::read(uint64_t& number) { read_integer(expect(Token::kWord, "an integer"), number); }
void Reader::read(int32_t& number) { read_integer(expect(Token::kWord, "an integer"), number); }
void Reader::read(uint32_t& number) { read_integer(expect(Token::kWord, "an integer"), number); }
void Reader::read(uint8_t& number) { read_integer(expect(Token::kWord, "an integer"), number); }
void Reader::read_number(const Token& at, int32_t& number) { read_integer(at, number); }

void Reader::read_index(uint64_t expected) {
  const Token token = token_;
  uint64_t index = 0;
  read(index);
  if (index != expected) fail(token, "number {} expected, not {}", expected, index);
}

void Reader::read_hex(uint64_t& number) {
  const Token token = expect(Token::kWord, "a hash");
  if (token.text.size() != 16 || spelt(token.text, number, 16) != std::errc())
    fail(token, "a hash of 16 hexadecimal digits expected");
}

void Reader::read(float& number) {
  const Token token = expect(Token::kWord, "a number");
  if (failed()) return;
  if (is_number(token.text) && token.text.starts_with("nan")) {
    uint32_t bits = 0;
    const bool hexadecimal = spelt(token.text.substr(3), bits, 16) == std::errc();
    number = std::bit_cast<float>(bits);
    if (!hexadecimal || number == number) fail(token, "{} is not the bits of a NaN", token.text);
    return;
  }
  const std::errc error = spelt(token.text, number);
  if (error == std::errc::result_out_of_range)
    return fail(token, "{} is outside the range of float32", shown(token.text));
  if (error != std::errc() || !is_number(token.text) || number != number)
    fail(token, "a number expected, not {}", named(token));
}

void Reader::read(std::string& text) {
  const Token token = expect(Token::kString, "a quoted text");
  if (!failed() && !unescape(token.text, text)) fail(token, "a \\ in the text begins no escape that is known");
}

void Reader::read(bool& flag) {
  const Token token = expect(Token::kWord, "true or false");
  flag = token.text == "true";
  if (!flag && token.text != "false") fail(token, "true or false expected, not {}", named(token));
}

void Reader::read(Symbol& symbol) {
  const Token token = take();
  if (token.kind == Token::kWord && is_symbol(token.text))
    symbol.name = token.text;
  else if (token.kind != Token::kSymbol)
    fail(token, "the name of an enumerator expected, not {}", named(token));
  else if (!unescape(token.text, symbol.name))
    fail(token, "a \\ in the name begins no escape that is known");
}

void Reader::read_name(std::string& name) {
  if (at(Token::kWord) && is_plain(token_.text))
    name = take().text;
  else
    read(name);
}

void Reader::read(std::vector<std::byte>& bytes) {
  expect_word("bytes");
  expect('[', "[");
  bytes.clear();
  while (at(Token::kWord)) {
    const Token token = take();
    for (size_t i = 0; i < token.text.size(); i += 2) {
      uint8_t byte = 0;
      if (token.text.size() % 2 != 0 || spelt(token.text.substr(i, 2), byte, 16) != std::errc())
        return fail(token, "pairs of hexadecimal digits expected");
      bytes.push_back(std::byte{byte});
    }
  }
  expect(']', "]");
}

void Reader::read(DType& dtype) {
  const Token token = expect(Token::kWord, "an element type");
  if (failed()) return;
  const std::optional<DType> found = parse_dtype(token.text);
  if (!found) return fail(token, "there is no element type {}", named(token));
  dtype = *found;
}

void Reader::read(Shape& shape, std::optional<Shape>& signature) {
  shape = {};
  Shape marked;
  bool unknown = false;
  expect('[', "[");
  while (at(Token::kWord)) {
    Token token = take();
    int32_t dim = 1;
    const bool mark = token.text.starts_with('?');
    if (mark) token.text.remove_prefix(1);
    if ((!mark || !token.text.empty()) && (spelt(token.text, dim) != std::errc() || dim < 0))
      return fail(token, "a dimension expected, not {}", named(token));
    if (!shape.push_back(dim)) return fail(token, "more than {} dimensions", kMaxRank);
    marked.push_back(mark ? kUnknown : dim);
    unknown |= mark;
    if (!accept(',')) break;
  }
  expect(']', "]");
  if (unknown) signature = marked;
}

void Reader::read_reference(int32_t& value) {
  Token token = expect(Token::kWord, "a value such as %12, or -");
  if (failed()) return;
  if (token.text == "-") {
    value = kAbsent;
    return;
  }
  uint32_t index = 0;
  if (!token.text.starts_with('%')) return fail(token, "a value such as %12 expected, not {}", named(token));
  if (spelt(token.text.substr(1), index) != std::errc() || index > std::numeric_limits<int32_t>::max())
    return fail(token, "{} is no value", named(token));
  value = static_cast<int32_t>(index);
}

}  // namespace tulle::text
