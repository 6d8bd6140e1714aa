// EMBEDDING_LOOKUP: rows of a table picked by ids; a quantised table may give float rows.
#include "ops/embedding_lookup.ref.h"

#include <cstring>
#include <utility>

#include "base/half.h"
#include "ops/block_scales.h"
#include "ops/gather.ref.h"
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  Shape shape = site.in(1).shape;
  if (shape.rank() < 2 || site.in(0).shape.rank() != 1)
    return site.invalid("ids {} must be a vector, the table {} have two dimensions or more",
                        to_string(site.in(0).shape), to_string(shape));
  shape[0] = site.in(0).shape[0];
  return set_moved_shape(site, 0, shape);
}

Result<void> check_ids(const Io& io, int64_t count, int64_t rows, const std::string& where) {
  const auto* ids = io.in<int32_t>(0);
  const int64_t bad = tulle_ref_outside(ids, 4, count, rows);
  return bad < 0 ? Result<void>()
                 : run_error(where, fmt::format("id {} is {}, the table has {} rows", bad, ids[bad], rows));
}

Result<Kernel> prepare_rows(Site& site) {
  const Shape& table = site.in(1).shape;
  const bool empty = site.out(0).elements() == 0;
  const tulle_gather p = {
      .batches = 1,
      .outer = 1,
      .axis = table[0],
      .count = site.in(0).elements(),
      .unit = empty ? 0 : site.out(0).elements() / site.in(0).elements() * element_bytes(site.in(1)),
      .index_bytes = 4};
  return [p, where = site.where()](const Io& io) -> Result<void> {
    TULLE_CHECK(check_ids(io, p.count, p.axis, where));
    tulle_ref_gather(io.in<char>(1), io.in<void>(0), io.out<char>(0), &p, 0, p.batches * p.outer * p.count);
    return {};
  };
}

/// The scales of a table of this many rows and columns: one for each block of each row.
struct Scales {
  std::vector<float> values;
  int64_t block;
};

Result<Scales> read_scales(const Site& site, int64_t rows, int64_t columns) {
  const Quantization* quantization = site.in(1).quantization;
  if (is_blockwise(site, 1)) {
    TULLE_TRY(std::vector<float> scales, block_scales(site, 1, rows, columns, "the table"));
    return Scales{std::move(scales), quantization->block_size};
  }
  if (quantization == nullptr || quantization->scale.empty())
    return site.invalid("the table '{}' needs a scale", site.in(1).name);
  const auto count = static_cast<int64_t>(quantization->scale.size());
  if (count != 1 && (count != rows || quantization->axis != 0))
    return site.invalid("the table has {} scales along dimension {}, must be one or {} along dimension 0", count,
                        quantization->axis, rows);
  for (int64_t zero_point : quantization->zero_point)
    if (zero_point != 0) return site.invalid("zero point {} of the table must be 0", zero_point);
  Scales scales = {quantization->scale, columns};
  if (count == 1) scales.values.assign(static_cast<size_t>(rows), quantization->scale[0]);
  return scales;
}

Result<Kernel> prepare_reals(Site& site) {
  const Shape& table = site.in(1).shape;
  if (site.out(0).elements() == 0 || table.elements() == 0)
    return [count = site.in(0).elements(), rows = int64_t{table[0]}, where = site.where()](const Io& io) {
      return check_ids(io, count, rows, where);
    };
  const int64_t rows = table[0], columns = table.elements(1, table.rank());
  TULLE_TRY(Scales scales, read_scales(site, rows, columns));
  tulle_embedding p = {site.in(0).elements(), columns, scales.block, bits(site.in(1).dtype)};
  if (site.out(0).dtype == DType::kFloat16) {
    const int row_at = site.scratch(4 * static_cast<uint64_t>(columns));
    const auto count = std::exchange(p.count, 1);
    return [=, scales = std::move(scales.values), where = site.where()](const Io& io) -> Result<void> {
      TULLE_CHECK(check_ids(io, count, rows, where));
      auto* row = reinterpret_cast<float*>(io.scratch[row_at]);
      auto* y = io.out<uint16_t>(0);
      for (int64_t i = 0; i < count; ++i) {
        tulle_ref_embedding_lookup(io.in<int32_t>(0) + i, io.in<uint8_t>(1), scales.data(), row, &p);
        for (int64_t j = 0; j < p.columns; ++j) *y++ = float_to_half(row[j]);
      }
      return {};
    };
  }
  return [p, rows, scales = std::move(scales.values), where = site.where()](const Io& io) -> Result<void> {
    TULLE_CHECK(check_ids(io, p.count, rows, where));
    tulle_ref_embedding_lookup(io.in<int32_t>(0), io.in<uint8_t>(1), scales.data(), io.out<float>(0), &p);
    return {};
  };
}

Result<Kernel> prepare(Site& site) {
  return site.in(1).dtype == site.out(0).dtype ? move_elements(site, prepare_rows) : prepare_reals(site);
}

}  // namespace

// Like TensorFlow Lite, reads the codes of a uint8 table as signed.
extern const Op op_embedding_lookup = {
    .types = "i32 T > T : T=" TULLE_MOVED "; i32 i8|u8|i4|i2 > f32|f16",
    .shape = shape,
    .prepare = prepare,
};

}  // namespace tulle::ops
