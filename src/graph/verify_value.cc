// Checks of one value.
#include "graph/verify_value.h"

#include <algorithm>
#include <cstring>

namespace tulle {
namespace {

constexpr auto kInvalid = ErrorCode::kInvalidFile;

/// Whether every dimension is at least `least`: 0, or kUnknown where that may stand.
Result<void> check_dims(const Shape& shape, int32_t least) {
  for (int i = 0; i < shape.rank(); ++i)
    if (shape[i] < least) return fail(kInvalid, "dimension {} is {}", i, shape[i]);
  return {};
}

Result<void> check_shapes(const Value& value) {
  TULLE_CHECK(within(check_dims(value.shape, 0), "shape"));
  if (value.shape.extent() > kMaxElements)
    return fail(kInvalid, "shape {} has over {} elements", to_string(value.shape), kMaxElements);
  if (!value.signature) return {};
  TULLE_CHECK(within(check_dims(*value.signature, kUnknown), "shape signature"));
  if (value.signature->rank() != value.shape.rank())
    return fail(kInvalid, "shape {} and shape signature {} differ in rank", to_string(value.shape),
                to_string(*value.signature));
  return {};
}

/// int32 count, count + 1 int32 offsets from the start of the table (the last is its end), bytes.
Result<void> check_strings(std::span<const std::byte> table, int64_t elements, std::vector<bool>::reference seen) {
  const auto word = [&](size_t i) {
    int32_t value;
    std::memcpy(&value, table.data() + i * sizeof(value), sizeof(value));
    return value;
  };
  if (table.size() < 8 || word(0) != elements)
    return fail(kInvalid, "string table of {} bytes holds {} strings, the shape has {} elements", table.size(),
                table.size() < 4 ? 0 : word(0), elements);
  if (seen) return {};
  const auto count = static_cast<size_t>(elements);
  if (count > table.size() / 4 - 2)
    return fail(kInvalid, "string table of {} bytes has no room for {} offsets", table.size(), count + 1);
  int64_t end = static_cast<int64_t>(count + 2) * 4;
  if (word(1) != end) return fail(kInvalid, "string 0 starts at byte {} of the table, not {}", word(1), end);
  for (size_t i = 0; i < count; ++i) {
    if (word(i + 2) < end)
      return fail(kInvalid, "string {} starts at byte {} of the table and ends at {}", i, end, word(i + 2));
    end = word(i + 2);
  }
  if (static_cast<size_t>(end) != table.size())
    return fail(kInvalid, "strings end at byte {} of a table of {}", end, table.size());
  seen = true;
  return {};
}

Result<void> check_level(const Sparsity::Dimension& level, int64_t parents, int32_t extent, int64_t& stored) {
  if (level.format == Sparsity::Dimension::Format::kDense) {
    if (level.dense_size != extent)
      return fail(kInvalid, "dense size is {}, the shape says {}", level.dense_size, extent);
    stored = parents * extent;
    return stored <= kMaxElements ? Result<void>{} : fail(kInvalid, "over {} elements", kMaxElements);
  }
  if (level.format != Sparsity::Dimension::Format::kSparseCsr)
    return fail(kInvalid, "format {} is not known", static_cast<int>(level.format));
  if (level.segments.size() != static_cast<size_t>(parents) + 1)
    return fail(kInvalid, "{} segments, {} rows need one more than that", level.segments.size(), parents);
  if (level.segments[0] != 0 || !std::is_sorted(level.segments.begin(), level.segments.end()) ||
      static_cast<size_t>(level.segments.back()) != level.indices.size())
    return fail(kInvalid, "segments do not rise from 0 to the {} indices", level.indices.size());
  for (size_t i = 0; i < level.indices.size(); ++i)
    if (level.indices[i] < 0 || level.indices[i] >= extent)
      return fail(kInvalid, "index {} is {}, the extent is {}", i, level.indices[i], extent);
  stored = static_cast<int64_t>(level.indices.size());
  return {};
}

/// Each entry is 0…count-1 and comes once.
Result<void> check_distinct(const std::vector<int32_t>& entries, int count, std::string_view what) {
  uint32_t seen = 0;
  for (const int32_t entry : entries) {
    if (entry < 0 || entry >= count || (seen >> entry & 1) != 0)
      return fail(kInvalid, "{} has entry {} twice or outside 0…{}", what, entry, count - 1);
    seen |= 1u << entry;
  }
  return {};
}

/// Levels follow one another in traversal order; each dense level multiplies the elements stored, each compressed one
/// lists them. Levels from the rank on are the insides of blocks, and always dense. `stored` becomes the number of
/// elements stored.
Result<void> check_sparsity(const Sparsity& sparsity, const Shape& shape, int64_t& stored) {
  TULLE_CHECK(check_distinct(sparsity.block_map, shape.rank(), "block map"));
  const size_t levels = shape.rank() + sparsity.block_map.size();
  if (sparsity.traversal_order.size() != levels || sparsity.dimensions.size() != levels)
    return fail(kInvalid, "{} levels in traversal order and {} described, the shape and blocks have {}",
                sparsity.traversal_order.size(), sparsity.dimensions.size(), levels);
  TULLE_CHECK(check_distinct(sparsity.traversal_order, static_cast<int>(levels), "traversal order"));

  int32_t extents[2 * kMaxRank] = {};  // of each level, by its number in traversal_order
  std::copy(shape.begin(), shape.end(), extents);
  for (size_t i = 0; i < levels; ++i) {
    const int32_t block = sparsity.traversal_order[i] - shape.rank();
    if (block < 0) continue;
    const Sparsity::Dimension& level = sparsity.dimensions[i];
    int32_t& blocked = extents[sparsity.block_map[block]];
    if (level.format != Sparsity::Dimension::Format::kDense || level.dense_size <= 0 || blocked % level.dense_size != 0)
      return fail(kInvalid, "level {}: blocks must be dense and divide the {} of dimension {}", i, blocked,
                  sparsity.block_map[block]);
    blocked /= level.dense_size;
    extents[shape.rank() + block] = level.dense_size;
  }
  stored = 1;
  for (size_t i = 0; i < levels; ++i)
    TULLE_CHECK(within(check_level(sparsity.dimensions[i], stored, extents[sparsity.traversal_order[i]], stored),
                       "level {}", i));
  return {};
}

Result<void> check_constant(ValueRules& rules, const Value& value) {
  int64_t stored = value.shape.elements();
  if (value.sparsity != nullptr) TULLE_CHECK(within(check_sparsity(*value.sparsity, value.shape, stored), "sparsity"));
  const std::span<const std::byte> data = rules.model.data(value);
  if (value.external_buffer != 0) {
    if (!data.empty())
      return fail(kInvalid, "data both in buffer {} and in external buffer {}", value.buffer, value.external_buffer);
    if (!rules.external_ids.contains(value.external_buffer))
      return fail(kInvalid, "external buffer {} does not exist", value.external_buffer);
  }
  if (value.is_variable && (!data.empty() || value.external_buffer != 0))
    return fail(kInvalid, "a variable with constant data");
  if (data.empty()) return {};
  if (value.dtype == DType::kString && value.sparsity == nullptr)
    return check_strings(data, stored, rules.string_tables[value.buffer]);
  if (bits(value.dtype) == 0) return fail(kInvalid, "{} cannot be constant", name(value.dtype));
  const auto needed = static_cast<uint64_t>(byte_size(value.dtype, stored));
  if (data.size() != needed)
    return fail(kInvalid, "buffer {} has {} bytes, {} {} takes {}", value.buffer, data.size(), name(value.dtype),
                value.sparsity != nullptr ? fmt::format("with {} elements stored", stored) : to_string(value.shape),
                needed);
  return {};
}

Result<void> check_quantization(const Quantization& quantization, const Value& value, size_t values) {
  const size_t scales = quantization.scale.size(), zero_points = quantization.zero_point.size();
  if (zero_points > 1 && zero_points != scales)
    return fail(kInvalid, "{} scales and {} zero points", scales, zero_points);
  if (scales > 1) {
    // Early quantisers wrote the axis of the filter on the bias, too, which has one dimension only.
    const int axis = value.shape.rank() == 1 ? 0 : quantization.axis;
    if (axis < 0 || axis >= value.shape.rank() || static_cast<size_t>(value.shape[axis]) != scales)
      return fail(kInvalid, "{} scales along dimension {} of {}", scales, quantization.axis, to_string(value.shape));
  }
  using Details = Quantization::Details;
  if (quantization.details == Details::kNone || quantization.details == Details::kCustom) return {};
  if (quantization.details != Details::kBlockwise && quantization.details != Details::kMultiAxis)
    return fail(kInvalid, "details of kind {} are not known", static_cast<int>(quantization.details));
  const auto outside = [&](int32_t index) { return index < 0 || static_cast<size_t>(index) >= values; };
  if (outside(quantization.scales_value))
    return fail(kInvalid, "the scales are value {}, the graph has {}", quantization.scales_value, values);
  if (quantization.zero_points_value != kAbsent && outside(quantization.zero_points_value))
    return fail(kInvalid, "the zero points are value {}, the graph has {}", quantization.zero_points_value, values);
  if (quantization.block_size < (quantization.details == Details::kBlockwise ? 1 : 0))
    return fail(kInvalid, "the block size is {}", quantization.block_size);
  return check_distinct(quantization.axes, value.shape.rank(), "axes");
}

}  // namespace

Result<void> check_value(ValueRules& rules, const Graph& graph, const Value& value) {
  const auto known = [](DType dtype) { return static_cast<int>(dtype) < kDTypeCount; };
  if (!known(value.dtype)) return fail(kInvalid, "element type {} is not known", static_cast<int>(value.dtype));
  if (value.buffer >= rules.model.buffers.size())
    return fail(kInvalid, "its data is buffer {}, the model has {}", value.buffer, rules.model.buffers.size());
  TULLE_CHECK(check_shapes(value));
  for (size_t i = 0; i < value.variants.size(); ++i) {
    const DType dtype = value.variants[i].dtype;
    if (!known(dtype)) return fail(kInvalid, "variant {}: element type {} is not known", i, static_cast<int>(dtype));
    TULLE_CHECK(within(check_dims(value.variants[i].shape, kUnknown), "variant {}", i));
  }
  TULLE_CHECK(check_constant(rules, value));
  if (value.quantization == nullptr) return {};
  return within(check_quantization(*value.quantization, value, graph.values.size()), "quantization");
}

}  // namespace tulle
