// An order in which functions compress well.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tulle::cli {

/// A permutation of the indices of `texts` in which each is followed by the one most like it of those that are left:
/// compressors look back but a little way (gzip 32 KiB), and templates make many functions that differ in little. The
/// first stays first. Takes time with the square of their number; over some thousands stay as they are.
std::vector<uint32_t> order_by_likeness(std::span<const std::vector<uint8_t>> texts);

}  // namespace tulle::cli
