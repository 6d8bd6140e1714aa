// The loops around integer tiles.
#include "kernels/int_conv.h"

#include <algorithm>
#include <cstring>

namespace tulle::kernels {
namespace {

constexpr int64_t kAlign = 64;
int64_t align(int64_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }

int32_t depth_of_term(const Conv2d& conv) {
  return static_cast<int32_t>(conv.merges() ? int64_t{conv.taps_w} * conv.in_c : conv.depth());
}
int64_t terms_of(const Conv2d& conv) { return int64_t{conv.taps_h} * (conv.merges() ? 1 : conv.taps_w); }

}  // namespace

IntConv::IntConv(const Kernels& kernels, const Conv2d& conv, Bytes8 activations, int workers, bool totals)
    : kernels_(&kernels),
      activations_(activations),
      workers_(workers),
      totals_(totals),
      groups_((depth_of_term(conv) + kernels.group - 1) / kernels.group),
      panel_bytes_(terms_of(conv) * groups_ * kernels.group * kernels.lanes),
      padded_channels_((conv.out_c / conv.groups + kernels.lanes - 1) / kernels.lanes * kernels.lanes),
      bands_(conv, kernels.group == 2 ? 2 : 1, panel_bytes_ * (padded_channels_ / kernels.lanes), workers, true) {
  const int64_t panels = (padded_channels_ / kernels.lanes + kernels.tile_vectors - 1) / kernels.tile_vectors;
  splits_ = bands_.count() >= workers ? 1 : static_cast<int32_t>(std::clamp<int64_t>(panels, 1, workers));
  worker_bytes_ = static_cast<size_t>(align(static_cast<int64_t>(bands_.bytes())) + align(bands_.pixels() * 8) +
                                      align(totals ? bands_.pixels() * 4 : 0) +
                                      align(int64_t{kernels.tile_rows} * kernels.tile_vectors * kernels.lanes * 4));
}

size_t IntConv::packed_bytes() const {
  const int64_t groups = bands_.conv().groups;
  const int64_t panels = panel_bytes_ * (padded_channels_ / kernels_->lanes) * groups;
  return static_cast<size_t>(align(panels) + (kernels_->group == 4 ? padded_channels_ * groups * 4 : 0));
}

const int32_t* IntConv::weight_sums(const std::byte* packed) const {
  if (kernels_->group != 4) return nullptr;
  const int64_t panels = panel_bytes_ * (padded_channels_ / kernels_->lanes) * bands_.conv().groups;
  return reinterpret_cast<const int32_t*>(packed + align(panels));
}

void IntConv::pack(const uint8_t* weights, uint8_t flip, std::byte* packed) const {
  const Conv2d& conv = bands_.conv();
  const int32_t group = kernels_->group, lanes = kernels_->lanes, share = conv.out_c / conv.groups;
  const int32_t depth = bands_.term_depth(), terms = static_cast<int32_t>(bands_.terms().size());
  const int64_t filter = int64_t{terms} * depth;
  auto* out = reinterpret_cast<int8_t*>(packed);
  auto* sums = const_cast<int32_t*>(weight_sums(packed));
  for (int32_t g = 0; g < conv.groups; ++g) {
    for (int32_t first = 0; first < share; first += kernels_->tile_vectors * lanes) {
      const int32_t width =
          std::min<int32_t>(kernels_->tile_vectors * lanes, static_cast<int32_t>(padded_channels_) - first);
      for (int32_t n = 0; n < width; ++n) {
        const uint8_t* from = weights + (int64_t{g} * share + first + n) * filter;
        const bool inside = first + n < share;
        int8_t* to = out + n * group;
        int32_t sum = 0;
        for (int32_t t = 0; t < terms; ++t) {
          for (int32_t k = 0; k < groups_ * group; k += group, to += int64_t{width} * group) {
            for (int32_t j = 0; j < group; ++j) {
              const int8_t w =
                  inside && k + j < depth ? static_cast<int8_t>(from[int64_t{t} * depth + k + j] ^ flip) : int8_t{0};
              to[j] = w;
              sum += w;
            }
          }
        }
        if (sums != nullptr) sums[(int64_t{g} * padded_channels_) + first + n] = sum;
      }
      out += panel_bytes_ * (width / lanes);
    }
  }
}

void IntConv::run(const void* x, const int32_t* zero_points, int64_t rows_each, const std::byte* packed,
                  std::byte* scratch, ThreadPool* pool, Emit emit) const {
  parallel(pool, bands_.count() * splits_, [&](int32_t task, int worker) {
    band(task, static_cast<const uint8_t*>(x), zero_points, rows_each, packed,
         scratch + worker_bytes_ * static_cast<size_t>(worker), emit);
  });
}

void IntConv::band(int32_t task, const uint8_t* x, const int32_t* zero_points, int64_t rows_each,
                   const std::byte* packed, std::byte* scratch, Emit emit) const {
  const Conv2d& conv = bands_.conv();
  const Band band = bands_.band(task / splits_);
  auto* values = reinterpret_cast<uint8_t*>(scratch);
  const auto** rows = reinterpret_cast<const uint8_t**>(scratch + align(static_cast<int64_t>(bands_.bytes())));
  auto* totals = reinterpret_cast<int32_t*>(reinterpret_cast<std::byte*>(rows) + align(bands_.pixels() * 8));
  auto* sums =
      reinterpret_cast<int32_t*>(reinterpret_cast<std::byte*>(totals) + align(totals_ ? bands_.pixels() * 4 : 0));
  const int64_t row_values = int64_t{conv.in_w} * conv.in_c;
  const int32_t blank = inner_zero(zero_points[(int64_t{band.batch} * conv.in_h) / rows_each]);
  const int64_t element = kernels_->group == 2 ? 2 : 1;
  bands_.fill(
      band, values,
      [&](int64_t row, int64_t count, uint8_t* to) {
        const int32_t zero = zero_points[row / rows_each];
        if (activations_ == Bytes8::kInt8)
          kernels_->expand_i8(reinterpret_cast<const int8_t*>(x) + row * row_values, count, zero, to);
        else
          kernels_->expand_u8(x + row * row_values, count, zero, to);
      },
      [&](int64_t count, uint8_t* to) { std::memset(to, blank, static_cast<size_t>(count * element)); });
  bands_.point(band, values, rows);

  const int32_t pixels = static_cast<int32_t>(bands_.pixels(band)), lanes = kernels_->lanes;
  const int32_t share = conv.out_c / conv.groups;
  const int64_t terms = static_cast<int64_t>(bands_.terms().size());
  const int32_t panels =
      static_cast<int32_t>((padded_channels_ / lanes + kernels_->tile_vectors - 1) / kernels_->tile_vectors);
  const int32_t part = task % splits_;
  const int32_t first_panel = panels * part / splits_, last_panel = panels * (part + 1) / splits_;
  for (int32_t g = 0; g < conv.groups; ++g) {
    if (g > 0)
      for (int32_t p = 0; p < pixels; ++p) rows[p] += conv.depth() * element;
    if (totals_)
      for (int32_t p = 0; p < pixels; ++p) {
        totals[p] = 0;
        for (const int64_t offset : bands_.terms())
          totals[p] += kernels_->total(rows[p] + offset, bands_.term_depth()) - blank * bands_.term_depth();
      }
    for (int32_t panel = first_panel; panel < last_panel; ++panel) {
      const int32_t vector = panel * kernels_->tile_vectors, channel = vector * lanes;
      const int32_t vectors =
          std::min<int32_t>(kernels_->tile_vectors, static_cast<int32_t>(padded_channels_ / lanes) - vector);
      IntTile tile{nullptr,
                   bands_.terms().data(),
                   static_cast<int32_t>(terms),
                   groups_,
                   reinterpret_cast<const int8_t*>(packed) + panel_bytes_ * (g * (padded_channels_ / lanes) + vector),
                   sums};
      for (int32_t p = 0; p < pixels; p += kernels_->tile_rows) {
        const int32_t count = std::min(kernels_->tile_rows, pixels - p);
        tile.rows = rows + p;
        kernels_->int_tiles[(count - 1) * kernels_->tile_vectors + vectors - 1](tile);
        emit.call(emit.self, {.sums = sums,
                              .stride = int64_t{vectors} * lanes,
                              .totals = totals_ ? totals + p : nullptr,
                              .rows = count,
                              .channels = std::min(vectors * lanes, share - channel),
                              .pixel = bands_.first_pixel(band) + p,
                              .channel = g * share + channel,
                              .slot = g * static_cast<int32_t>(padded_channels_) + channel});
      }
    }
  }
}

}  // namespace tulle::kernels
