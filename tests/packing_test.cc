// Packed weights: the same bits whatever the number of threads, every byte of them written, nothing beyond.
#include <gtest/gtest.h>

#include <random>

#include "base/crew.h"
#include "base/thread_pool.h"
#include "kernels/depthwise.h"
#include "kernels/float_conv.h"
#include "kernels/int_conv.h"
#include "kernels/isa.h"
#include "kernels/wide_conv.h"
#include "kernels/winograd.h"

namespace tulle::kernels {
namespace {

/// Weights and biases for each of the convolutions below.
struct Source {
  std::vector<float> reals;
  std::vector<int8_t> codes;

  Source() {
    std::mt19937 random(1);
    reals.resize(size_t{1} << 20);
    codes.resize(reals.size());
    for (float& real : reals) real = static_cast<float>(random() % 2001) / 1000 - 1;
    for (int8_t& code : codes) code = static_cast<int8_t>(random());
  }
};

/// Packs alone and on the pool, over different bytes and with some to spare.
template <class Pack>
void compare(size_t bytes, ThreadPool* pool, Pack pack) {
  EXPECT_GE(bytes, kPackedAlone) << "too little to share";
  constexpr size_t kSpare = 64;
  std::vector<std::byte> alone(bytes + kSpare, std::byte{0x11}), shared(bytes + kSpare, std::byte{0xEE});
  pack(alone.data(), nullptr);
  pack(shared.data(), pool);
  for (size_t i = 0; i < bytes; ++i) ASSERT_EQ(alone[i], shared[i]) << "byte " << i << " of " << bytes;
  for (size_t i = 0; i < kSpare; ++i) {
    ASSERT_EQ(alone[bytes + i], std::byte{0x11});
    ASSERT_EQ(shared[bytes + i], std::byte{0xEE});
  }
}

/// Channels that fill no last panel, one group and several; terms that fill no last group.
std::vector<Conv2d> windows() {
  const Conv2d plain{.in_h = 8, .in_w = 8, .in_c = 45, .out_h = 8, .out_w = 8, .out_c = 211, .pad_h = 1, .pad_w = 1};
  Conv2d window = plain, grouped = plain;
  window.taps_h = window.taps_w = 3;
  grouped.in_c = 30, grouped.out_c = 159, grouped.groups = 3, grouped.taps_h = 7, grouped.taps_w = 3;
  Conv2d product{.in_h = 4, .in_c = 513, .out_h = 4, .out_c = 100};
  return {window, grouped, product};
}

TEST(Packing, IsTheSameOnAnyNumberOfThreads) {
  const Source source;
  for (const Isa& isa : isas()) {
    if (!isa.supported()) continue;
    SCOPED_TRACE(isa.name);
    const Kernels& kernels = *isa.kernels;
    for (const int threads : {2, 3}) {
      ThreadPool pool(threads, std::make_shared<Crew>(threads));
      const ThreadPool::Hold hold(&pool);
      for (const Conv2d& conv : windows()) {
        for (const float* bias : {source.reals.data() + 1000, static_cast<const float*>(nullptr)}) {
          const FloatConv reals(kernels, conv, threads);
          compare(reals.packed_bytes(), hold.pool(),
                  [&](std::byte* to, ThreadPool* with) { reals.pack(source.reals.data(), bias, to, with); });
        }
        if (conv.groups == 1) {
          const FloatConv reals(kernels, conv, threads);
          compare(reals.packed_bytes(), hold.pool(),
                  [&](std::byte* to, ThreadPool* with) { reals.pack_turned(source.reals.data(), to, with); });
        }
        for (const uint8_t flip : {0, 128}) {
          const IntConv codes(kernels, conv, Bytes8::kInt8, threads, false);
          compare(codes.packed_bytes(), hold.pool(), [&](std::byte* to, ThreadPool* with) {
            codes.pack(reinterpret_cast<const uint8_t*>(source.codes.data()), flip, to, with);
          });
        }
        const WideConv wide(kernels, conv, threads);
        compare(wide.packed_bytes(), hold.pool(),
                [&](std::byte* to, ThreadPool* with) { wide.pack(source.codes.data(), to, with); });
      }
      Conv2d squares{.in_h = 16, .in_w = 16, .in_c = 45, .out_h = 16, .out_w = 16, .out_c = 101};
      squares.taps_h = squares.taps_w = 3;
      squares.pad_h = squares.pad_w = 1;
      ASSERT_TRUE(Winograd::fits(kernels, squares));
      const Winograd winograd(kernels, squares, threads);
      compare(winograd.packed_bytes(), hold.pool(), [&](std::byte* to, ThreadPool* with) {
        winograd.pack(source.reals.data(), source.reals.data() + 1000, to, with);
      });
      Conv2d apart{.in_h = 9, .in_w = 9, .in_c = 1013, .out_h = 9, .out_w = 9, .out_c = 1013};
      apart.groups = apart.in_c;
      apart.taps_h = apart.taps_w = 5;
      apart.pad_h = apart.pad_w = 2;
      for (const bool narrow : {false, true}) {
        const Depthwise depthwise(kernels, apart, Bytes8::kInt8, narrow, threads);
        compare(depthwise.packed_bytes(), hold.pool(), [&](std::byte* to, ThreadPool* with) {
          depthwise.pack(source.codes.data(), narrow ? 0 : 3, to, with);
        });
      }
    }
  }
}

}  // namespace
}  // namespace tulle::kernels
