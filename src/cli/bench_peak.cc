// The roofline of bench: the tiles that convolutions are made of, without anything around them.
#include "cli/bench_peak.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <vector>

namespace tulle::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTurns = 16;
constexpr double kTurnSeconds = 0.0004;
/// Of weights: half of the smallest first caches, so that the rows of input lie there, too.
constexpr int32_t kWeightBytes = 16384;

/// Memory that begins with a cache line, as the arena and packed weights do, filled with ones.
template <class T>
class Operand {
 public:
  explicit Operand(size_t count) : lines_((count * sizeof(T) + sizeof(Line) - 1) / sizeof(Line)) {
    std::fill_n(data(), count, T{1});
  }
  T* data() { return reinterpret_cast<T*>(lines_.data()); }

 private:
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  std::vector<Line> lines_;
};

/// Calls a second, at best: what disturbs a turn only makes it longer.
template <class Call>
double rate(const Call& call) {
  const auto seconds = [&](int64_t calls) {
    const auto start = Clock::now();
    for (int64_t i = 0; i < calls; ++i) call();
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  int64_t calls = 1;
  while (seconds(calls) < kTurnSeconds) calls *= 2;
  double best = std::numeric_limits<double>::infinity();
  for (int turn = 0; turn < kTurns; ++turn) best = std::min(best, seconds(calls));
  return static_cast<double>(calls) / best;
}

double float_gops(const kernels::Kernels& k) {
  const int32_t rows = k.float_rows, width = k.float_vectors * k.lanes;
  const int32_t depth = kWeightBytes / 4 / width;
  Operand<float> x(static_cast<size_t>(rows) * depth), weights(static_cast<size_t>(depth) * width), bias(width),
      y(static_cast<size_t>(rows) * width);
  std::vector<const float*> starts;
  for (int32_t row = 0; row < rows; ++row) starts.push_back(x.data() + int64_t{row} * depth);
  const int64_t offset = 0;
  const float most = std::numeric_limits<float>::max();
  const kernels::FloatTile tile{starts.data(), 1,     &offset, 1,        depth, weights.data(),
                                bias.data(),   -most, most,    y.data(), width, width};
  const auto run = k.float_tiles[(rows - 1) * k.float_vectors + k.float_vectors - 1];
  return rate([&] { run(tile); }) * 2e-9 * rows * width * depth;
}

double int8_gops(const kernels::Kernels& k) {
  const int32_t rows = k.int_rows, width = k.int_vectors * k.lanes;
  const int32_t group = kernels::group_of(k.activations);
  const int32_t groups = kWeightBytes / group / width;
  Operand<uint8_t> x(static_cast<size_t>(rows) * groups * 4);
  Operand<int8_t> weights(static_cast<size_t>(groups) * width * group);
  Operand<int32_t> sums(static_cast<size_t>(rows) * width);
  std::vector<const uint8_t*> starts;
  for (int32_t row = 0; row < rows; ++row) starts.push_back(x.data() + int64_t{row} * groups * 4);
  const int64_t offset = 0;
  const kernels::IntTile tile{starts.data(), 1, &offset, 1, groups, weights.data(), sums.data()};
  const auto run = k.int_tiles[(rows - 1) * k.int_vectors + k.int_vectors - 1];
  return rate([&] { run(tile); }) * 2e-9 * rows * width * groups * group;
}

}  // namespace

Peak measure_peak(const kernels::Kernels* kernels, int threads) {
  if (kernels == nullptr) return {};
  return {float_gops(*kernels) * threads, int8_gops(*kernels) * threads};
}

}  // namespace tulle::cli
