// The loops around integer tiles.
#include "kernels/int_conv.h"

#include <algorithm>
#include <cstring>

namespace tulle::kernels {
namespace {

int64_t groups_of(const Conv2d& conv) {
  const int64_t taps = int64_t{conv.taps_h} * conv.taps_w;
  return conv.merges() ? conv.taps_h * ((int64_t{conv.taps_w} * conv.in_c + 3) / 4) : taps * ((conv.depth() + 3) / 4);
}

}  // namespace

IntConv::IntConv(const Kernels& kernels, const Conv2d& conv, Bytes8 activations, int workers, bool totals)
    : kernels_(&kernels),
      activations_(activations),
      workers_(workers),
      totals_(totals),
      groups_(groups_of(conv)),
      vectors_((conv.out_c / conv.groups + kernels.lanes - 1) / kernels.lanes),
      bands_(conv, 1, groups_ * 4 * kernels.lanes * vectors_, workers, true) {
  splits_ = bands_.count() >= workers ? 1 : static_cast<int32_t>(std::clamp<int64_t>(panels(), 1, workers));
  worker_bytes_ = static_cast<size_t>(align(static_cast<int64_t>(bands_.bytes())) + align(bands_.pixels() * 8) +
                                      align(totals ? bands_.pixels() * 4 : 0) +
                                      align(int64_t{kernels.int_rows} * kernels.int_vectors * kernels.lanes * 4));
}

// Panels, then the sums of weights, then for short sums the place of each group and how many of a panel are wide.
size_t IntConv::packed_bytes() const {
  const int64_t places = kernels_->short_sums ? (groups_ + 1) * panels() * bands_.conv().groups : 0;
  return static_cast<size_t>(places_at() + places * 4);
}

namespace {

/// One channel's weights as groups of four, `step` bytes apart; what is left over of a term is 0. Returns their sum.
int32_t pack_channel(const uint8_t* from, int64_t terms, int64_t depth, uint8_t flip, int64_t step, int8_t* to) {
  int32_t sum = 0;
  const uint32_t flips = flip * 0x01010101u;
  for (int64_t t = 0; t < terms; ++t, from += depth) {
    for (int64_t k = 0; k < depth; ++k) sum += static_cast<int8_t>(from[k] ^ flip);
    int64_t k = 0;
    for (; k + 4 <= depth; k += 4, to += step) {
      uint32_t four;
      std::memcpy(&four, from + k, 4);
      four ^= flips;
      std::memcpy(to, &four, 4);
    }
    if (k == depth) continue;
    int8_t four[4] = {};
    for (int64_t j = 0; k + j < depth; ++j) four[j] = static_cast<int8_t>(from[k + j] ^ flip);
    std::memcpy(to, four, 4);
    to += step;
  }
  return sum;
}

/// Moves the groups of a panel that are wide to its end; places[i] becomes the group that lies at i, and the last one
/// how many are wide.
void wide_last(const Kernels& kernels, int8_t* panel, int64_t bytes, int64_t groups, int32_t* places,
               std::vector<int8_t>& aside) {
  aside.clear();
  std::vector<int32_t> wide;
  int64_t at = 0;
  for (int64_t g = 0; g < groups; ++g) {
    const int8_t* group = panel + g * bytes;
    if (kernels.wide(group, bytes)) {
      wide.push_back(static_cast<int32_t>(g));
      aside.insert(aside.end(), group, group + bytes);
      continue;
    }
    if (at != g) std::memcpy(panel + at * bytes, group, static_cast<size_t>(bytes));
    places[at++] = static_cast<int32_t>(g);
  }
  if (!aside.empty()) std::memcpy(panel + at * bytes, aside.data(), aside.size());
  std::copy(wide.begin(), wide.end(), places + at);
  places[groups] = static_cast<int32_t>(wide.size());
}

}  // namespace

void IntConv::pack(const uint8_t* weights, uint8_t flip, std::byte* packed) const {
  const Conv2d& conv = bands_.conv();
  const int64_t lanes = kernels_->lanes, share = conv.out_c / conv.groups;
  const int64_t depth = bands_.term_depth(), terms = static_cast<int64_t>(bands_.terms().size());
  auto* out = reinterpret_cast<int8_t*>(packed);
  auto* sums = reinterpret_cast<int32_t*>(packed + sums_at());
  auto* places = reinterpret_cast<int32_t*>(packed + places_at());
  std::memset(sums, 0, static_cast<size_t>(places_at() - sums_at()));
  std::vector<int8_t> aside;
  for (int64_t g = 0; g < conv.groups; ++g) {
    for (int64_t vector = 0; vector < vectors_; vector += kernels_->int_vectors) {
      const int64_t width = std::min<int64_t>(kernels_->int_vectors, vectors_ - vector) * lanes, bytes = width * 4;
      const int64_t first = vector * lanes, inside = std::min(width, share - first);
      if (inside < width) std::memset(out, 0, static_cast<size_t>(groups_ * bytes));
      for (int64_t n = 0; n < inside; ++n)
        sums[g * vectors_ * lanes + first + n] =
            pack_channel(weights + (g * share + first + n) * terms * depth, terms, depth, flip, bytes, out + 4 * n);
      if (kernels_->short_sums) {
        wide_last(*kernels_, out, bytes, groups_, places, aside);
        places += groups_ + 1;
      }
      out += groups_ * bytes;
    }
  }
}

void IntConv::use(const std::byte* packed) {
  packed_ = packed;
  std::vector<int32_t> natural;
  for (const int64_t term : bands_.terms())
    for (int32_t k = 0; k < bands_.term_depth(); k += 4) natural.push_back(static_cast<int32_t>(term) + k);
  order_.clear();
  if (!kernels_->short_sums) {
    order_ = std::move(natural);
    return;
  }
  const auto* places = reinterpret_cast<const int32_t*>(packed + places_at());
  for (int64_t panel = 0; panel < panels() * bands_.conv().groups; ++panel, places += groups_ + 1)
    for (int64_t i = 0; i < groups_; ++i) order_.push_back(natural[static_cast<size_t>(places[i])]);
}

void IntConv::run(const void* x, const int32_t* zero_points, int64_t rows_each, std::byte* scratch, ThreadPool* pool,
                  Emit emit) const {
  parallel(pool, bands_.count() * splits_, [&](int32_t task, int worker) {
    band(task, static_cast<const uint8_t*>(x), zero_points, rows_each,
         scratch + worker_bytes_ * static_cast<size_t>(worker), emit);
  });
}

void IntConv::band(int32_t task, const uint8_t* x, const int32_t* zero_points, int64_t rows_each, std::byte* scratch,
                   Emit emit) const {
  const Conv2d& conv = bands_.conv();
  const Band band = bands_.band(task / splits_);
  auto* values = reinterpret_cast<uint8_t*>(scratch);
  const auto** rows = reinterpret_cast<const uint8_t**>(scratch + align(static_cast<int64_t>(bands_.bytes())));
  auto* totals = reinterpret_cast<int32_t*>(reinterpret_cast<std::byte*>(rows) + align(bands_.pixels() * 8));
  auto* sums =
      reinterpret_cast<int32_t*>(reinterpret_cast<std::byte*>(totals) + align(totals_ ? bands_.pixels() * 4 : 0));
  const int64_t row_values = int64_t{conv.in_w} * conv.in_c;
  const auto zero_of_row = [&](int64_t row) { return inner_zero(zero_points[row / rows_each]); };
  const int32_t blank = zero_of_row(int64_t{band.batch} * conv.in_h);
  // Groups that end inside their pixel can be read where they lie.
  if (activations_ == Bytes8::kUint8 && !bands_.padded() && bands_.term_depth() % 4 == 0) {
    bands_.point(band, bands_.inside(band, x), rows);
  } else {
    bands_.fill(
        band, values,
        [&](int64_t row, int64_t count, uint8_t* to) {
          if (activations_ == Bytes8::kInt8)
            kernels_->flip(x + row * row_values, count, to);
          else
            std::memcpy(to, x + row * row_values, static_cast<size_t>(count));
        },
        [&](int64_t count, uint8_t* to) { std::memset(to, blank, static_cast<size_t>(count)); });
    bands_.point(band, values, rows);
  }

  const auto pixels = static_cast<int32_t>(bands_.pixels(band));
  const int32_t lanes = kernels_->lanes, share = conv.out_c / conv.groups;
  const int64_t part = task % splits_;
  for (int32_t g = 0; g < conv.groups; ++g) {
    if (g > 0)
      for (int32_t p = 0; p < pixels; ++p) rows[p] += conv.depth();
    if (totals_) {
      const bool pointwise = conv.pointwise();  // each pixel a row, which may have a zero point of its own
      const int64_t first = bands_.first_pixel(band);
      for (int32_t p = 0; p < pixels; ++p) {
        totals[p] = 0;
        const int32_t zero = pointwise ? zero_of_row(first + p) : blank;
        for (const int64_t offset : bands_.terms())
          totals[p] += kernels_->total(rows[p] + offset, bands_.term_depth()) - zero * bands_.term_depth();
      }
    }
    for (int64_t panel = panels() * part / splits_; panel < panels() * (part + 1) / splits_; ++panel) {
      const int64_t vector = panel * kernels_->int_vectors, index = g * panels() + panel;
      const auto vectors = static_cast<int32_t>(std::min<int64_t>(kernels_->int_vectors, vectors_ - vector));
      const auto channel = static_cast<int32_t>(vector * lanes);
      IntTile tile{.rows = nullptr,
                   .order = order_.data() + (kernels_->short_sums ? index * groups_ : 0),
                   .groups = static_cast<int32_t>(groups_),
                   .wide = 0,
                   .weights = reinterpret_cast<const int8_t*>(packed_) + groups_ * 4 * lanes * (g * vectors_ + vector),
                   .sums = sums};
      if (kernels_->short_sums)
        tile.wide = reinterpret_cast<const int32_t*>(packed_ + places_at())[index * (groups_ + 1) + groups_];
      Sums out{.sums = sums,
               .stride = int64_t{vectors} * lanes,
               .totals = nullptr,
               .rows = 0,
               .channels = std::min(vectors * lanes, share - channel),
               .pixel = bands_.first_pixel(band),
               .channel = g * share + channel,
               .slot = static_cast<int32_t>((g * vectors_ + vector) * lanes)};
      for (int32_t p = 0; p < pixels; p += out.rows, out.pixel += out.rows) {
        out.rows = std::min(kernels_->int_rows, pixels - p);
        if (totals_) out.totals = totals + p;
        tile.rows = rows + p;
        kernels_->int_tiles[(out.rows - 1) * kernels_->int_vectors + vectors - 1](tile);
        emit.call(emit.self, out);
      }
    }
  }
}

}  // namespace tulle::kernels
