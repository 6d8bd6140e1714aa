// Messages in modules: the part of fmt that they need, in place of base/result.cc, whose numbers of all kinds would
// take a tenth of a small module.
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#define FMT_USE_LONG_DOUBLE 0  // which no message has
#define FMT_STATIC_THOUSANDS_SEPARATOR ','
#include "base/result.h"
// Its own definition has another name, since that of this file comes in its place.
FMT_BEGIN_NAMESPACE
std::string whole_vformat(string_view format, format_args args);
FMT_END_NAMESPACE
#define vformat whole_vformat
#include <fmt/format-inl.h>
#undef vformat

FMT_BEGIN_NAMESPACE
namespace detail {
template FMT_API auto dragonbox::to_decimal(float x) noexcept -> dragonbox::decimal_fp<float>;
template FMT_API auto dragonbox::to_decimal(double x) noexcept -> dragonbox::decimal_fp<double>;
template FMT_API auto thousands_sep_impl(locale_ref) -> thousands_sep_result<char>;
template FMT_API auto decimal_point_impl(locale_ref) -> char;
template FMT_API void buffer<char>::append(const char*, const char*);
}  // namespace detail

namespace {

/// What stands between : and }.
struct Spec {
  bool debug = false, prefix = false;
  int base = 10;
  size_t zeros = 0;  ///< digits at least
};

Spec read_spec(const char*& at, const char* end) {
  Spec spec;
  for (; at != end && *at != '}'; ++at) {
    if (*at == '?') spec.debug = true;
    if (*at == '#') spec.prefix = true;
    if (*at == 'x') spec.base = 16;
    if (*at >= '0' && *at <= '9') spec.zeros = spec.zeros * 10 + static_cast<size_t>(*at - '0');
  }
  return spec;
}

void add_integer(std::string& out, bool negative, uint64_t value, const Spec& spec) {
  char digits[24];
  const char* end = std::to_chars(digits, digits + sizeof digits, value, spec.base).ptr;
  const auto length = static_cast<size_t>(end - digits);
  if (negative) out += '-';
  if (spec.prefix) out += "0x";
  if (spec.zeros > length) out.append(spec.zeros - length, '0');
  out.append(digits, length);
}

/// The shortest digits that stand for the number, with an exponent where it is below 1e-4 or not below 1e16.
template <class Real>
void add_real(std::string& out, Real value) {
  if (std::signbit(value)) out += '-';
  if (std::isnan(value)) return void(out += "nan");
  if (std::isinf(value)) return void(out += "inf");
  if (value == 0) return void(out += '0');
  const auto decimal = detail::dragonbox::to_decimal(std::abs(value));
  std::string digits = std::to_string(uint64_t{decimal.significand});
  const int point = static_cast<int>(digits.size()) + decimal.exponent;  // digits before it
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
  const int count = static_cast<int>(digits.size());
  if (point - 1 < -4 || point - 1 >= 16) {
    out += digits[0];
    if (count > 1) out.append(1, '.').append(digits, 1);
    out += point > 0 ? "e+" : "e-";
    const int exponent = std::abs(point - 1);
    if (exponent < 10) out += '0';
    out += std::to_string(exponent);
  } else if (point <= 0) {
    out.append("0.").append(static_cast<size_t>(-point), '0').append(digits);
  } else if (count <= point) {
    out.append(digits).append(static_cast<size_t>(point - count), '0');
  } else {
    out.append(digits, 0, static_cast<size_t>(point)).append(1, '.').append(digits, static_cast<size_t>(point));
  }
}

void add_text(std::string& out, std::string_view text, const Spec& spec) {
  if (!spec.debug) return void(out += text);
  memory_buffer quoted;
  detail::write_escaped_string<char>(appender(quoted), string_view(text.data(), text.size()));
  out.append(quoted.data(), quoted.size());
}

}  // namespace

/// Arguments one after the other, with the specifications that messages have: {}, {:?}, {:x}, {:#x}, {:016x}.
std::string vformat(string_view format, format_args args) {
  std::string out;
  int next = 0;
  const char* end = format.data() + format.size();
  for (const char* at = format.data(); at != end; ++at) {
    const bool doubled = end - at > 1 && at[1] == *at;
    if ((*at == '{' || *at == '}') && doubled) ++at;
    if (*at != '{' || doubled) {
      out += *at;
      continue;
    }
    ++at;
    const Spec spec = read_spec(at, end);
    if (at == end) break;
    const auto argument = args.get(next++);
    visit_format_arg(
        [&]<class T>(T value) {
          if constexpr (std::is_same_v<T, bool>) {
            out += value ? "true" : "false";
          } else if constexpr (std::is_same_v<T, char>) {
            out += value;
          } else if constexpr (std::is_same_v<T, int> || std::is_same_v<T, long long>) {
            add_integer(out, value < 0, value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value),
                        spec);
          } else if constexpr (std::is_same_v<T, unsigned> || std::is_same_v<T, unsigned long long>) {
            add_integer(out, false, value, spec);
          } else if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>) {
            add_real(out, value);
          } else if constexpr (std::is_same_v<T, const char*>) {
            add_text(out, value, spec);
          } else if constexpr (std::is_same_v<T, string_view>) {
            add_text(out, {value.data(), value.size()}, spec);
          } else if constexpr (std::is_same_v<T, basic_format_arg<format_context>::handle>) {
            memory_buffer made;
            format_context context(appender(made), args);
            format_parse_context rest(string_view(at, static_cast<size_t>(end - at)));
            value.format(rest, context);
            out.append(made.data(), made.size());
          }
        },
        argument);
  }
  return out;
}
FMT_END_NAMESPACE
