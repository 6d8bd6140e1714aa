/* The 16-bit floats, as bits in a uint16_t, to and from float. */
#ifndef TULLE_OPS_HALF_REF_H
#define TULLE_OPS_HALF_REF_H

#include <stdint.h>
#include <string.h>

static inline uint32_t tulle_bits_of_float(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float tulle_float_of_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* IEEE binary16 to float, exact. */
static inline float tulle_from_f16(uint16_t half) {
  const uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
  const uint32_t magnitude = half & 0x7FFFu;
  if (magnitude < 0x0400u) return tulle_float_of_bits(tulle_bits_of_float((float)magnitude * 0x1p-24f) | sign);
  return tulle_float_of_bits(sign | ((magnitude << 13) + (magnitude < 0x7C00u ? 112u << 23 : 224u << 23)));
}

/* Float to binary16, to nearest, ties to even; too large becomes infinite, NaN stays NaN. */
static inline uint16_t tulle_to_f16(float x) {
  const uint32_t bits = tulle_bits_of_float(x);
  const uint32_t sign = (bits >> 16) & 0x8000u;
  const uint32_t magnitude = bits & 0x7FFFFFFFu;
  if (magnitude > 0x7F800000u) return (uint16_t)(sign | 0x7E00u);
  if (magnitude >= 0x477FF000u) return (uint16_t)(sign | 0x7C00u);
  /* Below the smallest normal half, adding 0.5 rounds at the half's last bit and leaves it in the float's lowest bits.
   */
  if (magnitude < 0x38800000u)
    return (uint16_t)(sign | (tulle_bits_of_float(tulle_float_of_bits(magnitude) + 0.5f) - 0x3F000000u));
  return (uint16_t)(sign | ((magnitude - 0x38000000u + 0xFFFu + ((magnitude >> 13) & 1u)) >> 13));
}

/* bfloat16 to float, exact. */
static inline float tulle_from_bf16(uint16_t bits) { return tulle_float_of_bits((uint32_t)bits << 16); }

/* Float to bfloat16, to nearest, ties to even; NaN stays NaN. */
static inline uint16_t tulle_to_bf16(float x) {
  const uint32_t bits = tulle_bits_of_float(x);
  if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return (uint16_t)((bits >> 16) | 0x40u);
  return (uint16_t)((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
}

#endif
