// Reading the text form, piece by piece.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "graph/graph.h"
#include "graph/text_lexer.h"

namespace tulle::text {

/// Takes tokens off a text. The first error sticks: from then on the text is at its end, every read leaves its target
/// as it is, and loops over what is there stop. What is read takes memory in proportion to the text it was read from.
class Reader {
 public:
  explicit Reader(std::string_view text) : lexer_(text) { take(); }

  /// The token to read next.
  const Token& peek() const { return token_; }
  bool at(char kind) const { return token_.kind == kind; }
  /// The token after that.
  Token after() const;
  Token take();
  /// Takes the token where it is of this kind.
  bool accept(char kind);
  /// Takes a word that must be this one.
  void expect_word(std::string_view word);
  /// Takes a token that must be of this kind; `what` is for the message.
  Token expect(char kind, std::string_view what);
  /// The end of a line, or of the text.
  void end_line();

  void read(int64_t& number);
  void read(uint64_t& number);
  void read(int32_t& number);
  void read(uint32_t& number);
  void read(uint8_t& number);
  /// The number that a word, cut from `at`, spells.
  void read_number(const Token& at, int32_t& number);
  /// Sixteen hexadecimal digits.
  void read_hex(uint64_t& number);
  /// A number that must be this one: things that are numbered come in order.
  void read_index(uint64_t expected);
  void read(float& number);
  void read(std::string& text);
  void read(bool& flag);
  void read(Symbol& symbol);
  /// A plain word or a quoted string.
  void read_name(std::string& name);
  void read(std::vector<std::byte>& bytes);
  void read(DType& dtype);
  /// A shape, and with it the signature that its ? make up, where it has any.
  void read(Shape& shape, std::optional<Shape>& signature);
  /// %12, or - for kAbsent.
  void read_reference(int32_t& value);
  /// Table {name=value, …}
  void read(Attributes& attributes);
  /// Any fields of text_fields.h, in any order, until something else follows. For the types with lines of their own.
  template <class T>
  void read_fields(T& object);

  bool failed() const { return error_.has_value(); }
  /// "line 3 column 7: …", unless there is an error already.
  template <class... Args>
  void fail(const Token& at, fmt::format_string<Args...> format, Args&&... args) {
    fail_at(at, fmt::vformat(format, fmt::make_format_args(args...)));
  }
  /// Only where it failed.
  Error error() { return *std::move(error_); }

 private:
  template <class T>
  void read_integer(const Token& token, T& number);
  void fail_at(const Token& at, std::string message);

  Lexer lexer_;
  Token token_;
  std::optional<Error> error_;
};

}  // namespace tulle::text
