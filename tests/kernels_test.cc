// Every instruction set's kernels against the plain loops, on random small models with ragged shapes and numbers that
// are hard to round. TULLE_KERNEL_CASES=100 tries a hundred times as many; TULLE_KERNEL_SEED=7 tries that seed alone.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <limits>

#include "graph/text.h"
#include "graph/verify.h"
#include "kernel_recurrent.h"
#include "kernels/isa.h"
#include "runtime/session.h"

namespace tulle {
namespace {

/// One way to draw a model. Add a row here for every operator that gets kernels.
struct Row {
  const char* name;
  int cases;
  void (*draw)(Maker&);
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
constexpr Row kRows[] = {
    {"Conv2dF32", 40, [](Maker& m) { draw_conv_2d(m, reals(m)); }},
    {"Conv2dF32Squares", 20, [](Maker& m) { draw_squares(m); }},
    {"Conv2dHybrid", 30, [](Maker& m) { draw_conv_2d(m, hybrid(m)); }},
    {"Conv2dI8", 60, [](Maker& m) { draw_conv_2d(m, codes_i8(m)); }},
    {"Conv2dU8", 50, [](Maker& m) { draw_conv_2d(m, codes_u8(m)); }},
    {"Conv2dI8Squares", 30, [](Maker& m) { draw_code_squares(m, codes_i8(m)); }},
    {"Conv2dU8Squares", 30, [](Maker& m) { draw_code_squares(m, codes_u8(m)); }},
    {"Conv2dI16", 15, [](Maker& m) { draw_conv_2d(m, codes_i16(m)); }},
    {"DepthwiseF32", 40, [](Maker& m) { draw_depthwise(m, reals(m)); }},
    {"DepthwiseHybrid", 30, [](Maker& m) { draw_depthwise(m, hybrid(m)); }},
    {"DepthwiseI8", 60, [](Maker& m) { draw_depthwise(m, codes_i8(m)); }},
    {"DepthwiseU8", 50, [](Maker& m) { draw_depthwise(m, codes_u8(m)); }},
    {"DepthwiseI16", 15, [](Maker& m) { draw_depthwise(m, codes_i16(m)); }},
    {"FullyConnectedF32", 40, [](Maker& m) { draw_fully_connected(m, reals(m)); }},
    {"FullyConnectedHybrid", 40, [](Maker& m) { draw_fully_connected(m, hybrid(m)); }},
    {"FullyConnectedI8", 60, [](Maker& m) { draw_fully_connected(m, codes_i8(m)); }},
    {"FullyConnectedU8", 50, [](Maker& m) { draw_fully_connected(m, codes_u8(m)); }},
    {"FullyConnectedI16", 20, [](Maker& m) { draw_fully_connected(m, codes_i16(m)); }},
    {"FullyConnectedI16Ends", 40, [](Maker& m) { m.extreme = true, draw_fully_connected(m, codes_i16(m)); }},
    {"TransposeConvF32", 20, [](Maker& m) { draw_transpose_conv(m, reals(m)); }},
    {"TransposeConvHybrid", 20, [](Maker& m) { draw_transpose_conv(m, hybrid(m)); }},
    {"TransposeConvI8", 20, [](Maker& m) { draw_transpose_conv(m, codes_i8(m)); }},
    {"TransposeConvU8", 20, [](Maker& m) { draw_transpose_conv(m, codes_u8(m)); }},
    {"TransposeConvI16", 10, [](Maker& m) { draw_transpose_conv(m, codes_i16(m)); }},
    {"Chain", 60, draw_chain},
    {"Add", 60, draw_add},
    {"Sub", 40, draw_sub},
    {"Mul", 60, draw_mul},
    {"SquaredDifference", 60, draw_squared_difference},
    {"AveragePool", 60, draw_average_pool},
    {"MaxPool", 60, draw_max_pool},
    {"Mean", 60, draw_mean},
    {"Softmax", 60, draw_softmax},
    {"ResizeBilinear", 50, draw_resize_bilinear},
    {"ResizeNearestNeighbor", 50, draw_resize_nearest},
    {"ArgMaxAndMin", 80, draw_arg},
    {"Cast", 40, draw_cast},
    {"Gather", 40, draw_gather},
    {"LogisticAndHardSwish", 60, draw_unary},
    {"QuantizeAndDequantize", 60, draw_quantize},
    {"Concatenation", 50, draw_concatenation},
    {"Pad", 50, draw_pad},
    {"Transpose", 50, draw_transpose},
    {"BatchMatmul", 60, draw_batch_matmul},
    {"LstmF32", 40, draw_lstm_f32},
    {"LstmHybrid", 20, draw_lstm_hybrid},
    {"LstmI8", 40, draw_lstm_i8},
    {"LstmBasic", 20, draw_lstm_basic},
    {"Svdf", 60, draw_svdf},
};

using Bytes = std::vector<std::byte>;

/// What came of the runs of one model: the output of each, or why there is none.
struct Outcome {
  std::vector<Bytes> outputs;
  std::string refused, broken;
  DType type = DType::kFloat32;
};

/// Which NaN a sum of two becomes hangs on their order, which compilers choose.
void make_nans_one(Bytes& bytes) {
  for (size_t i = 0; i + sizeof(float) <= bytes.size(); i += sizeof(float)) {
    float x;
    std::memcpy(&x, bytes.data() + i, sizeof x);
    if (!std::isnan(x)) continue;
    x = std::numeric_limits<float>::quiet_NaN();
    std::memcpy(bytes.data() + i, &x, sizeof x);
  }
}

/// Memory for an output, of the size it should have and no more, with room on both sides that must stay as it is.
class Guarded {
 public:
  Guarded(size_t bytes, size_t shift) : memory_(bytes + 2 * kRoom, kMark), at_(kRoom + shift), size_(bytes) {}
  std::byte* data() { return memory_.data() + at_; }
  bool whole() const {
    for (size_t i = 0; i < memory_.size(); ++i)
      if ((i < at_ || i >= at_ + size_) && memory_[i] != kMark) return false;
    return true;
  }

