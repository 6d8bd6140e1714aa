// Words of the text form: how they are told apart when read and spelt when written.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tulle::text {

/// A piece of text. `kind` is one of the marks ( ) [ ] { } , : = itself, or:
struct Token {
  static constexpr char kEnd = 0;        ///< of the text
  static constexpr char kLine = '\n';    ///< end of a line that holds anything; none inside brackets
  static constexpr char kWord = 'w';     ///< letters, digits and _ . + - ? %
  static constexpr char kString = '"';   ///< `text` is what stands between the quotes
  static constexpr char kSymbol = '\'';  ///< the same between single quotes
  static constexpr char kBad = '!';      ///< `text` says what is wrong

  char kind = kEnd;
  std::string_view text;
  size_t line = 1, column = 1;  ///< of its first byte, from 1
};

/// Splits text into tokens, one at a time. Holds on to the text, and allocates nothing. After kBad or kEnd it stays
/// there.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}
  Token next();

 private:
  void skip_blanks();
  Token quoted(Token token, char quote);

  std::string_view text_;
  size_t at_ = 0, line_ = 1, line_start_ = 0;
  int depth_ = 0;           // of brackets
  bool line_empty_ = true;  // no token on this line yet
};

/// The bytes with \\ \n \t \" \' and \xHH put back; false where an escape is none of these.
bool unescape(std::string_view text, std::string& to);
/// Appends the bytes between quotes, so that unescape gives them back. All of it is printable ASCII.
void append_quoted(std::string& out, std::string_view bytes, char quote);
/// Whether a name is a letter or _, then letters, digits and _: such a name needs no quotes.
bool is_plain(std::string_view name);
/// Whether a word stands for a number, or is meant to: 12, -0.5, 1e+20, inf, nan7fc00000.
bool is_number(std::string_view word);
/// Whether a word can be the name of an enumerator: plain, no number, not true or false.
bool is_symbol(std::string_view word);

}  // namespace tulle::text
