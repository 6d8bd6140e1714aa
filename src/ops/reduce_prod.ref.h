/* Products of codes: rescaled after each factor, so that they stay within 32 bits. */
#ifndef TULLE_OPS_REDUCE_PROD_REF_H
#define TULLE_OPS_REDUCE_PROD_REF_H

#include "ops/quantized_arithmetic.ref.h"
#include "ops/reduce.ref.h"

/* `to.factor` is the input's scale over the terms-th root of the output's; below 2^14. */
struct tulle_code_product {
  int32_t zero_point;
  struct tulle_result to;
};
/* A product that has no factor yet. */
#define TULLE_NO_PRODUCT INT64_MIN

static inline int64_t tulle_product_with(int64_t product, int32_t offset, struct tulle_factor factor) {
  return product == TULLE_NO_PRODUCT ? offset : tulle_rescale64(product * offset, factor);
}
TULLE_FOLD(tulle_ref_product_i8, int8_t, int64_t, struct tulle_code_product,
           tulle_product_with(s, a - p.zero_point, p.to.factor))
TULLE_FOLD(tulle_ref_product_i16, int16_t, int64_t, struct tulle_code_product,
           tulle_product_with(s, a - p.zero_point, p.to.factor))

#define TULLE_CODES_OF_PRODUCTS(TAG, T)                                                                       \
  static inline void tulle_ref_codes_of_products_##TAG(const int64_t* products, struct tulle_result to, T* y, \
                                                       int32_t count) {                                       \
    for (int32_t i = 0; i < count; ++i) y[i] = (T)tulle_code_of(tulle_rescale64(products[i], to.factor), to); \
  }
TULLE_CODES_OF_PRODUCTS(i8, int8_t)
TULLE_CODES_OF_PRODUCTS(i16, int16_t)
#undef TULLE_CODES_OF_PRODUCTS

#endif
