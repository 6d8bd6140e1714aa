// The lexer and the spelling of quoted text.
#include "graph/text_lexer.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace tulle::text {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '+' || c == '-' || c == '?' || c == '%'; }

constexpr std::string_view kOpening = "([{", kClosing = ")]}", kMarks = ",:=";

}  // namespace

void Lexer::skip_blanks() {
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '#') at_ = std::min(text_.find('\n', at_), text_.size());
    if (at_ == text_.size()) return;
    if (text_[at_] == '\n') {
      if (depth_ == 0 && !line_empty_) return;
      ++line_;
      line_start_ = at_ + 1;
    } else if (text_[at_] != ' ' && text_[at_] != '\t' && text_[at_] != '\r') {
      return;
    }
  }
}

Token Lexer::quoted(Token token, char quote) {
  size_t end = at_ + 1;
  while (end < text_.size() && text_[end] != quote && text_[end] != '\n') end += text_[end] == '\\' ? 2 : 1;
  if (end >= text_.size() || text_[end] != quote) {
    at_ = text_.size();
    token.kind = Token::kBad;
    token.text = "the closing quote is missing";
    return token;
  }
  token.kind = quote;
  token.text = text_.substr(at_ + 1, end - at_ - 1);
  at_ = end + 1;
  return token;
}

Token Lexer::next() {
  skip_blanks();
  Token token{Token::kEnd, {}, line_, at_ - line_start_ + 1};
  if (at_ == text_.size()) return token;
  const char c = text_[at_];
  if (c == '\n') {
    token.kind = Token::kLine;
    token.text = text_.substr(at_++, 1);
    line_empty_ = true;
    ++line_;
    line_start_ = at_;
    return token;
  }
  line_empty_ = false;
  if (c == Token::kString || c == Token::kSymbol) return quoted(token, c);
  if (is_word(c)) {
    token.kind = Token::kWord;
    const size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    token.text = text_.substr(begin, at_ - begin);
    return token;
  }
  const bool opens = kOpening.find(c) != std::string_view::npos, closes = kClosing.find(c) != std::string_view::npos;
  if (opens) ++depth_;
  if (closes && depth_ > 0) --depth_;
  if (opens || closes || kMarks.find(c) != std::string_view::npos) {
    token.kind = c;
    token.text = text_.substr(at_++, 1);
    return token;
  }
  at_ = text_.size();
  token.kind = Token::kBad;
  token.text = "a character that begins nothing";
  return token;
}

bool unescape(std::string_view text, std::string& to) {
  to.clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      to += text[i];
      continue;
    }
    if (++i == text.size()) return false;
    switch (text[i]) {
      case 'n': to += '\n'; break;
      case 't': to += '\t'; break;
      case '\\':
      case '"':
      case '\'': to += text[i]; break;
      case 'x': {
        if (text.size() - i < 3) return false;
        uint8_t byte = 0;
        const char* begin = text.data() + i + 1;
        if (std::from_chars(begin, begin + 2, byte, 16).ptr != begin + 2) return false;
        to += static_cast<char>(byte);
        i += 2;
        break;
      }
      default: return false;
    }
  }
  return true;
}

void append_quoted(std::string& out, std::string_view bytes, char quote) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += quote;
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (c == quote || c == '\\')
      (out += '\\') += c;
    else if (byte >= 0x20 && byte < 0x7f)
      out += c;
    else
      ((out += "\\x") += kHex[byte >> 4]) += kHex[byte & 15];
  }
  out += quote;
}

bool is_plain(std::string_view name) {
  return !name.empty() && is_letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

bool is_number(std::string_view word) {
  const bool nan =
      word.size() == 11 && word.starts_with("nan") && word.find_first_not_of("0123456789abcdef", 3) == word.npos;
  return nan || word == "inf" || (!word.empty() && (is_digit(word[0]) || word[0] == '-' || word[0] == '+'));
}

bool is_symbol(std::string_view word) {
  return is_plain(word) && !is_number(word) && word != "true" && word != "false";
}

}  // namespace tulle::text
