// 3x3 convolutions of codes in squares: the plain sums, whatever the shape, the codes and the number of threads.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <memory>
#include <random>
#include <span>

#include "base/crew.h"
#include "base/thread_pool.h"
#include "kernels/int_winograd.h"
#include "kernels/isa.h"

namespace tulle::kernels {
namespace {

/// A convolution of codes. Weights are those of a file: w_zero and flip say what they stand for.
struct Case {
  Conv2d conv;
  Bytes8 type = Bytes8::kInt8;
  int32_t x_zero = 0, w_zero = 0;
  bool unsigned_weights = false;
  std::vector<uint8_t> x, w;

  int32_t code(size_t i) const { return type == Bytes8::kInt8 ? static_cast<int8_t>(x[i]) : x[i]; }
  int32_t weight(size_t i) const { return unsigned_weights ? w[i] : static_cast<int8_t>(w[i]); }
  /// The zero point of weights once packed.
  int32_t inner_w_zero() const { return w_zero - (unsigned_weights ? 128 : 0); }
};

Conv2d window(int32_t height, int32_t width, int32_t in_c, int32_t out_c, int32_t pad_h, int32_t pad_w,
              int32_t batches = 1) {
  Conv2d conv{.batches = batches, .in_h = height, .in_w = width, .in_c = in_c, .out_c = out_c};
  conv.taps_h = conv.taps_w = 3;
  conv.pad_h = pad_h;
  conv.pad_w = pad_w;
  conv.out_h = height + 2 * pad_h - 2;
  conv.out_w = width + 2 * pad_w - 2;
  return conv;
}

std::vector<int64_t> plain(const Case& of) {
  const Conv2d& conv = of.conv;
  std::vector<int64_t> sums;
  for (int32_t b = 0; b < conv.batches; ++b)
    for (int32_t y = 0; y < conv.out_h; ++y)
      for (int32_t x = 0; x < conv.out_w; ++x)
        for (int32_t n = 0; n < conv.out_c; ++n) {
          int64_t sum = 0;
          for (int32_t i = 0; i < 3; ++i)
            for (int32_t j = 0; j < 3; ++j) {
              const int32_t row = y - conv.pad_h + i, column = x - conv.pad_w + j;
              if (row < 0 || row >= conv.in_h || column < 0 || column >= conv.in_w) continue;
              const auto at = static_cast<size_t>(((int64_t{b} * conv.in_h + row) * conv.in_w + column) * conv.in_c);
              const auto tap = static_cast<size_t>(((int64_t{n} * 3 + i) * 3 + j) * conv.in_c);
              for (size_t c = 0; c < static_cast<size_t>(conv.in_c); ++c)
                sum += (of.code(at + c) - of.x_zero) * (of.weight(tap + c) - of.w_zero);
            }
          sums.push_back(sum);
        }
  return sums;
}

constexpr int32_t kNothing = INT32_MIN;

/// Where tiles go: each output once.
struct Sink {
  const Conv2d* conv;
  std::vector<int32_t> sums;
  explicit Sink(const Conv2d& of) : conv(&of), sums(static_cast<size_t>(of.pixels() * of.out_c), kNothing) {}
  void operator()(const Sums& tile) {
    for (int32_t m = 0; m < tile.rows; ++m)
      for (int32_t n = 0; n < tile.channels; ++n) {
        int32_t& sum = sums[static_cast<size_t>((tile.pixel + m) * conv->out_c + tile.channel + n)];
        EXPECT_EQ(sum, kNothing) << "twice";
        sum = tile.sums[m * tile.stride + n];
      }
  }
};

/// The kernel with packed weights.
struct Prepared {
  IntConv conv;
  std::vector<std::byte> packed;
  IntWinograd squares;
  std::vector<std::byte> scratch;

