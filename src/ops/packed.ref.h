/* Integers below eight bits, packed into bytes low bits first. */
#ifndef TULLE_OPS_PACKED_REF_H
#define TULLE_OPS_PACKED_REF_H

#include <stdint.h>

/* Signed codes of 4 or 2 bits to int8. */
static inline void tulle_unpack(const uint8_t* packed, int32_t bits, int64_t count, int8_t* out) {
  const int32_t in_a_byte = 8 / bits, sign = 1 << (bits - 1), mask = 2 * sign - 1;
  for (int64_t i = 0; i < count; ++i) {
    const int32_t code = packed[i / in_a_byte] >> (i % in_a_byte * bits) & mask;
    out[i] = (int8_t)((code ^ sign) - sign);
  }
}

/* Unsigned codes of 4 bits to uint8. */
static inline void tulle_unpack_u4(const uint8_t* packed, int64_t count, uint8_t* out) {
  for (int64_t i = 0; i < count; ++i) out[i] = packed[i / 2] >> (i % 2 * 4) & 15;
}

/* int8 codes to 4 bits each, the high half of an odd last byte 0. */
static inline void tulle_pack4(const int8_t* codes, int64_t count, uint8_t* packed) {
  for (int64_t i = 0; i < count; i += 2) {
    const int32_t high = i + 1 < count ? codes[i + 1] & 15 : 0;
    packed[i / 2] = (uint8_t)((codes[i] & 15) | high << 4);
  }
}

#endif
