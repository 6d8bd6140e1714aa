// BATCH_MATMUL: float32, 8-bit and 16-bit codes, and real rows on int8 matrices.
#include "ops/batch_matmul.ref.h"

#include <limits>
#include <optional>
#include <vector>

#include "kernels/float_conv.h"
#include "kernels/int_conv.h"
#include "ops/affine.h"
#include "ops/axis_scales.h"
#include "ops/fast_codes.h"
#include "ops/matrices.h"

namespace tulle::ops {
namespace {

void flip(const float* x, int32_t rows, int32_t columns, float* y) { tulle_flip_f32(x, rows, columns, y); }
void flip(const int8_t* x, int32_t rows, int32_t columns, int8_t* y) { tulle_flip_i8(x, rows, columns, y); }
void flip(const int16_t* x, int32_t rows, int32_t columns, int16_t* y) { tulle_flip_i16(x, rows, columns, y); }

/// One operand's matrices, handed out as rows of `depth` elements.
template <class T>
class Operand {
 public:
  Operand(Site& site, int input, int32_t rows, int32_t depth, bool turned, int workers)
      : input_(input), rows_(rows), depth_(depth), size_(int64_t{rows} * depth) {
    if (turned) scratch_ = site.scratch(sizeof(T) * static_cast<uint64_t>(size_) * static_cast<uint64_t>(workers));
  }
  const T* at(const Io& io, int64_t matrix, int worker) const {
    const T* stored = io.in<T>(input_) + matrix * size_;
    if (scratch_ < 0) return stored;
    T* own = reinterpret_cast<T*>(io.scratch[static_cast<size_t>(scratch_)]) + size_ * worker;
    flip(stored, depth_, rows_, own);
    return own;
  }

 private:
  int input_, scratch_ = -1;
  int32_t rows_, depth_;
  int64_t size_;
};

/// What the multiplication of one pair of matrices may use.
struct With {
  const Io& io;
  ThreadPool* pool;
  int worker;
};

/// How many workers take a pair each; where one does, all work on each pair.
int workers_of(const Site& site, const Matrices& over) { return over.count >= site.workers ? site.workers : 1; }

/// A kernel that calls multiply(With, left, right, output) for every pair of matrices; the right one as rows of `depth`
/// or, where it is to be `as_stored`, as it lies.
template <class L, class R, class Y>
Kernel for_each_pair(Site& site, const Matrices& over, auto multiply, bool as_stored = false) {
  const int workers = workers_of(site, over);
  const Operand<L> left(site, 0, over.rows, over.depth, over.left_flipped, workers);
  const Operand<R> right(site, 1, over.columns, over.depth, !over.right_flipped && !as_stored, workers);
  return [=, multiply = std::move(multiply)](const Io& io) -> Result<void> {
    const int64_t size = int64_t{over.rows} * over.columns;
    const auto one = [&](int64_t i, const With& with) {
      const Matrices::Pair pair = over.at(i);
      multiply(with, left.at(io, pair.left, with.worker), right.at(io, pair.right, with.worker),
               io.out<Y>(0) + i * size);
    };
    if (workers == 1) {
      for (int64_t i = 0; i < over.count; ++i) one(i, {io, io.pool, 0});
      return {};
    }
    parallel(io.pool, static_cast<int>(over.count), [&](int i, int worker) { one(i, {io, nullptr, worker}); });
    return {};
  };
}

/// Scratch memory of `count` elements for each worker that takes pairs.
template <class T>
struct Own {
  int scratch;
  uint64_t bytes;

  Own(Site& site, const Matrices& over, uint64_t count)
      : bytes((count * sizeof(T) + 63) / 64 * 64) {  // whole cache lines
    scratch = site.scratch(bytes * static_cast<uint64_t>(workers_of(site, over)));
  }
  T* at(const With& with) const {
    return reinterpret_cast<T*>(with.io.scratch[static_cast<size_t>(scratch)] +
                                bytes * static_cast<size_t>(with.worker));
  }
};

tulle_conv product(const Matrices& over) {
  return {.window = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0},
          .batches = over.rows,
          .in_c = over.depth,
          .out_c = over.columns,
          .groups = 1};
}

Kernel reals(Site& site, const Matrices& over) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  if (site.float_kernels() != nullptr && over.depth > 0) {
    const kernels::FloatConv product(*site.kernels,
                                     {.in_h = over.rows, .in_c = over.depth, .out_h = over.rows, .out_c = over.columns},
                                     workers_of(site, over) == 1 ? site.workers : 1);
    const Own<std::byte> packed(site, over, product.packed_bytes()), bands(site, over, product.scratch_bytes());
    return for_each_pair<float, float, float>(
        site, over,
        [=, turned = !over.right_flipped](const With& with, const float* left, const float* right, float* out) {
          if (turned)
            product.pack_turned(right, packed.at(with), with.pool);
          else
            product.pack(right, nullptr, packed.at(with), with.pool);
          product.run(left, packed.at(with), bands.at(with), with.pool, {-kInfinity, kInfinity, out});
        },
        true);
  }
  const Own<float> sums(site, over, static_cast<uint64_t>(over.columns));
  return for_each_pair<float, float, float>(
      site, over, [=, conv = product(over)](const With& with, const float* left, const float* right, float* out) {
        tulle_ref_conv_f32(tulle_fully_connected_sums_f32, left, right, nullptr, &conv, {-kInfinity, kInfinity},
                           sums.at(with), out);
      });
}

