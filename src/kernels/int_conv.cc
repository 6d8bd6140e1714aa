// The loops around integer tiles.
#include "kernels/int_conv.h"

#include <algorithm>
#include <cstring>

#include "kernels/tiles.h"

namespace tulle::kernels {
namespace {

int64_t weights_of(const Conv2d& conv) { return int64_t{conv.taps_h} * conv.taps_w * conv.depth() * conv.out_c; }

}  // namespace

IntConv::IntConv(const Kernels& kernels, const Conv2d& conv, Bytes8 activations, int workers, bool totals)
    : kernels_(&kernels),
      activations_(activations),
      workers_(workers),
      totals_(totals),
      vectors_((conv.out_c / conv.groups + kernels.lanes - 1) / kernels.lanes),
      bands_(conv, {.element = element(),
                    .out_element = 1,
                    .weights = weights_of(conv),
                    .panels = panels(),
                    .rows = kernels.int_rows,
                    .workers = workers,
                    .merge = true,
                    .copies = kernels.activations == Activations::kPairs}),
      term_groups_(static_cast<int32_t>((bands_.term_depth() + group() - 1) / group())) {
  worker_bytes_ = static_cast<uint64_t>(
      align(static_cast<int64_t>(bands_.bytes())) + align(bands_.pixels() * 8) +
      align(totals ? bands_.pixels() * 4 : 0) +
      align(int64_t{tiles_together(kernels)} * kernels.int_rows * kernels.int_vectors * kernels.lanes * 4));
}

// Panels, then the sums of weights.
uint64_t IntConv::packed_bytes() const {
  return static_cast<uint64_t>(sums_at() + vectors_ * kernels_->lanes * bands_.conv().groups * 4);
}

void IntConv::pack(const uint8_t* weights, uint8_t flip, std::byte* packed, ThreadPool* pool) const {
  const Conv2d& conv = bands_.conv();
  const int64_t lanes = kernels_->lanes, share = conv.out_c / conv.groups;
  const int64_t depth = bands_.term_depth(), terms = static_cast<int64_t>(bands_.terms().size());
  const auto pack_one = group() == 2 ? pack_channel<2> : pack_channel<4>;
  auto* sums = reinterpret_cast<int32_t*>(packed + sums_at());
  std::memset(sums, 0, packed_bytes() - static_cast<size_t>(sums_at()));
  const auto tasks = static_cast<int32_t>(conv.groups * panels());
  parallel(packed_bytes() < kPackedAlone ? nullptr : pool, tasks, [&](int32_t task, int) {
    const int64_t g = task / panels(), vector = task % panels() * kernels_->int_vectors;
    const int64_t width = std::min<int64_t>(kernels_->int_vectors, vectors_ - vector) * lanes;
    const int64_t first = vector * lanes, inside = std::min(width, share - first), bytes = width * group();
    auto* out = reinterpret_cast<int8_t*>(packed) + groups() * group() * lanes * (g * vectors_ + vector);
    if (inside < width) std::memset(out, 0, static_cast<size_t>(groups() * bytes));
    for (int64_t n = 0; n < inside; ++n)
      sums[g * vectors_ * lanes + first + n] =
          pack_one(weights + (g * share + first + n) * terms * depth, terms, depth, flip, bytes, out + group() * n);
  });
}

void IntConv::run(const void* x, const int32_t* zero_points, int64_t rows_each, std::byte* scratch, ThreadPool* pool,
                  Emit emit) const {
  parallel(pool, bands_.tasks(), [&](int32_t task, int worker) {
    const int64_t splits = bands_.splits(), part = task % splits;
    band(bands_.band(task / bands_.splits()), panels() * part / splits, panels() * (part + 1) / splits,
         static_cast<const uint8_t*>(x), zero_points, rows_each, scratch + worker_bytes_ * static_cast<size_t>(worker),
         emit);
    if (emit.after != nullptr) bands_.finished(task, *emit.after);
  });
}

void IntConv::run_rows(const void* x, int32_t zero_point, std::byte* scratch, int worker, int64_t first, int64_t count,
                       Emit emit) const {
  bands_.each(first, count, [&](const Band& some) {
    band(some, 0, panels(), static_cast<const uint8_t*>(x), &zero_point, INT64_MAX,
         scratch + worker_bytes_ * static_cast<size_t>(worker), emit);
  });
}

void IntConv::fill(const Band& band, const uint8_t* x, const int32_t* zero_points, int64_t rows_each,
                   uint8_t* values) const {
  const int64_t row_values = int64_t{bands_.conv().in_w} * bands_.conv().in_c;
  const bool pairs = kernels_->activations == Activations::kPairs;
  const auto copy = [&](int64_t row, int64_t count, uint8_t* to) {
    const uint8_t* from = x + row * row_values;
    const int32_t zero = zero_points[row / rows_each];
    if (pairs)
      centre(*kernels_, activations_, from, count, zero, reinterpret_cast<int16_t*>(to));
    else if (flips(*kernels_, activations_))
      kernels_->flip(from, count, to);
    else
      std::memcpy(to, from, static_cast<size_t>(count));
  };
  const int32_t blank = inner_zero(zero_points[int64_t{band.batch} * bands_.conv().in_h / rows_each]);
  bands_.fill(band, rows_each, values, copy,
              [&](int64_t count, uint8_t* to) { std::memset(to, blank, static_cast<size_t>(count * element())); });
}

void IntConv::band(const Band& band, int64_t first_panel, int64_t last_panel, const uint8_t* x,
                   const int32_t* zero_points, int64_t rows_each, std::byte* scratch, Emit emit) const {
  const Conv2d& conv = bands_.conv();
  auto* values = reinterpret_cast<uint8_t*>(scratch);
  const auto** rows = reinterpret_cast<const uint8_t**>(scratch + align(static_cast<int64_t>(bands_.bytes())));
  auto* totals = reinterpret_cast<int32_t*>(reinterpret_cast<std::byte*>(rows) + align(bands_.pixels() * 8));
  auto* sums =
      reinterpret_cast<int32_t*>(reinterpret_cast<std::byte*>(totals) + align(totals_ ? bands_.pixels() * 4 : 0));
  // Groups that end inside their pixel can be read where they lie.
  const Bytes8 read = kernels_->activations == Activations::kSignedQuads ? Bytes8::kInt8 : Bytes8::kUint8;
  if (group() == 4 && activations_ == read && !bands_.padded() && bands_.term_depth() % 4 == 0) {
    bands_.point(band, bands_.inside(band, x), rows);
  } else {
    fill(band, x, zero_points, rows_each, values);
    bands_.point(band, values, rows);
  }

  const auto pixels = static_cast<int32_t>(bands_.pixels(band));
  const int32_t lanes = kernels_->lanes, share = conv.out_c / conv.groups;
  for (int32_t g = 0; g < conv.groups; ++g) {
    if (g > 0)
      for (int32_t p = 0; p < pixels; ++p) rows[p] += conv.depth() * element();
    if (totals_) {
      const bool pointwise = conv.pointwise();  // each pixel a row, which may have a zero point of its own
      const int64_t first = bands_.first_pixel(band);
      for (int32_t p = 0; p < pixels; ++p) {
        totals[p] = 0;
        const int64_t row = pointwise ? first + p : int64_t{band.batch} * conv.in_h;
        const int32_t zero = inner_zero(zero_points[row / rows_each]);
        for (const int64_t offset : bands_.terms())
          totals[p] += kernels_->total(rows[p] + offset, bands_.term_depth()) - zero * bands_.term_depth();
      }
    }
    for (int64_t panel = first_panel; panel < last_panel; ++panel) {
      const int64_t vector = panel * kernels_->int_vectors;
      const auto vectors = static_cast<int32_t>(std::min<int64_t>(kernels_->int_vectors, vectors_ - vector));
      const auto channel = static_cast<int32_t>(vector * lanes);
      IntTile tile{
          .rows = nullptr,
          .tiles = 0,
          .offsets = bands_.terms().data(),
          .terms = static_cast<int32_t>(bands_.terms().size()),
          .groups = term_groups_,
          .weights = reinterpret_cast<const int8_t*>(packed_) + groups() * group() * lanes * (g * vectors_ + vector),
          .sums = nullptr};
      Sums out{.sums = sums,
               .stride = int64_t{vectors} * lanes,
               .totals = nullptr,
               .rows = 0,
               .channels = std::min(vectors * lanes, share - channel),
               .pixel = bands_.first_pixel(band),
               .channel = g * share + channel,
               .slot = static_cast<int32_t>((g * vectors_ + vector) * lanes)};
      run_tiles(*kernels_, kernels_->int_tiles, tile, rows, pixels, vectors, sums, out, [&](Sums& some, int32_t p) {
        if (totals_) some.totals = totals + p;
        emit.call(emit.self, some);
      });
    }
  }
}

}  // namespace tulle::kernels