 private:
  static constexpr size_t kRoom = 128;
  static constexpr std::byte kMark{0xA5};
  Bytes memory_;
  size_t at_, size_;
};

/// Runs every feed in turn in one session. With `own`, inputs and outputs lie in memory of the caller that is aligned
/// to the element alone, each input in a block of its size, so that a sanitizer sees what is read past its end.
Outcome run(const std::shared_ptr<const Model>& model, const std::vector<Feed>& feeds, const std::string& isa,
            int threads, const std::shared_ptr<Constants>& constants, bool own) {
  setenv("TULLE_ISA", isa.c_str(), 1);
  Outcome outcome;
  auto made = Session::create(model, {.threads = threads, .constants = constants});
  const auto refuse = [&](const Error& error) {
    outcome.refused = error.message;
    return outcome;
  };
  if (!made) return refuse(made.error());
  Session& session = **made;
  for (const Feed& feed : feeds) {
    std::vector<std::unique_ptr<std::byte[]>> blocks;
    for (size_t i = 0; i < feed.shapes.size(); ++i)
      if (auto result = session.resize(static_cast<int>(i), feed.shapes[i]); !result) return refuse(result.error());
    if (auto result = session.prepare(); !result) return refuse(result.error());
    for (size_t i = 0; i < feed.bytes.size(); ++i) {
      const int index = static_cast<int>(i);
      const Bytes& bytes = feed.bytes[i];
      const size_t width = static_cast<size_t>(bits(session.input(index).dtype)) / 8;
      if (!own || bytes.empty() || width == 0) {
        if (auto result = session.set_input(index, bytes); !result) return refuse(result.error());
        continue;
      }
      blocks.push_back(std::make_unique<std::byte[]>(bytes.size() + width));
      std::memcpy(blocks.back().get() + width, bytes.data(), bytes.size());
      if (auto result = session.bind_input(index, blocks.back().get() + width, bytes.size()); !result)
        return refuse(result.error());
    }
    const size_t bytes = session.output(0).bytes;
    outcome.type = session.output(0).dtype;
    Guarded output(bytes, static_cast<size_t>(std::max(bits(outcome.type) / 8, 1)));
    if (own && bytes > 0)
      if (auto result = session.bind_output(0, output.data(), bytes); !result) return refuse(result.error());
    if (auto result = session.run(); !result) return refuse(result.error());
    const std::byte* data = session.output(0).data;
    outcome.outputs.emplace_back(data, data + bytes);
    if (session.output(0).dtype == DType::kFloat32) make_nans_one(outcome.outputs.back());
    if (!output.whole()) outcome.broken = "the memory around the output was written to";
    if (!own) continue;
    for (size_t i = 0; i < feed.bytes.size(); ++i) (void)session.bind_input(static_cast<int>(i), nullptr, 0);
    if (bytes > 0) (void)session.bind_output(0, nullptr, 0);
  }
  return outcome;
}

std::vector<double> numbers(DType type, const Bytes& bytes) {
  const auto as = [&]<class T>(T) {
    std::vector<T> typed(bytes.size() / sizeof(T));
    if (!typed.empty()) std::memcpy(typed.data(), bytes.data(), typed.size() * sizeof(T));
    return std::vector<double>(typed.begin(), typed.end());
  };
  switch (type) {
    case DType::kFloat32: return as(float{});
    case DType::kInt8: return as(int8_t{});
    case DType::kInt16: return as(int16_t{});
    case DType::kInt32: return as(int32_t{});
    default: return as(uint8_t{});
  }
}

/// How far reals may be apart: a part of the range of all, or of what they were added up from.
double tolerance(const Maker& maker, const Feed& feed, const std::vector<double>& expected) {
  if (maker.exact) return 0;
  double low = 0, high = 0, magnitude = maker.magnitude;
  for (const double x : expected)
    if (std::abs(x) < 1e30) low = std::min(low, x), high = std::max(high, x);
  for (size_t i = 0; i < feed.bytes.size(); ++i) {
    if (maker.graph.values[static_cast<size_t>(maker.graph.inputs[i])].dtype != DType::kFloat32) continue;
    double most = 1;
    for (const double x : numbers(DType::kFloat32, feed.bytes[i]))
      if (std::isfinite(x)) most = std::max(most, std::abs(x));
    magnitude *= most;
  }
  return 1e-5 * std::max(high - low, magnitude);
}

/// Empty where the outcomes agree, else how they differ.
std::string differences(const Maker& maker, const std::vector<Feed>& feeds, const Outcome& expected,
                        const Outcome& found) {
  if (!found.broken.empty()) return found.broken;
  if (expected.refused != found.refused)
    return fmt::format("refused with \"{}\", expected \"{}\"", found.refused, expected.refused);
  for (size_t run = 0; run < expected.outputs.size(); ++run) {
    if (expected.outputs[run] == found.outputs[run]) continue;
    const std::vector<double> want = numbers(expected.type, expected.outputs[run]);
    const std::vector<double> got = numbers(found.type, found.outputs[run]);
    if (want.size() != got.size()) return fmt::format("run {}: {} elements, expected {}", run, got.size(), want.size());
    const double limit = expected.type == DType::kFloat32 ? tolerance(maker, feeds[run], want) : 0;
    size_t differing = 0, first = 0, worst = 0;
    double most = 0;
    for (size_t i = 0; i < want.size(); ++i) {
      const bool same = want[i] == got[i] || (std::isnan(want[i]) && std::isnan(got[i]));
      const double apart = same ? 0 : std::abs(want[i] - got[i]);
      if (apart <= limit) continue;
      if (differing++ == 0) first = i;
      if (!(apart <= most)) most = apart, worst = i;
    }
    if (differing > 0)
      return fmt::format("run {}: {} of {} differ by over {}, first at {}, most at {}: {} expected {}", run, differing,
                         want.size(), limit, first, worst, got[worst], want[worst]);
  }
  return "";
}

/// Empty, or what is wrong with the model of this seed. Sets `ran` where the plain loops took it.
std::string check(const Row& row, uint64_t seed, bool& ran) {
  uint64_t mixed = seed;
  for (const char* c = row.name; *c != '\0'; ++c) mixed = mixed * 1000003 + static_cast<unsigned char>(*c);
  Maker maker(mixed);
  row.draw(maker);
  const std::vector<Feed> feeds = maker.feeds();
  const std::shared_ptr<const Model> model = maker.model();
  const auto report = [&](const std::string& isa, int threads, const std::string& what) {
    std::string shapes;
    for (const Feed& feed : feeds)
      for (const Shape& shape : feed.shapes) shapes += " " + to_string(shape);
    return fmt::format("{} seed {}, TULLE_ISA={}, {} threads: {}\ninputs of the runs:{}\n{}", row.name, seed, isa,
                       threads, what, shapes, print(*model, Weights::kElided));
  };
  if (auto result = verify(*model); !result) return report("none", 0, result.error().message);
  const bool own = maker.rng.one_in(2), share = maker.rng.one_in(2);
  const Outcome expected = run(model, feeds, "reference", 1, nullptr, own);
  ran = expected.refused.empty();
  for (const kernels::Isa& isa : kernels::isas()) {
    if (!isa.supported()) continue;
    const std::string name(isa.name);
    const std::shared_ptr<Constants> constants = share ? make_constants() : nullptr;
    Outcome alone;
    for (int threads = 1; threads <= 3; ++threads) {
      Outcome found = run(model, feeds, name, threads, constants, own);
      std::string wrong = differences(maker, feeds, expected, found);
      if (threads > 1 && wrong.empty() && alone.outputs != found.outputs) wrong = "other bits than on one thread";
      if (!wrong.empty()) return report(name, threads, wrong);
      if (threads == 1) alone = std::move(found);
    }
  }
  return "";
}

int environment(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

class Kernels : public testing::TestWithParam<Row> {};

TEST_P(Kernels, GiveTheResultsOfThePlainLoops) {
  const Row& row = GetParam();
  const int only = environment("TULLE_KERNEL_SEED", -1);
  const int first = only < 0 ? 0 : only, cases = only < 0 ? row.cases * environment("TULLE_KERNEL_CASES", 1) : 1;
  int failed = 0, ran_count = 0;
  for (int seed = first; seed < first + cases && failed < 5; ++seed) {
    bool ran = false;
    const std::string wrong = check(row, static_cast<uint64_t>(seed), ran);
    ran_count += ran;
    if (!wrong.empty()) ++failed, ADD_FAILURE() << wrong;
  }
  // Draws that the plain loops refuse test nothing.
  if (failed == 0 && only < 0) {
    EXPECT_GE(ran_count, cases * 8 / 10) << "of " << cases;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Kernels, testing::ValuesIn(kRows), [](const auto& info) { return info.param.name; });

TEST(Isa, TheMachineHasSome) {
  bool some = false;
  for (const kernels::Isa& isa : kernels::isas()) {
    some |= isa.supported();
    std::cout << isa.name << (isa.supported() ? "" : ": not on this machine, NOT TESTED") << "\n";
  }
  EXPECT_TRUE(some);
}

}  // namespace
}  // namespace tulle