Result<Kernel> hybrid(Site& site, const Matrices& over) {
  const Tensor& right = site.in(1);
  TULLE_TRY(std::vector<float> scales,
            axis_scales(site, right, right.shape.rank() - (over.right_flipped ? 2 : 1), "input 1"));
  TULLE_CHECK(check_symmetric(site, right, "input 1"));
  const auto quantise =
      site.attributes().flag("asymmetric_quantize_inputs") ? tulle_quantize_row : tulle_quantize_row_symmetric;
  const Own<int8_t> codes(site, over, static_cast<uint64_t>(over.rows) * static_cast<uint64_t>(over.depth));
  const Own<tulle_row_scale> row_scales(site, over, static_cast<uint64_t>(over.rows));
  const Own<uint32_t> sums(site, over, static_cast<uint64_t>(over.columns));
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  return for_each_pair<float, int8_t, float>(site, over,
                                             [=, conv = product(over), scales = std::move(scales)](
                                                 const With& with, const float* x, const int8_t* w, float* out) {
                                               int8_t* q = codes.at(with);
                                               tulle_row_scale* rows = row_scales.at(with);
                                               for (int64_t r = 0; r < conv.batches; ++r)
                                                 rows[r] = quantise(x + r * conv.in_c, conv.in_c, q + r * conv.in_c);
                                               tulle_ref_conv_hybrid(tulle_fully_connected_sums_i8, q, rows, w,
                                                                     scales.data(), 0, nullptr, &conv,
                                                                     {-kInfinity, kInfinity}, sums.at(with), out);
                                             });
}

/// int8 matrices by vector kernels, the right one packed anew for every product.
Result<std::optional<Kernel>> fast_codes(Site& site, const Matrices& over, const tulle_conv& conv, tulle_factor factor,
                                         int32_t y_zero) {
  if (site.kernels == nullptr || over.depth == 0) return std::nullopt;
  const kernels::Conv2d shape{.in_h = over.rows, .in_c = over.depth, .out_h = over.rows, .out_c = over.columns};
  const int workers = workers_of(site, over);
  const kernels::IntConv product(*site.kernels, shape, kernels::Bytes8::kInt8, workers == 1 ? site.workers : 1,
                                 conv.w_zero != 0);
  const std::vector<kernels::ChannelFactor> channels(static_cast<size_t>(over.columns),
                                                     {0, factor.multiplier, factor.shift});
  if (!product.sensible() || !kernels::Factors::take(channels)) return std::nullopt;
  const kernels::Factors factors(*site.kernels, channels, 1, {y_zero, INT8_MIN, INT8_MAX});
  const Own<std::byte> packed(site, over, product.packed_bytes()), bands(site, over, product.scratch_bytes());
  const auto inner = static_cast<uint32_t>(product.inner_zero(conv.x_zero));
  // One for each worker, since it knows its weights.
  auto products = std::make_shared<std::vector<kernels::IntConv>>(static_cast<size_t>(workers), product);
  return for_each_pair<int8_t, int8_t, int8_t>(
      site, over, [=](const With& with, const int8_t* left, const int8_t* right, int8_t* out) {
        kernels::IntConv& product = (*products)[static_cast<size_t>(with.worker)];
        product.pack(reinterpret_cast<const uint8_t*>(right), 0, packed.at(with), with.pool);
        product.use(packed.at(with));
        const auto emit = [&](const kernels::Sums& tile) {
          const std::span<const int32_t> weights = product.slots().subspan(static_cast<size_t>(tile.slot));
          int32_t centred[kMaxTile * kMaxTile];
          for (int32_t m = 0; m < tile.rows; ++m) {
            const uint32_t row =
                tile.totals == nullptr ? 0 : static_cast<uint32_t>(tile.totals[m]) * static_cast<uint32_t>(conv.w_zero);
            for (int32_t n = 0; n < tile.channels; ++n)
              centred[m * kMaxTile + n] = static_cast<int32_t>(static_cast<uint32_t>(tile.sums[m * tile.stride + n]) -
                                                               row - inner * static_cast<uint32_t>(weights[n]));
          }
          kernels::CodesTile codes{};
          codes.sums = centred;
          codes.stride = kMaxTile;
          codes.rows = tile.rows;
          codes.channels = tile.channels;
          codes.y = reinterpret_cast<uint8_t*>(out) + tile.pixel * over.columns + tile.channel;
          codes.y_stride = over.columns;
          factors.codes(codes, tile.slot);
        };
        product.run(left, &conv.x_zero, INT64_MAX, bands.at(with), with.pool, kernels::emit_to(emit));
      });
}