  Prepared(const Kernels& kernels, const Case& of, int workers)
      : conv(kernels, of.conv, of.type, workers, of.inner_w_zero() != 0),
        packed(conv.packed_bytes()),
        squares(kernels, of.conv, of.type, of.inner_w_zero(), workers) {
    conv.pack(of.w.data(), of.unsigned_weights ? 128 : 0, packed.data(), nullptr);
    conv.use(packed.data());
    squares.use(packed.data());
    scratch.resize(squares.scratch_bytes() + 64);
  }
  std::byte* memory() {
    void* at = scratch.data();
    size_t space = scratch.size();
    return static_cast<std::byte*>(std::align(64, squares.scratch_bytes(), at, space));
  }
};

/// Bytes behind which there is no memory.
class Fenced {
 public:
  explicit Fenced(std::span<const uint8_t> bytes)
      : before_((bytes.size() + kPage - 1) / kPage * kPage),
        memory_(static_cast<uint8_t*>(
            mmap(nullptr, before_ + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))),
        data_(memory_ + before_ - bytes.size()) {
    std::ranges::copy(bytes, data_);
    EXPECT_EQ(mprotect(memory_ + before_, kPage, PROT_NONE), 0);
  }
  Fenced(const Fenced&) = delete;
  Fenced& operator=(const Fenced&) = delete;
  ~Fenced() { munmap(memory_, before_ + kPage); }
  const uint8_t* data() const { return data_; }

