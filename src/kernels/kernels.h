// Kernels: the inner loops of one instruction set, as a table of functions. Everything around them (cutting work into
// tasks, packing weights, choosing a table) is ordinary code, compiled once.
#pragma once

#include <stdint.h>

namespace tulle::kernels {

/// Of what pack functions write: to be raised with every change of it, so that files of packed weights that were
/// written before are refused and made anew.
inline constexpr uint32_t kLayoutVersion = 7;

/// What integer tiles read: pairs of activations less their zero points, as int16, or quads of bytes.
enum class Activations { kPairs, kUnsignedQuads, kSignedQuads };
/// How many of them are four bytes.
inline int32_t group_of(Activations activations) { return activations == Activations::kPairs ? 2 : 4; }

/// Sums of products of activations and signed 8-bit weights for a tile of output pixels and channels. Both come in
/// groups of two or four, g activations being four bytes: sums[m][n] = sum over terms t, their groups i and j < g of
/// rows[m][offsets[t] + i * 4](j) * weights[t][i][n][j].
struct IntTile {
  const uint8_t* const* rows;  ///< one a pixel, of so many tiles one after the other
  int32_t tiles;
  const int64_t* offsets;  ///< in bytes
  int32_t terms, groups;
  const int8_t* weights;  ///< a panel: [terms][groups][vectors * lanes][g]
  int32_t* sums;          ///< [tiles][rows][vectors * lanes]
};

/// The same of int16 activations on every set, in pairs, as 64-bit sums.
struct WideTile {
  const uint8_t* const* rows;
  int32_t tiles;
  const int64_t* offsets;
  int32_t terms, groups;
  const int8_t* weights;
  int64_t* sums;
};

/// The same in float, finished: y[m][n] = clamp(bias[n] + sum).
struct FloatTile {
  const float* const* rows;
  int32_t tiles;
  const int64_t* offsets;  ///< in elements
  int32_t terms, depth;
  const float* weights;  ///< a panel: [terms][depth][vectors * lanes]
  const float* bias;     ///< of the panel's channels, as many as its lanes
  float low, high;
  float* y;
  int64_t stride;    ///< between rows of y
  int32_t channels;  ///< to be written, at most the lanes of the panel
};

/// Depthwise sums of one block of channels: sums[p][c] = sum over taps i, j of
/// (x[p * step + i * row_step + j * column_step + c] - zero) * weights[i][j][c].
struct DepthwiseTile {
  const void* x;
  int64_t step, row_step, column_step;  ///< in elements
  int32_t taps_h, taps_w, pixels;
  int32_t zero;         ///< of quads; pairs are centred
  const void* weights;  ///< a packed block
  int32_t* sums;        ///< [pixels][channels of a block]
};

/// A way to depthwise sums.
struct DepthwiseForm {
  int32_t channels;  ///< of a block; 0 where the set lacks the form
  void (*run)(const DepthwiseTile&);
};

/// The same in float for all channels, finished, of a run of pixels that see the same taps: y[p][c] = clamp(bias[c] +
/// sum).
struct FloatDepthwiseTile {
  const float* x;
  int64_t step, row_step, column_step;
  int32_t taps_h, taps_w, pixels, channels;
  const float* weights;     ///< [taps_h][weight_row_step], a row of which begins with [taps_w][channels]
  int64_t weight_row_step;  ///< in elements
  const float* bias;
  float low, high;
  float* y;  ///< [pixels][channels]
};

/// A square of 4x4 outputs, of one panel of channels, from its products: y[i][j][c] = clamp(bias[c] + transformed).
struct WinogradOutput {
  const float* products;  ///< [6][6], `step` elements apart
  int64_t step;
  const float* bias;
  float low, high;
  float* y;
  int64_t row_step, column_step;
  int32_t rows, columns, channels;  ///< to be written
};

/// Sums of products, modulo 2^32, of the inputs of some squares at one place and filters at that place, both in pairs.
struct SquareTile {
  const int16_t* x;
  int64_t x_step;  ///< elements from one square to the next
  int32_t pairs;
  const int16_t* weights;  ///< [pairs][vectors * lanes][2]
  int32_t* sums;
  int64_t sums_step;
};

/// Squares of 4x4 outputs from 6x6 codes, for 3x3 convolutions in whole numbers: see IntWinograd.
struct SquareKernels {
  void (*const* tiles)(const SquareTile&);  ///< as large as int_tiles
  /// 6x6 pixels, less their zero point, to out[place * step + c]; reads and writes whole vectors of c.
  void (*input_i8)(const int8_t* const* pixels, int32_t channels, int32_t zero_point, int16_t* out, int64_t step);
  void (*input_u8)(const uint8_t* const* pixels, int32_t channels, int32_t zero_point, int16_t* out, int64_t step);
  /// `count` 3x3 filters, less their zero point, from taps[tap * tap_step + n] to out[place * step + n]: whole vectors.
  void (*filters)(const int8_t* taps, int64_t tap_step, int64_t count, int32_t zero_point, int16_t* out, int64_t step);
  /// Products at [place * channels + c] to sums[i * row_step + j * channels + c], whole vectors; `add`: to what is
  /// there.
  void (*output)(const int32_t* products, int32_t channels, int32_t* sums, int64_t row_step, bool add);
};

/// Sums to 8-bit codes with the reference's two roundings, for channels whose factors are below 1 (see Rescaler).
struct CodesTile {
  const int32_t* sums;  ///< [rows][stride]
  int64_t stride;
  const int32_t* row_totals;  ///< to be added to each sum of a row; null for none
  int32_t rows, channels;
  const void* factors;  ///< blocks of Factors, one for each `lanes` channels
  const float* reals;   ///< for codes_real and codes_signed: three vectors for each `lanes` channels, see there
  float origin;         ///< for codes_signed
  uint32_t near;        ///< for both: see there
  int32_t zero_point, low, high;
  uint8_t* y;
  int64_t y_stride;
};

/// Sums to reals: y[m][n] = clamp((sums[m][n] - inner * weight_sums[n]) * scales[n] * scale + bias[n]), the scales
/// multiplied first or met by the sum one after the other, as the reference does.
struct RealsTile {
  const int32_t* sums;  ///< [rows][stride]
  int64_t stride;
  int32_t rows, channels;
  const int32_t* weight_sums;  ///< null where inner is 0
  int32_t inner;
  const float* scales;
  float scale;
  bool in_turn;
  const float* bias;  ///< null for none
  float low, high;
  float* y;
  int64_t y_stride;
};

/// What `lanes` channels need to be rescaled: six vectors one after the other.
///   int32 bias[lanes]; uint32 multiplier[lanes];
///   uint64 half[lanes / 2] of the even channels, then of the odd ones; uint64 shift[lanes / 2] likewise (odd ones
///   32 less, so that the result falls into the upper half).
inline constexpr int kFactorVectors = 6;
inline constexpr int kRealVectors = 3;
/// Rows that are sure or not together.
inline constexpr int32_t kSureRows = 8;

/// A factor for all elements: x * multiplier * 2^-shift after half is added.
struct Factor {
  uint32_t multiplier;
  uint64_t half, shift;
};
/// multiplier * 2^(shift - 31) with shift in -31...0.
Factor factor_of(int32_t multiplier, int32_t shift);

/// Sums, differences and products of codes. For sums: (a - a_zero) * 2^left_shift by its factor, b likewise, both
/// added or subtracted, the result by `to`; for products: (a - a_zero) * (b - b_zero) by `to`.
struct PairCodes {
  int32_t a_zero, b_zero, left_shift;
  bool subtract;
  Factor a, b, to;
  int32_t zero_point, low, high;
  /// The same in float, as in Kernels::codes_signed: of v = (a - a_zero) * a_real + (b - b_zero) * b_real or, for
  /// products, (a - a_zero) * (b - b_zero) * a_real. Not to be used where `near` is 0.
  float a_real, b_real, half, origin;
  uint32_t near;
};

/// One instruction set's loops.
struct Kernels {
  const char* name;
  int32_t lanes;                      ///< 32-bit lanes of a vector
  int32_t int_rows, int_vectors;      ///< the largest tile of int_tiles
  int32_t float_rows, float_vectors;  ///< the largest tile of float_tiles
  Activations activations;            ///< of int_tiles
  bool fuses;                         ///< whether a product and a sum of floats are rounded once

