// Merging of loops, and kernels made of strided copies.
#include "ops/strided.h"

#include "ops/in_parts.h"

namespace tulle::ops {

namespace {

bool is_piece(const tulle_strided& copy) { return copy.loops == 1 && copy.extent[0] == 1; }

}  // namespace

std::array<int64_t, kMaxRank> row_major(const Shape& shape) {
  std::array<int64_t, kMaxRank> steps = {};
  if (shape.elements() == 0) return steps;  // nothing to step over, and the other dimensions may be of any size
  int64_t step = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    steps[i] = step;
    step *= shape[i];
  }
  return steps;
}

tulle_strided strided(std::span<const Loop> loops, int64_t element_bytes, int64_t from_start, int64_t to_start) {
  tulle_strided copy = {.loops = 1,
                        .unit = element_bytes,
                        .from_start = from_start * element_bytes,
                        .to_start = to_start * element_bytes};
  std::array<Loop, TULLE_STRIDED_LOOPS> kept;  // innermost first
  int count = 0;
  for (size_t i = loops.size(); i-- > 0;) {
    const Loop loop = {loops[i].extent, loops[i].from * element_bytes, loops[i].to * element_bytes};
    if (loop.extent == 0) return copy;  // one loop of no steps
    if (loop.extent == 1) continue;
    if (count == 0 && loop.from == copy.unit && loop.to == copy.unit) {
      copy.unit *= loop.extent;
    } else if (count > 0 && loop.from == kept[count - 1].from * kept[count - 1].extent &&
               loop.to == kept[count - 1].to * kept[count - 1].extent) {
      kept[count - 1].extent *= loop.extent;
    } else {
      kept[count++] = loop;
    }
  }
  if (count == 0) kept[count++] = {1, copy.unit, copy.unit};
  copy.loops = count;
  for (int i = 0; i < count; ++i) {
    const Loop& loop = kept[count - 1 - i];
    copy.extent[i] = loop.extent;
    copy.from[i] = loop.from;
    copy.to[i] = loop.to;
  }
  return copy;
}

void copy_in_parts(const Io& io, const void* source, void* target, const tulle_strided& copy) {
  // Work in bytes, as the parts are; one piece alone is cut through.
  const bool piece = is_piece(copy);
  if (static_cast<const std::byte*>(source) + copy.from_start == static_cast<std::byte*>(target) + copy.to_start)
    return;
  int64_t row = piece ? 1 : copy.unit;
  for (int i = 1; i < copy.loops; ++i) row *= copy.extent[i];
  const auto part = [&](int64_t first, int64_t count, int) {
    tulle_strided mine = copy;
    mine.from_start += first * (piece ? 1 : copy.from[0]);
    mine.to_start += first * (piece ? 1 : copy.to[0]);
    (piece ? mine.unit : mine.extent[0]) = count;
    tulle_ref_strided_copy(source, target, &mine);
  };
  in_parts(io, piece ? copy.unit : copy.extent[0], row, part, 65536);
}

Kernel copy_kernel(std::vector<Copy> copies) {
  return [copies = std::move(copies)](const Io& io) -> Result<void> {
    for (const Copy& copy : copies) {
      std::byte* to = io.out<std::byte>(copy.output);
      if (copy.input == kFromOutput)
        tulle_ref_strided_copy(to, to, &copy.strided);
      else
        copy_in_parts(io, io.in<std::byte>(copy.input), to, copy.strided);
    }
    return {};
  };
}

void tell_pieces(Site& site, std::span<const Copy> copies) {
  for (const Copy& copy : copies) {
    const tulle_strided& of = copy.strided;
    if (copy.input == kFromOutput || of.loops != 1) continue;
    const bool columns = !is_piece(of) && of.from_start == 0 && of.from[0] == of.unit;
    if (is_piece(of) || columns)
      site.leaves_in_place({copy.input, copy.output, static_cast<size_t>(of.from_start),
                            static_cast<size_t>(of.to_start), static_cast<size_t>(of.unit),
                            columns ? static_cast<size_t>(of.to[0]) : 0});
  }
}

Kernel copy_kernel(const tulle_strided& copy) { return copy_kernel(std::vector<Copy>{{0, 0, copy}}); }

}  // namespace tulle::ops
