// What the tests of fused nodes share: two sessions side by side, and values for them.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "text_sessions.h"

namespace tulle {

/// Runs both on the same input.
inline void expect_same(Session& fused, Session& kept, const std::vector<std::byte>& input, const std::string& what) {
  for (Session* s : {&fused, &kept}) {
    ASSERT_TRUE(s->set_input(0, input));
    const auto ran = s->run();
    ASSERT_TRUE(ran) << ran.error().message;
  }
  for (int i = 0; i < static_cast<int>(fused.outputs().size()); ++i) {
    const Tensor &a = fused.output(i), &b = kept.output(i);
    EXPECT_EQ(std::memcmp(a.data, b.data, a.bytes), 0) << what << ", output " << i;
  }
}

/// Codes -128 to 127 or 0 to 255, or reals from -16 to 16, as bytes.
inline std::vector<std::byte> many_values(std::string_view type) {
  std::vector<std::byte> bytes(type == "float32" ? 1024 : 256);
  for (int i = 0; i < 256; ++i) {
    const float real = static_cast<float>(i - 128) / 8;
    if (type == "float32")
      std::memcpy(bytes.data() + 4 * i, &real, 4);
    else
      bytes[static_cast<size_t>(i)] = static_cast<std::byte>(i);
  }
  return bytes;
}

/// So many values as bytes: reals from -2 to 2, or codes.
inline std::vector<std::byte> picture(bool whole, size_t values) {
  std::vector<std::byte> bytes(values * (whole ? sizeof(float) : 1));
  for (size_t i = 0; i < values; ++i) {
    const auto code = static_cast<int8_t>(i * 37 % 251);
    const float real = static_cast<float>(code) / 60;
    if (whole)
      std::memcpy(bytes.data() + 4 * i, &real, 4);
    else
      std::memcpy(bytes.data() + i, &code, 1);
  }
  return bytes;
}

/// Hexadecimal digits of so many values, floats between -1 and 1 or bytes between -100 and 100.
inline std::string digits(bool whole, int count, unsigned seed) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    seed = seed * 1664525 + 1013904223;
    const int value = static_cast<int>(seed >> 16) % 201 - 100;
    uint32_t bits = static_cast<uint32_t>(value) & 0xFF;
    if (whole) bits = std::bit_cast<uint32_t>(static_cast<float>(value) / 100);
    for (int byte = 0; byte < (whole ? 4 : 1); ++byte) text += fmt::format("{:02x}", bits >> 8 * byte & 0xFF);
  }
  return text;
}

/// The same so many times, with commas.
inline std::string repeated(const std::string& item, int count) {
  std::string list = item;
  for (int i = 1; i < count; ++i) list += "," + item;
  return list;
}

/// Whether TULLE_ISA leaves sessions any kernels.
inline bool with_kernels() {
  const char* set = std::getenv("TULLE_ISA");
  return set == nullptr || std::string_view(set) != "reference";
}

}  // namespace tulle