  void (*const* int_tiles)(const IntTile&);      ///< [rows - 1][vectors - 1]
  void (*const* float_tiles)(const FloatTile&);  ///< [rows - 1][vectors - 1]
  void (*const* wide_tiles)(const WideTile&);

  void (*flip)(const uint8_t* x, int64_t count, uint8_t* out);  ///< int8 to uint8 by adding 128
  int32_t (*total)(const uint8_t* x, int64_t count);            ///< the sum of so many activations

  /// 8-bit activations less their zero point as int16, which pairs and depthwise read.
  void (*centre_i8)(const int8_t* x, int64_t count, int32_t zero_point, int16_t* out);
  void (*centre_u8)(const uint8_t* x, int64_t count, int32_t zero_point, int16_t* out);
  DepthwiseForm depthwise_pairs;  ///< of int16
  /// Bytes of one packed block, and the packing: w has `channels` (at most a block's) at each tap, `stride` apart.
  int64_t (*pair_bytes)(int32_t taps_h, int32_t taps_w);
  void (*pack_pairs)(const int16_t* w, int64_t stride, int32_t taps_h, int32_t taps_w, int32_t channels, void* out);
  /// Of bytes as `activations` has them. A block is the weights of four rows of taps of one column after the other,
  /// int8 [ceil(taps_h / 4)][taps_w][channels][4], where a row is missing 0, then int32 sums of each channel's.
  DepthwiseForm depthwise_quads;
  /// What quads read: the channels of each pixel, flipped by an exclusive or, in whole blocks whose order only they
  /// know.
  void (*spread)(const uint8_t* x, int64_t pixels, int32_t channels, uint8_t flip, uint8_t* out);
  void (*float_depthwise)(const FloatDepthwiseTile&);

