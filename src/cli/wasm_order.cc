// Two texts are alike where they share many of their runs of four bytes. Of long texts a sample is compared: the runs
// with the smallest hashes, the same runs wherever they occur.
#include "cli/wasm_order.h"

#include <algorithm>
#include <numeric>

namespace tulle::cli {
namespace {

constexpr size_t kRun = 4, kSample = 256, kMost = 4096;

/// Sorted, each once.
std::vector<uint32_t> sample(std::span<const uint8_t> text) {
  std::vector<uint32_t> hashes;
  uint32_t run = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    run = run << 8 | text[i];
    if (i + 1 >= kRun) hashes.push_back(run * 0x9E3779B1U);
  }
  std::ranges::sort(hashes);
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  hashes.resize(std::min(hashes.size(), kSample));
  return hashes;
}

// Of short texts chance decides; they count for less.
constexpr double kDoubt = 8;

double ratio(size_t common, size_t all) { return static_cast<double>(common) / (static_cast<double>(all) + kDoubt); }

/// From 0, nothing in common, to 1.
double likeness(std::span<const uint32_t> a, std::span<const uint32_t> b) {
  size_t common = 0, i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    const uint32_t x = a[i], y = b[j];
    common += x == y;
    i += x <= y;
    j += y <= x;
  }
  return ratio(common, a.size() + b.size() - common);
}

}  // namespace

std::vector<uint32_t> order_by_likeness(std::span<const std::vector<uint8_t>> texts) {
  std::vector<uint32_t> order(texts.size());
  std::iota(order.begin(), order.end(), 0U);
  if (texts.size() > kMost) return order;
  std::vector<std::vector<uint32_t>> samples;
  for (const auto& text : texts) samples.push_back(sample(text));
  for (size_t i = 1; i < order.size(); ++i) {
    size_t best = i;
    double most = -1;
    const size_t size = samples[order[i - 1]].size();
    for (size_t k = i; k < order.size(); ++k) {
      const size_t other = samples[order[k]].size();
      if (ratio(std::min(size, other), std::max(size, other)) <= most) continue;
      const double here = likeness(samples[order[i - 1]], samples[order[k]]);
      if (here > most) most = here, best = k;
    }
    // The rest stays in order.
    std::rotate(order.begin() + static_cast<std::ptrdiff_t>(i), order.begin() + static_cast<std::ptrdiff_t>(best),
                order.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
  return order;
}

}  // namespace tulle::cli
