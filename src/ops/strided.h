// Strided copies as kernels: loops over elements, merged as far as they go.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "ops/op.h"
#include "ops/strided.ref.h"

namespace tulle::ops {

/// One loop of a copy: how many steps, and by how many elements each moves in the source and in the target.
struct Loop {
  int64_t extent, from, to;
};

/// Elements between neighbours in each dimension of a tensor with contiguous rows.
std::array<int64_t, kMaxRank> row_major(const Shape& shape);

/// The copy that these loops (outermost first, at most TULLE_STRIDED_LOOPS) make of elements of this many bytes; starts
/// in elements. Loops that continue each other become one, and contiguous ones a single piece.
tulle_strided strided(std::span<const Loop> loops, int64_t element_bytes, int64_t from_start = 0, int64_t to_start = 0);

/// One copy of a kernel, from an input, or from the output itself where `input` is kFromOutput.
inline constexpr int kFromOutput = -1;
struct Copy {
  int input, output;
  tulle_strided strided;
};

/// Makes a copy between different tensors, in parallel where it is large. What begins where it is to go stays there.
void copy_in_parts(const Io& io, const void* source, void* target, const tulle_strided& copy);

/// A kernel that makes these copies in turn.
Kernel copy_kernel(std::vector<Copy> copies);
/// Tells the node which copies are of one piece, or of a whole input in pieces: Site::leaves_in_place.
void tell_pieces(Site& site, std::span<const Copy> copies);
/// The commonest: one copy from input 0 to output 0.
Kernel copy_kernel(const tulle_strided& copy);

/// Bytes of one element of a type of whole bytes.
inline int64_t element_bytes(const Tensor& tensor) { return bits(tensor.dtype) / 8; }

}  // namespace tulle::ops
