// WasmOut: bytes of a WebAssembly module that is being written.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tulle::cli {

/// Numbers are LEB128, as short as can be.
struct WasmOut {
  std::vector<uint8_t> bytes;

  void byte(uint8_t value) { bytes.push_back(value); }
  void number(uint32_t value) {
    for (; value >= 0x80; value >>= 7) byte(static_cast<uint8_t>(value | 0x80));
    byte(static_cast<uint8_t>(value));
  }
  void signed_number(uint32_t bits) {
    auto value = static_cast<int32_t>(bits);
    for (;;) {
      const auto low = static_cast<uint8_t>(value & 0x7F);
      value >>= 7;
      if ((value == 0 && (low & 0x40) == 0) || (value == -1 && (low & 0x40) != 0)) return byte(low);
      byte(low | 0x80);
    }
  }
  void add(std::span<const uint8_t> more) { bytes.insert(bytes.end(), more.begin(), more.end()); }
  void sized(std::span<const uint8_t> more) {
    number(static_cast<uint32_t>(more.size()));
    add(more);
  }
  void section(uint8_t id, const WasmOut& contents) {
    byte(id);
    sized(contents.bytes);
  }
};

}  // namespace tulle::cli