 private:
  static constexpr size_t kPage = 65536;  // or several of the system's
  size_t before_;
  uint8_t *memory_, *data_;
};

std::vector<int32_t> all_at_once(const Kernels& kernels, const Case& of, ThreadPool* pool, int workers) {
  Prepared kernel(kernels, of, workers);
  Sink sink(of.conv);
  const auto emit = [&](const Sums& tile) { sink(tile); };
  const Fenced x(of.x);
  kernel.squares.run(x.data(), of.x_zero, kernel.memory(), pool, emit_to(emit));
  return sink.sums;
}

/// Some rows after the other, of an input that ends with the last row they need.
std::vector<int32_t> by_rows(const Kernels& kernels, const Case& of, int32_t rows) {
  Prepared kernel(kernels, of, 1);
  Sink sink(of.conv);
  const auto emit = [&](const Sums& tile) { sink(tile); };
  const int64_t row_bytes = int64_t{of.conv.in_w} * of.conv.in_c;
  for (int32_t first = 0; first < of.conv.out_h; first += rows) {
    const int32_t last = std::min(first + rows, of.conv.out_h);
    const int64_t from = std::max(first - of.conv.pad_h, 0), to = std::min(last - of.conv.pad_h + 2, of.conv.in_h);
    const Fenced part({of.x.data() + from * row_bytes, static_cast<size_t>((to - from) * row_bytes)});
    const auto* x = reinterpret_cast<const uint8_t*>(reinterpret_cast<uintptr_t>(part.data()) -
                                                     static_cast<uintptr_t>(from * row_bytes));
    kernel.squares.run_rows(x, of.x_zero, kernel.memory(), 0, int64_t{first} * of.conv.out_w,
                            int64_t{last - first} * of.conv.out_w, emit_to(emit));
  }
  return sink.sums;
}

/// What codes are: any, or the ends of their type alone.
std::vector<uint8_t> codes(std::mt19937& random, size_t count, bool ends, bool is_unsigned) {
  std::vector<uint8_t> made(count);
  const uint8_t low = is_unsigned ? 0 : 0x80, high = is_unsigned ? 0xFF : 0x7F;
  const auto few = static_cast<uint32_t>(random() % 3);  // mostly low, mostly high or both
  for (uint8_t& code : made)
    code = !ends ? static_cast<uint8_t>(random()) : random() % 8 < (few == 0 ? 1u : few == 1 ? 7u : 4u) ? low : high;
  return made;
}

Case draw(std::mt19937& random, const Conv2d& conv) {
  Case made{.conv = conv, .type = random() % 2 == 0 ? Bytes8::kInt8 : Bytes8::kUint8};
  const bool is_unsigned = made.type == Bytes8::kUint8;
  made.unsigned_weights = random() % 2 == 0;
  const auto zero = [&](bool of_unsigned) {
    const int32_t low = of_unsigned ? 0 : -128;
    const int32_t zeros[] = {low, low + 255, low + 128, low + static_cast<int32_t>(random() % 256)};
    return zeros[random() % 4];
  };
  made.x_zero = zero(is_unsigned);
  if (made.unsigned_weights) made.w_zero = zero(true);
  made.x = codes(random, static_cast<size_t>(int64_t{conv.batches} * conv.in_h * conv.in_w * conv.in_c),
                 random() % 3 == 0, is_unsigned);
  made.w =
      codes(random, static_cast<size_t>(int64_t{9} * conv.in_c * conv.out_c), random() % 3 == 0, made.unsigned_weights);
  return made;
}

/// Calls f with every set that has squares.
template <class F>
void on_each_set(F f) {
  for (const Isa& isa : isas()) {
    if (!isa.supported() || isa.kernels->squares == nullptr) continue;
    SCOPED_TRACE(isa.name);
    f(*isa.kernels);
  }
}

std::string describe(const Case& of) {
  const Conv2d& c = of.conv;
  return fmt::format("{}x{}x{}x{} to {}x{}x{}, zero points {} and {}", c.batches, c.in_h, c.in_w, c.in_c, c.out_h,
                     c.out_w, c.out_c, of.x_zero, of.w_zero);
}

/// On every set, alone, on two threads, and some rows at a time.
void expect_plain_sums(const Case& of, ThreadPool* pool) {
  const std::vector<int64_t> sums = plain(of);
  const std::vector<int32_t> expected(sums.begin(), sums.end());
  on_each_set([&](const Kernels& kernels) {
    ASSERT_TRUE(IntWinograd::fits(kernels, of.conv));
    ASSERT_EQ(all_at_once(kernels, of, nullptr, 1), expected) << describe(of);
    ASSERT_EQ(all_at_once(kernels, of, pool, 2), expected) << describe(of) << ", two threads";
    if (of.conv.batches > 1) return;
    for (const int32_t rows : {1, 3, 4})
      ASSERT_EQ(by_rows(kernels, of, rows), expected) << describe(of) << ", " << rows << " rows at a time";
  });
}

TEST(IntWinograd, GivesThePlainSumsOfAllShapes) {
  ThreadPool pool(2, std::make_shared<Crew>(2));
  const ThreadPool::Hold hold(&pool);
  std::mt19937 random(1);
  for (int32_t height = 1; height <= 14; ++height)
    for (int32_t width = 1; width <= 14; ++width) {
      const auto pad = static_cast<int32_t>(random() % 2);
      if (pad == 0 && (height < 3 || width < 3)) continue;
      const Conv2d conv = window(height, width, 2 * static_cast<int32_t>(1 + random() % 35),
                                 static_cast<int32_t>(1 + random() % 70), pad, pad);
      expect_plain_sums(draw(random, conv), hold.pool());
      if (HasFatalFailure()) return;
    }
}

/// Several panels, blocks of filters, areas and parts of rows; uneven paddings; batches.
TEST(IntWinograd, GivesThePlainSumsOfLargeShapes) {
  ThreadPool pool(2, std::make_shared<Crew>(2));
  const ThreadPool::Hold hold(&pool);
  std::mt19937 random(2);
  for (const Conv2d& conv : {window(14, 14, 330, 150, 1, 1), window(3, 900, 8, 20, 1, 1), window(5, 340, 70, 7, 1, 0),
                             window(61, 33, 34, 70, 2, 2), window(9, 11, 24, 30, 1, 1, 3)}) {
    expect_plain_sums(draw(random, conv), hold.pool());
    if (HasFatalFailure()) return;
  }
}

/// Whole rows, or parts of them, of all channels, each once and after all their tiles.
TEST(IntWinograd, SaysWhatIsFinished) {
  on_each_set([&](const Kernels& kernels) {
    for (const Conv2d& conv : {window(14, 14, 16, 40, 1, 1), window(6, 900, 40, 24, 1, 1, 2)}) {
      std::mt19937 random(3);
      const Case of = draw(random, conv);
      Prepared kernel(kernels, of, 1);
      ASSERT_TRUE(kernel.squares.piece_by_piece());
      Sink sink(of.conv);
      std::vector<int> finished(sink.sums.size());
      const auto emit = [&](const Sums& tile) { sink(tile); };
      const auto done = [&](int64_t first, int64_t count) {
        for (int64_t i = first; i < first + count; ++i) {
          EXPECT_NE(sink.sums[static_cast<size_t>(i)], kNothing);
          ++finished[static_cast<size_t>(i)];
        }
      };
      const After after{[](const void* self, int64_t first, int64_t count) {
                          (*static_cast<const decltype(done)*>(self))(first, count);
                        },
                        &done};
      Emit to = emit_to(emit);
      to.after = &after;
      kernel.squares.run(of.x.data(), of.x_zero, kernel.memory(), nullptr, to);
      EXPECT_TRUE(std::ranges::all_of(finished, [](int times) { return times == 1; }));
    }
  });
}

/// All products as large as can be, of either sign: blocks of channels that are full, or have one pair too many.
TEST(IntWinograd, GivesTheLargestSums) {
  on_each_set([&](const Kernels& kernels) {
    for (const int32_t w_zero : {0, 131, 112, 255})
      for (const int32_t channels : {56, 58, 100, 102, 110, 112, 114, 116, 228, 230, 342})
        for (const auto& [code, x_zero] : {std::pair(uint8_t{127}, -128), std::pair(uint8_t{0x80}, 127)})
          for (const uint8_t weight : {0, 255}) {
            Case of{.conv = window(6, 7, channels, 3, 1, 1), .x_zero = x_zero, .w_zero = w_zero};
            of.unsigned_weights = w_zero != 0;
            of.x.assign(static_cast<size_t>(42 * channels), code);
            of.w.assign(static_cast<size_t>(27 * channels), weight);
            if (!of.unsigned_weights)
              for (uint8_t& w : of.w) w ^= 0x80;
            const std::vector<int64_t> sums = plain(of);
            const std::vector<int32_t> expected(sums.begin(), sums.end());
            ASSERT_EQ(all_at_once(kernels, of, nullptr, 1), expected) << describe(of);
          }
  });
}

/// What is done in squares, and what is not.
TEST(IntWinograd, TakesWindowsOfThreeByThree) {
  on_each_set([&](const Kernels& kernels) {
    const Conv2d good = window(14, 14, 64, 64, 1, 1);
    EXPECT_TRUE(IntWinograd::fits(kernels, good));
    for (auto change :
         {+[](Conv2d& c) { c.taps_h = 1; }, +[](Conv2d& c) { c.taps_w = 5; }, +[](Conv2d& c) { c.stride_h = 2; },
          +[](Conv2d& c) { c.stride_w = 2; }, +[](Conv2d& c) { c.dilation_h = 2; },
          +[](Conv2d& c) { c.dilation_w = 2; }, +[](Conv2d& c) { c.groups = 2; }, +[](Conv2d& c) { c.in_c = 63; }}) {
      Conv2d other = good;
      change(other);
      EXPECT_FALSE(IntWinograd::fits(kernels, other));
    }
    EXPECT_TRUE(IntWinograd::pays(kernels, window(56, 56, 64, 64, 1, 1)));
    EXPECT_TRUE(IntWinograd::pays(kernels, window(7, 7, 512, 512, 1, 1)));
    EXPECT_FALSE(IntWinograd::pays(kernels, window(4, 4, 256, 256, 1, 1)));
    EXPECT_FALSE(IntWinograd::pays(kernels, window(5, 5, 64, 64, 1, 1)));
    EXPECT_FALSE(IntWinograd::pays(kernels, window(56, 56, 2, 16, 1, 1)));
  });
}

}  // namespace
}  // namespace tulle::kernels
