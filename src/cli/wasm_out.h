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

/// Segments of memory.
struct WasmDataOut {
  uint32_t count = 0;
  WasmOut entries;

  void put(uint32_t address, std::span<const uint8_t> bytes) {
    constexpr uint8_t kI32Const = 0x41, kEnd = 0x0B;
    entries.byte(0);
    entries.byte(kI32Const);
    entries.signed_number(address);
    entries.byte(kEnd);
    entries.sized(bytes);
    ++count;
  }
  /// Memory is zero from the start, so long runs of zeros are left out.
  void put_sparse(uint32_t address, std::span<const uint8_t> bytes) {
    constexpr size_t kWorthSplitting = 16;
    size_t begin = 0, end = 0;  // of what is collected
    for (size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] == 0) continue;
      if (end != 0 && i - end >= kWorthSplitting) {
        put(address + static_cast<uint32_t>(begin), bytes.subspan(begin, end - begin));
        end = 0;
      }
      if (end == 0) begin = i;
      end = i + 1;
    }
    if (end != 0) put(address + static_cast<uint32_t>(begin), bytes.subspan(begin, end - begin));
  }
  WasmOut section() const {
    WasmOut out;
    out.number(count);
    out.add(entries.bytes);
    return out;
  }
};

}  // namespace tulle::cli