  /// A square of 6x6 inputs to out[place * step + c].
  void (*winograd_input)(const float* const* pixels, int32_t channels, float* out, int64_t step);
  void (*winograd_output)(const WinogradOutput&);
  const SquareKernels* squares;  ///< null where activations are no pairs

  void (*codes)(const CodesTile&);  ///< by factors
  /// floor(sum * scale + offset) in float, which is 256 more than the code is above the lowest one. Returns how many
  /// rows are sure, from the first on: where a fraction was at most `near` in units of 2^-32, the code may be wrong,
  /// and of kSureRows from there on none is. reals: scale, offset.
  int32_t (*codes_real)(const CodesTile&);
  /// The same of floor(v + origin + half), of which half has the sign of v = sum * scale + offset. reals: scale,
  /// offset, half.
  int32_t (*codes_signed)(const CodesTile&);
  void (*reals)(const RealsTile&);

  void (*add_i8)(const int8_t* a, const int8_t* b, int8_t* y, int64_t count, const PairCodes& by);
  void (*add_u8)(const uint8_t* a, const uint8_t* b, uint8_t* y, int64_t count, const PairCodes& by);
  void (*mul_i8)(const int8_t* a, const int8_t* b, int8_t* y, int64_t count, const PairCodes& by);
  void (*mul_u8)(const uint8_t* a, const uint8_t* b, uint8_t* y, int64_t count, const PairCodes& by);
  /// y[i] = table[x[i]].
  void (*lookup)(const uint8_t* table, const uint8_t* x, uint8_t* y, int64_t count);

  // Within a few units in the last place.
  void (*exp)(const float* x, float* y, int64_t count);
  void (*logistic)(const float* x, float* y, int64_t count);
  void (*swish)(const float* x, float* y, int64_t count);  ///< x * logistic(x)
  void (*tanh)(const float* x, float* y, int64_t count);
  void (*gelu)(const float* x, float* y, int64_t count);
  void (*gelu_by_tanh)(const float* x, float* y, int64_t count);
  void (*softmax)(const float* x, float* y, int64_t count, float beta);  ///< one row
  float (*sum)(const float* x, int64_t count);                           ///< in an order of its own
};

}  // namespace tulle::kernels