/// The loop is one made by TULLE_CONV, with codes rescaled in fixed point.
template <class L, class R, class Sum, class Bias, class Y>
Result<Kernel> codes(Site& site, const Matrices& over,
                     void (*loop)(void (*)(const L*, const R*, const tulle_conv*, const tulle_pixel*, Sum*), const L*,
                                  const R*, const Bias*, const tulle_conv*, const tulle_codes*, Sum*, Y*),
                     void (*sums_of)(const L*, const R*, const tulle_conv*, const tulle_pixel*, Sum*)) {
  TULLE_TRY(const Affine x, affine(site, site.in(0), "input 0"));
  TULLE_TRY(const Affine w, affine(site, site.in(1), "input 1"));
  TULLE_TRY(const Affine y, affine(site, site.out(0), "output"));
  const tulle_factor factor = tulle_factor_from(double{x.scale * w.scale} / y.scale);
  if (sizeof(L) == 2 && (x.zero_point != 0 || w.zero_point != 0 || y.zero_point != 0))
    return site.invalid("16-bit operands have zero points {}, {} and {}, must be 0", x.zero_point, w.zero_point,
                        y.zero_point);
  if (sizeof(L) == 2 && factor.shift > 7)
    return site.unsupported("operands are scaled up by over 128 for a 16-bit output");
  tulle_conv conv = product(over);
  conv.x_zero = x.zero_point, conv.w_zero = w.zero_point;
  if constexpr (sizeof(L) == 1 && sizeof(Y) == 1) {
    TULLE_TRY(std::optional<Kernel> fast, fast_codes(site, over, conv, factor, y.zero_point));
    if (fast.has_value()) return *std::move(fast);
  }
  const Own<Sum> sums(site, over, static_cast<uint64_t>(over.columns));
  std::vector<tulle_factor> factors(static_cast<size_t>(over.columns), factor);
  return for_each_pair<L, R, Y>(
      site, over, [=, factors = std::move(factors)](const With& with, const L* left, const R* right, Y* out) {
        using Limits = std::numeric_limits<Y>;
        const tulle_codes to = {factors.data(), y.zero_point, Limits::min(), Limits::max()};
        loop(sums_of, left, right, nullptr, &conv, &to, sums.at(with), out);
      });
}

}  // namespace

extern const Op op_batch_matmul = {
    .types = "f32 f32|i8 > f32; i8 i8 > i8|i32; i16 i16|i8 > i16",
    .shape = [](Site& site) -> Result<void> {
      TULLE_TRY(const Matrices over, matrices(site));
      return site.set_shape(0, over.output);
    },
    .prepare = [](Site& site) -> Result<Kernel> {
      TULLE_TRY(const Matrices over, matrices(site));
      if (over.output.elements() == 0) return [](const Io&) -> Result<void> { return {}; };
      const DType left = site.in(0).dtype, right = site.in(1).dtype;
      if (left == DType::kFloat32) return right == DType::kFloat32 ? reals(site, over) : hybrid(site, over);
      if (left == DType::kInt16)
        return right == DType::kInt16
                   ? codes(site, over, tulle_ref_fully_connected_i16x16, tulle_fully_connected_sums_i16x16)
                   : codes(site, over, tulle_ref_conv_i16_wide, tulle_fully_connected_sums_i16);
      if (site.out(0).dtype == DType::kInt8) return codes(site, over, tulle_ref_conv_i8, tulle_fully_connected_sums_i8);
      return for_each_pair<int8_t, int8_t, int32_t>(
          site, over, [conv = product(over)](const With&, const int8_t* x, const int8_t* w, int32_t* out) {
            tulle_ref_batch_matmul_i32(x, w, &conv, out);
          });
    },
};

}  // namespace tulle::ops
