// The loops around tiles of 64-bit sums.
#include "kernels/wide_conv.h"

#include <algorithm>
#include <cstring>

#include "kernels/tiles.h"

namespace tulle::kernels {

WideConv::WideConv(const Kernels& kernels, const Conv2d& conv, int workers)
    : kernels_(&kernels),
      workers_(workers),
      vectors_((conv.out_c / conv.groups + kernels.lanes - 1) / kernels.lanes),
      bands_(conv, {.element = 2,
                    .out_element = 2,
                    .weights = int64_t{conv.taps_h} * conv.taps_w * conv.depth() * conv.out_c,
                    .panels = panels(),
                    .rows = kernels.int_rows,
                    .workers = workers,
                    .merge = true,
                    .copies = false}),
      term_pairs_((bands_.term_depth() + 1) / 2) {
  worker_bytes_ = static_cast<uint64_t>(
      align(copied() ? static_cast<int64_t>(bands_.bytes()) : 0) + align(bands_.pixels() * 8) +
      align(int64_t{tiles_together(kernels)} * kernels.int_rows * kernels.int_vectors * kernels.lanes * 8));
}

uint64_t WideConv::packed_bytes() const {
  return static_cast<uint64_t>(pairs() * 2 * kernels_->lanes * vectors_ * bands_.conv().groups);
}

// Panels, each [pairs][channels][2]; what is left over of a term is 0.
void WideConv::pack(const int8_t* weights, std::byte* packed, ThreadPool* pool) const {
  const Conv2d& conv = bands_.conv();
  const int64_t lanes = kernels_->lanes, share = conv.out_c / conv.groups;
  const int64_t depth = bands_.term_depth(), terms = static_cast<int64_t>(bands_.terms().size());
  const auto tasks = static_cast<int32_t>(conv.groups * panels());
  parallel(packed_bytes() < kPackedAlone ? nullptr : pool, tasks, [&](int32_t task, int) {
    const int64_t g = task / panels(), vector = task % panels() * kernels_->int_vectors;
    const int64_t width = std::min<int64_t>(kernels_->int_vectors, vectors_ - vector) * lanes;
    const int64_t first = vector * lanes, inside = std::min(width, share - first);
    auto* out = reinterpret_cast<int8_t*>(packed) + pairs() * 2 * lanes * (g * vectors_ + vector);
    if (inside < width) std::memset(out, 0, static_cast<size_t>(pairs() * width * 2));
    for (int64_t n = 0; n < inside; ++n)
      pack_channel<2>(reinterpret_cast<const uint8_t*>(weights) + (g * share + first + n) * terms * depth, terms, depth,
                      0, width * 2, out + 2 * n);
  });
}

void WideConv::run(const int16_t* x, const std::byte* packed, std::byte* scratch, ThreadPool* pool,
                   EmitWide emit) const {
  parallel(pool, bands_.tasks(), [&](int32_t task, int worker) {
    band(task, x, packed, scratch + worker_bytes_ * static_cast<size_t>(worker), emit);
  });
}

void WideConv::band(int32_t task, const int16_t* x, const std::byte* packed, std::byte* scratch, EmitWide emit) const {
  const Conv2d& conv = bands_.conv();
  const Band band = bands_.band(task / bands_.splits());
  const auto* base = reinterpret_cast<const uint8_t*>(x);
  if (copied()) {
    auto* values = reinterpret_cast<uint8_t*>(scratch);
    scratch += align(static_cast<int64_t>(bands_.bytes()));
    const int64_t row_bytes = int64_t{conv.in_w} * conv.in_c * 2;
    bands_.fill(
        band, INT64_MAX, values,
        [&](int64_t row, int64_t count, uint8_t* to) {
          std::memcpy(to, base + row * row_bytes, static_cast<size_t>(count) * 2);
        },
        [](int64_t count, uint8_t* to) { std::memset(to, 0, static_cast<size_t>(count) * 2); });
    base = values;
  } else {
    base = bands_.inside(band, base);
  }
  const auto** rows = reinterpret_cast<const uint8_t**>(scratch);
  auto* sums = reinterpret_cast<int64_t*>(scratch + align(bands_.pixels() * 8));
  bands_.point(band, base, rows);

  const auto pixels = static_cast<int32_t>(bands_.pixels(band));
  const int32_t lanes = kernels_->lanes, share = conv.out_c / conv.groups;
  const int64_t splits = bands_.splits(), part = task % splits;
  for (int32_t g = 0; g < conv.groups; ++g) {
    if (g > 0)
      for (int32_t p = 0; p < pixels; ++p) rows[p] += conv.depth() * 2;
    for (int64_t panel = panels() * part / splits; panel < panels() * (part + 1) / splits; ++panel) {
      const int64_t vector = panel * kernels_->int_vectors;
      const auto vectors = static_cast<int32_t>(std::min<int64_t>(kernels_->int_vectors, vectors_ - vector));
      const auto channel = static_cast<int32_t>(vector * lanes);
      WideTile tile{.rows = nullptr,
                    .tiles = 0,
                    .offsets = bands_.terms().data(),
                    .terms = static_cast<int32_t>(bands_.terms().size()),
                    .groups = term_pairs_,
                    .weights = reinterpret_cast<const int8_t*>(packed) + pairs() * 2 * lanes * (g * vectors_ + vector),
                    .sums = nullptr};
      WideSums out{.sums = sums,
                   .stride = int64_t{vectors} * lanes,
                   .rows = 0,
                   .channels = std::min(vectors * lanes, share - channel),
                   .pixel = bands_.first_pixel(band),
                   .channel = g * share + channel};
      run_tiles(*kernels_, kernels_->wide_tiles, tile, rows, pixels, vectors, sums, out,
                [&](const WideSums& some, int32_t) { emit.call(emit.self, some); });
    }
  }
}

}  // namespace tulle::kernels
