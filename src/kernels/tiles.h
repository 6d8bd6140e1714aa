// What convolutions by integer tiles share: the packing of a channel, and the loop over the tiles of a band's panel.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "kernels/int_conv.h"
#include "kernels/kernels.h"

namespace tulle::kernels {

/// Tiles that are emitted together: as many as have 4 KB of 32-bit sums, but at least four.
inline int32_t tiles_together(const Kernels& kernels) {
  const int32_t many = 1024 / (kernels.int_rows * kernels.int_vectors * kernels.lanes);
  return std::min(std::max(4, many), kMostRows / kernels.int_rows);
}

/// One channel's weights as groups of kGroup, `step` bytes apart; what is left over of a term is 0. Returns their sum.
template <int kGroup>
int32_t pack_channel(const uint8_t* from, int64_t terms, int64_t depth, uint8_t flip, int64_t step, int8_t* to) {
  using Group = std::conditional_t<kGroup == 2, uint16_t, uint32_t>;
  const auto flips = static_cast<Group>(flip * 0x01010101u);
  const auto put = [&](const uint8_t* bytes) {
    Group group;
    std::memcpy(&group, bytes, kGroup);
    group ^= flips;
    std::memcpy(to, &group, kGroup);
    to += step;
  };
  int32_t sum = 0;
  for (int64_t t = 0; t < terms; ++t, from += depth) {
    for (int64_t k = 0; k < depth; ++k) sum += static_cast<int8_t>(from[k] ^ flip);
    int64_t k = 0;
    for (; k + kGroup <= depth; k += kGroup) put(from + k);
    if (k == depth) continue;
    uint8_t last[kGroup];
    for (int j = 0; j < kGroup; ++j) last[j] = k + j < depth ? from[k + j] : flip;
    put(last);
  }
  return sum;
}

/// Sums of `pixels` pixels, which `rows` points at, for one panel of `vectors`: some tiles at a time into `sums`, then
/// emit(out, p) for the rows from pixel p on.
template <class Tile, class Sum, class Out, class EmitRows>
void run_tiles(const Kernels& kernels, void (*const* tiles)(const Tile&), Tile tile, const uint8_t* const* rows,
               int32_t pixels, int32_t vectors, Sum* sums, Out out, EmitRows emit) {
  for (int32_t p = 0; p < pixels; p += out.rows, out.pixel += out.rows) {
    out.rows = std::min(tiles_together(kernels) * kernels.int_rows, pixels - p);
    const int32_t whole = out.rows / kernels.int_rows, left = out.rows % kernels.int_rows;
    const auto run = [&](int32_t count, int32_t first, int32_t tall) {
      if (count == 0 || tall == 0) return;
      tile.rows = rows + p + first;
      tile.tiles = count;
      tile.sums = sums + first * out.stride;
      tiles[(tall - 1) * kernels.int_vectors + vectors - 1](tile);
    };
    run(whole, 0, kernels.int_rows);
    run(1, whole * kernels.int_rows, left);
    emit(out, p);
  }
}

}  // namespace tulle::kernels
