// UTF-8: where characters end, and what is none.
#pragma once

#include <cstddef>
#include <string_view>

namespace tulle {

/// Bytes of the character that begins at text[at]; 0 where none does: a stray, cut or overlong byte, a surrogate.
inline size_t character(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned lead = byte(at);
  if (lead < 0x80) return 1;
  const size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  unsigned code = lead & (0x3Fu >> more);
  for (size_t i = 1; i <= more; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte(at + i) & 0x3F);
  }
  constexpr unsigned kLeast[] = {0, 0x80, 0x800, 0x10000};
  return code < kLeast[more] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? 0 : more + 1;
}

}  // namespace tulle
