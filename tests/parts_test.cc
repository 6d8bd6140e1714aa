// Values that lie in others: nothing is copied between them, and nobody can tell but by their addresses.
#include <gtest/gtest.h>

#include <cstring>
#include <ctime>
#include <random>

#include "text_sessions.h"

namespace tulle {
namespace {

/// Sessions that share memory give what one that keeps all values gives, with one thread and two, in memory of their
/// own and of the caller.
void expect_same(const std::shared_ptr<const Model>& model, const std::string& what) {
  const auto kept = session(model, {.keep_all_values = true});
  ASSERT_NE(kept, nullptr) << what;
  const auto fill = [&](Session& s, int round) {
    for (size_t i = 0; i < s.inputs().size(); ++i) {
      std::vector<std::byte> bytes(s.input(static_cast<int>(i)).bytes);
      for (size_t k = 0; k < bytes.size(); ++k)
        bytes[k] = static_cast<std::byte>((k * 7 + k / 3 + i + static_cast<size_t>(round) * 5) % 53);
      ASSERT_TRUE(s.set_input(static_cast<int>(i), bytes));
    }
    const auto ran = s.run();
    ASSERT_TRUE(ran) << what << ": " << ran.error().message;
  };
  for (const int threads : {1, 2}) {
    const auto shared = session(model, {.threads = threads});
    ASSERT_NE(shared, nullptr) << what;
    std::vector<std::vector<float>> bound(shared->outputs().size());
    for (int round = 0; round < 4; ++round) {
      for (int i = 0; i < static_cast<int>(bound.size()); ++i) {
        // One float past what new gives, so that nothing is aligned to more than its elements.
        std::vector<float>& memory = bound[static_cast<size_t>(i)];
        memory.resize(shared->output(i).bytes / 4 + 2);
        const bool mine = (round + i) % 2 == 1;
        ASSERT_TRUE(shared->bind_output(i, mine ? reinterpret_cast<std::byte*>(memory.data() + 1) : nullptr,
                                        shared->output(i).bytes));
      }
      fill(*kept, round);
      fill(*shared, round);
      for (int i = 0; i < static_cast<int>(bound.size()); ++i) {
        const Tensor &a = shared->output(i), &b = kept->output(i);
        ASSERT_EQ(a.bytes, b.bytes);
        ASSERT_EQ(std::memcmp(a.data, b.data, a.bytes), 0) << what << ", output " << i << ", round " << round;
      }
    }
  }
}

/// That value lies this many bytes inside another; a negative number: that it does not.
struct Expected {
  int32_t value, whole;
  ptrdiff_t at;
};

struct Case {
  const char* name;
  const char* text;
  std::vector<Expected> expected;
};

// Buffers: 1: int32 1; 2: begin [0,5,0]; 3: size [1,6,3]; 4: sizes [5,2,4]; 5: [0,0,0]; 6: [0,7,0]; 7: [1,1,1];
// 8: a 1x1 filter of three channels; 9: size [1,4,3].
constexpr char kBuffers[] = R"(
buffer 0 bytes[]
buffer 1 bytes[01000000]
buffer 2 bytes[000000000500000000000000]
buffer 3 bytes[010000000600000003000000]
buffer 4 bytes[050000000200000004000000]
buffer 5 bytes[000000000000000000000000]
buffer 6 bytes[000000000700000000000000]
buffer 7 bytes[010000000100000001000000]
buffer 8 bytes[0000803f0000004000004040000080bf0000003f0000803e0000803f0000803f0000803f]
buffer 9 bytes[010000000400000003000000]
)";

const Case kCases[] = {
    {"inputs of a concatenation",
     R"(
graph 0 "main" inputs=[%0,%1] outputs=[%6]
  %0 "a" : float32[1,5,3]
  %1 "b" : float32[1,7,3]
  %2 "x" : float32[1,5,3] = NEG (%0)
  %3 "y" : float32[1,7,3] = ABS (%1)
  %4 "z" : float32[1,7,3] = SQUARE (%3)
  %5 "all" : float32[1,17,3] = CONCATENATION (%2, %4, %0) ConcatenationOptions {axis=1}
  %6 "out" : float32[1,17,3] = NEG (%5)
)",
     {{2, 5, 0}, {3, 5, 60}, {4, 5, 60}, {0, 5, -1}, {6, 5, 0}}},
    {"a graph's output, and a part with readers before and after",
     R"(
graph 0 "main" inputs=[%0] outputs=[%3,%5]
  %0 "a" : int8[1,5,3] q(1 0)
  %1 "x" : int8[1,5,3] q(1 0) = RELU (%0)
  %2 "y" : int8[1,5,3] q(1 0) = ABS (%1)
  %3 "all" : int8[1,15,3] q(1 0) = CONCATENATION (%2, %1, %1) ConcatenationOptions {axis=1}
  %4 "p" : int8[1,5,3] q(1 0) = RELU (%1)
  %5 "q" : int8[1,5,3] q(1 0) = RELU (%4)
)",
     {{2, 3, 0}, {1, 3, 15}, {4, 3, -1}}},
    {"a whole is not written over while parts are read",
     R"(
graph 0 "main" inputs=[%0] outputs=[%3,%4]
  %0 "a" : float32[1,5,3]
  %1 "x" : float32[1,5,3] = NEG (%0)
  %2 "all" : float32[1,10,3] = CONCATENATION (%1, %0) ConcatenationOptions {axis=1}
  %3 "y" : float32[1,10,3] = SQUARE (%2)
  %4 "z" : float32[1,5,3] = SQUARE (%1)
)",
     {{1, 2, 0}, {3, 2, -1}}},
    {"convolutions, reshaped and joined, as detectors do",
     R"(
graph 0 "main" inputs=[%0] outputs=[%9]
  %0 "a" : float32[1,5,7,3]
  %1 "w" : float32[3,1,1,3] buffer=8
  %2 "u" : float32[1,5,7,3] = CONV_2D (%0, %1, -) Conv2DOptions {padding=SAME,stride_w=1,stride_h=1}
  %3 "ur" : float32[1,35,3] = RESHAPE (%2) ReshapeOptions {new_shape=[1,35,3]}
  %4 "v" : float32[1,3,4,3] = CONV_2D (%0, %1, -) Conv2DOptions {padding=SAME,stride_w=2,stride_h=2}
  %5 "vr" : float32[1,12,3] = RESHAPE (%4) ReshapeOptions {new_shape=[1,12,3]}
  %6 "both" : float32[1,47,3] = CONCATENATION (%3, %5) ConcatenationOptions {axis=1}
  %7 "flat" : float32[141] = RESHAPE (%6) ReshapeOptions {new_shape=[141]}
  %8 "more" : float32[141] = NEG (%7)
  %9 "twice" : float32[282] = CONCATENATION (%7, %8) ConcatenationOptions {axis=0}
)",
     {{2, 6, 0}, {3, 6, 0}, {4, 6, 420}, {5, 6, 420}, {6, 9, 0}, {7, 9, 0}, {8, 9, 564}}},
    {"another axis is copied",
     R"(
graph 0 "main" inputs=[%0] outputs=[%3]
  %0 "a" : float32[2,5,3]
  %1 "x" : float32[2,5,3] = NEG (%0)
  %2 "y" : float32[2,5,3] = ABS (%0)
  %3 "all" : float32[2,10,3] = CONCATENATION (%1, %2) ConcatenationOptions {axis=1}
)",
     {{1, 3, -1}, {2, 3, -1}}},
    {"rows of convolutions are copied",
     R"(
graph 0 "main" inputs=[%0] outputs=[%4]
  %0 "a" : float32[2,5,7,3]
  %1 "w" : float32[3,1,1,3] buffer=8
  %2 "u" : float32[2,5,7,3] = CONV_2D (%0, %1, -) Conv2DOptions {padding=SAME,stride_w=1,stride_h=1}
  %3 "v" : float32[2,5,4,3] = CONV_2D (%0, %1, -) Conv2DOptions {padding=SAME,stride_w=2,stride_h=1}
  %4 "both" : float32[2,5,11,3] = CONCATENATION (%3, %2) ConcatenationOptions {axis=2}
)",
     {{2, 4, -1}, {3, 4, -1}}},
    {"codes that are translated are copied",
     R"(
graph 0 "main" inputs=[%0] outputs=[%3]
  %0 "a" : uint8[1,5,3] q(1 0)
  %1 "x" : uint8[1,5,3] q(1 0) = RELU (%0)
  %2 "y" : uint8[1,5,3] q(1 0) = RELU (%1)
  %3 "all" : uint8[1,10,3] q(2 3) = CONCATENATION (%1, %2) ConcatenationOptions {axis=1}
)",
     {{1, 3, -1}, {2, 3, -1}}},
    {"parts of a split",
     R"(
graph 0 "main" inputs=[%0] outputs=[%8,%9,%5]
  %0 "a" : float32[1,11,3]
  %1 "x" : float32[1,11,3] = NEG (%0)
  %2 "sizes" : int32[3] buffer=4
  %3 "axis" : int32[] buffer=1
  %4 "p" : float32[1,5,3], %5 "q" : float32[1,2,3], %6 "r" : float32[1,4,3] = SPLIT_V (%1, %2, %3) SplitVOptions {num_splits=3}
  %7 "p2" : float32[1,5,3] = SQUARE (%4)
  %8 "p3" : float32[1,5,3] = SQUARE (%7)
  %9 "r2" : float32[4,3] = RESHAPE (%6) ReshapeOptions {new_shape=[4,3]}
)",
     {{4, 1, 0}, {5, 1, -1}, {6, 1, 84}, {7, 1, -1}}},
    {"parts of an input, of which others are written in place",
     R"(
graph 0 "main" inputs=[%0] outputs=[%7]
  %0 "a" : float32[1,10,3]
  %1 "axis" : int32[] buffer=1
  %2 "p" : float32[1,5,3], %3 "q" : float32[1,5,3] = SPLIT (%1, %0) SplitOptions {num_splits=2}
  %4 "p2" : float32[1,5,3] = SQUARE (%2)
  %5 "q2" : float32[1,5,3] = SQUARE (%3)
  %6 "s" : float32[1,5,3] = ADD (%4, %5) AddOptions {}
  %7 "all" : float32[1,15,3] = CONCATENATION (%6, %0) ConcatenationOptions {axis=1}
)",
     {{2, 0, 0}, {3, 0, 60}, {6, 7, 0}, {5, 7, 0}}},
    {"rows unpacked and packed",
     R"(
graph 0 "main" inputs=[%0] outputs=[%5]
  %0 "a" : float32[2,5,3]
  %1 "x" : float32[2,5,3] = NEG (%0)
  %2 "p" : float32[5,3], %3 "q" : float32[5,3] = UNPACK (%1) UnpackOptions {num=2,axis=0}
  %4 "r" : float32[5,3] = SUB (%2, %3) SubOptions {}
  %5 "all" : float32[2,5,3] = PACK (%4, %3) PackOptions {values_count=2,axis=0}
)",
     {{2, 1, 0}, {3, 1, 60}, {4, 5, 0}}},
    {"slices that overlap, and slices of slices",
     R"(
graph 0 "main" inputs=[%0] outputs=[%9]
  %0 "a" : float32[1,11,3]
  %1 "x" : float32[1,11,3] = NEG (%0)
  %2 "begin" : int32[3] buffer=2
  %3 "size" : int32[3] buffer=3
  %4 "zero" : int32[3] buffer=5
  %5 "late" : float32[1,6,3] = SLICE (%1, %2, %3) SliceOptions {}
  %6 "early" : float32[1,6,3] = SLICE (%1, %4, %3) SliceOptions {}
  %10 "four" : int32[3] buffer=9
  %7 "first" : float32[1,4,3] = SLICE (%5, %4, %10) SliceOptions {}
  %8 "sum" : float32[1,6,3] = ADD (%5, %6) AddOptions {}
  %9 "all" : float32[1,10,3] = CONCATENATION (%8, %7) ConcatenationOptions {axis=1}
)",
     {{5, 1, 60}, {6, 1, -1}, {7, 1, 60}, {8, 9, 0}}},
    {"a strided slice, and a small one that is needed for long",
     R"(
graph 0 "main" inputs=[%0] outputs=[%8]
  %0 "a" : float32[1,11,3]
  %1 "x" : float32[1,11,3] = NEG (%0)
  %2 "begin" : int32[3] buffer=2
  %3 "end" : int32[3] buffer=6
  %4 "strides" : int32[3] buffer=7
  %5 "two" : float32[1,2,3] = STRIDED_SLICE (%1, %2, %3, %4) StridedSliceOptions {begin_mask=5,end_mask=5}
  %6 "rest" : float32[1,6,3] = STRIDED_SLICE (%1, %2, %3, %4) StridedSliceOptions {begin_mask=5,end_mask=7}
  %7 "sum" : float32[1,6,3] = SUB (%6, %6) SubOptions {}
  %8 "all" : float32[1,8,3] = CONCATENATION (%7, %5) ConcatenationOptions {axis=1}
)",
     {{5, 1, -1}, {6, 1, 60}, {5, 8, 72}, {7, 8, 0}}},
    {"a reshape of what others read, too",
     R"(
graph 0 "main" inputs=[%0] outputs=[%3,%4]
  %0 "a" : float32[2,5,3]
  %1 "x" : float32[2,5,3] = NEG (%0)
  %2 "r" : float32[10,3] = RESHAPE (%1) ReshapeOptions {new_shape=[10,3]}
  %3 "y" : float32[2,5,3] = SQUARE (%1)
  %4 "z" : float32[10,3] = ABS (%2)
)",
     {{2, 1, 0}, {3, 1, -1}, {4, 1, -1}}},
};

TEST(Parts, LieInTheirWhole) {
  for (const Case& c : kCases) {
    const auto model = tulle::model(std::string(c.text) + kBuffers);
    ASSERT_NE(model, nullptr) << c.name;
    expect_same(model, c.name);
    const auto s = session(model);
    for (const Expected& e : c.expected) {
      const Tensor &part = s->value(e.value), &whole = s->value(e.whole);
      const ptrdiff_t at = part.data - whole.data;
      if (e.at >= 0)
        EXPECT_EQ(at, e.at) << c.name << ": value " << e.value;
      else
        EXPECT_TRUE(at < 0 || at >= static_cast<ptrdiff_t>(whole.bytes)) << c.name << ": value " << e.value;
    }
  }
}

TEST(Parts, FollowTheirWholeToTheCaller) {
  const auto model = tulle::model(std::string(kCases[3].text) + kBuffers);
  const auto s = session(model);
  std::vector<float> memory(283);
  auto* data = reinterpret_cast<std::byte*>(memory.data() + 1);
  ASSERT_TRUE(s->bind_output(0, data, 282 * 4));
  EXPECT_EQ(s->value(4).data, data + 420);
  ASSERT_TRUE(s->bind_output(0, nullptr, 0));
  EXPECT_EQ(s->value(4).data, s->value(9).data + 420);
}

TEST(Parts, ABodysValuesAreLaidInEachOther) {
  // A loop that halves and joins what it carries, three times.
  const auto model = tulle::model(R"(
graph 0 "main" inputs=[%0,%1] outputs=[%3]
  %0 "i" : int32[]
  %1 "a" : float32[1,10,3]
  %2 "n" : int32[], %3 "y" : float32[1,10,3] = WHILE (%0, %1) WhileOptions {cond_subgraph_index=1,body_subgraph_index=2}
graph 1 "cond" inputs=[%0,%1] outputs=[%3]
  %0 "i" : int32[]
  %1 "a" : float32[1,10,3]
  %2 "limit" : int32[] buffer=1
  %3 "more" : bool[] = LESS (%0, %2)
graph 2 "body" inputs=[%0,%1] outputs=[%3,%8]
  %0 "i" : int32[]
  %1 "a" : float32[1,10,3]
  %2 "one" : int32[] buffer=1
  %3 "next" : int32[] = ADD (%0, %2) AddOptions {}
  %4 "p" : float32[1,5,3], %5 "q" : float32[1,5,3] = SPLIT (%2, %1) SplitOptions {num_splits=2}
  %6 "d" : float32[1,5,3] = SUB (%4, %5) SubOptions {}
  %7 "e" : float32[1,5,3] = SQUARE (%5)
  %8 "all" : float32[1,10,3] = CONCATENATION (%6, %7) ConcatenationOptions {axis=1}
buffer 0 bytes[]
buffer 1 bytes[01000000]
)");
  ASSERT_NE(model, nullptr);
  std::vector<float> input(30), results[2];
  for (size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i * i % 17);
  for (const bool keep : {false, true}) {
    const auto s = session(model, {.keep_all_values = keep});
    const int32_t from = -2;
    ASSERT_TRUE(s->set_input(0, std::as_bytes(std::span(&from, 1))));
    ASSERT_TRUE(s->set_input(1, std::as_bytes(std::span(input))));
    ASSERT_TRUE(s->run());
    results[keep].assign(s->output(0).as<float>(), s->output(0).as<float>() + 30);
  }
  EXPECT_EQ(results[0], results[1]);
  EXPECT_NE(results[0], input);
}

/// A graph of many nodes that cut, join, relabel and change rows of three values.
std::string random_graph(std::mt19937& random) {
  struct Rows {
    int value, count, rank;
  };
  std::vector<Rows> all = {{0, 4, 3}, {1, 6, 3}};
  std::string nodes, buffers = "buffer 0 bytes[]\nbuffer 1 bytes[01000000]\n";
  int next = 2, buffer = 2;
  const auto type = [](const Rows& rows) {
    return rows.rank == 3 ? fmt::format("float32[1,{},3]", rows.count) : fmt::format("float32[{},3]", rows.count);
  };
  const auto any = [&]() -> Rows& { return all[all.size() - 1 - random() % std::min<size_t>(all.size(), 6)]; };
  const auto constant = [&](std::initializer_list<int> numbers) {
    std::string bytes;
    for (const int number : numbers) bytes += fmt::format("{:02x}000000", number);
    buffers += fmt::format("buffer {} bytes[{}]\n", buffer, bytes);
    nodes += numbers.size() == 1 ? fmt::format("  %{} \"c\" : int32[] buffer={}\n", next, buffer)
                                 : fmt::format("  %{} \"c\" : int32[{}] buffer={}\n", next, numbers.size(), buffer);
    ++buffer;
    return next++;
  };
  const auto add = [&](const Rows& like, const std::string& node) {
    const Rows made = {next++, like.count, like.rank};
    nodes += fmt::format("  %{} \"v\" : {} = {}\n", made.value, type(made), node);
    all.push_back(made);
  };
  for (int i = 0; i < 24; ++i) {
    const Rows a = any(), b = any(), c = any();
    switch (random() % 8) {
      case 0: add(a, fmt::format("NEG (%{})", a.value)); break;
      case 1: add(a, fmt::format("ABS (%{})", a.value)); break;
      case 2:
        add({0, a.count, 5 - a.rank},
            a.rank == 3 ? fmt::format("RESHAPE (%{}) ReshapeOptions {{new_shape=[{},3]}}", a.value, a.count)
                        : fmt::format("RESHAPE (%{}) ReshapeOptions {{new_shape=[1,{},3]}}", a.value, a.count));
        break;
      case 3: {
        if (a.count < 2) break;
        const int first = 1 + static_cast<int>(random() % static_cast<unsigned>(a.count - 1));
        const int sizes = constant({first, a.count - first}), axis = constant({a.rank - 2});
        const Rows p = {next++, first, a.rank}, q = {next++, a.count - first, a.rank};
        nodes +=
            fmt::format("  %{} \"p\" : {}, %{} \"q\" : {} = SPLIT_V (%{}, %{}, %{}) SplitVOptions {{num_splits=2}}\n",
                        p.value, type(p), q.value, type(q), a.value, sizes, axis);
        all.push_back(p);
        all.push_back(q);
        break;
      }
      case 4: {
        if (a.rank != 3) break;
        const int begin = static_cast<int>(random() % static_cast<unsigned>(a.count));
        const int size = 1 + static_cast<int>(random() % static_cast<unsigned>(a.count - begin));
        const int at = constant({0, begin, 0}), sizes = constant({1, size, 3});
        add({0, size, 3}, fmt::format("SLICE (%{}, %{}, %{}) SliceOptions {{}}", a.value, at, sizes));
        break;
      }
      case 5:
        if (a.count == b.count && a.rank == b.rank)
          add(a, fmt::format("SUB (%{}, %{}) SubOptions {{}}", a.value, b.value));
        break;
      default: {
        if (a.rank != b.rank || a.rank != c.rank || a.count + b.count + c.count > 60) break;
        add({0, a.count + b.count + c.count, a.rank},
            fmt::format("CONCATENATION (%{}, %{}, %{}) ConcatenationOptions {{axis={}}}", a.value, b.value, c.value,
                        a.rank - 2));
      }
    }
  }
  std::string outputs = fmt::format("%{}", all.back().value);
  for (const Rows& rows : all)
    if (rows.value != all.back().value && random() % 6 == 0) outputs += fmt::format(",%{}", rows.value);
  return fmt::format(
      "\ngraph 0 \"main\" inputs=[%0,%1] outputs=[{}]\n  %0 \"a\" : float32[1,4,3]\n  %1 \"b\" : "
      "float32[1,6,3]\n{}{}",
      outputs, nodes, buffers);
}

TEST(Parts, RandomGraphs) {
  std::mt19937 random(3);
  for (int round = 0; round < 400; ++round) {
    const std::string text = random_graph(random);
    const auto model = tulle::model(text);
    ASSERT_NE(model, nullptr) << text;
    expect_same(model, text);
    if (HasFatalFailure()) return;
  }
}

TEST(Parts, ManyAreQuick) {
  // Chains of reshapes and joins that others read, too, and a value of many parts: in time that grows as they do.
  constexpr int kNodes = 60000;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr std::clock_t kSeconds = 20;
#else
  constexpr std::clock_t kSeconds = 4;
#endif
  std::string text =
      "\ngraph 0 \"main\" inputs=[%0] outputs=[%3]\n  %0 \"a\" : float32[1,4,3]\n  %1 \"v\" : float32[1,4,3] = NEG "
      "(%0)\n";
  for (int i = 4; i < kNodes; i += 2)
    text += fmt::format(
        "  %{} \"r\" : float32[1,4,3] = RESHAPE (%{}) ReshapeOptions {{new_shape=[1,4,3]}}\n"
        "  %{} \"j\" : float32[1,4,3] = CONCATENATION (%{}) ConcatenationOptions {{axis=1}}\n",
        i, i == 4 ? 1 : i - 1, i + 1, i);
  text += fmt::format(
      "  %2 \"s\" : float32[1,4,3] = SUB (%1, %4) SubOptions {{}}\n  %3 \"y\" : float32[1,4,3] = ADD (%{}, %2) "
      "AddOptions {{}}\n",
      kNodes - 1);
  std::string rows =
      fmt::format("\ngraph 0 \"main\" inputs=[%0] outputs=[%{}]\n  %0 \"a\" : float32[{},3]\n ", kNodes, kNodes - 1);
  for (int i = 1; i < kNodes; ++i) rows += fmt::format("{} %{} \"p\" : float32[3]", i == 1 ? "" : ",", i);
  rows += fmt::format(" = UNPACK (%0) UnpackOptions {{num={0},axis=0}}\n  %{1} \"y\" : float32[{0},3] = PACK (",
                      kNodes - 1, kNodes);
  for (int i = kNodes - 1; i >= 1; --i) rows += fmt::format("%{}{}", i, i == 1 ? "" : ", ");
  rows += fmt::format(") PackOptions {{values_count={},axis=0}}\n", kNodes - 1);
  for (const std::string& graph : {text, rows}) {
    const auto parsed = model(graph);
    const std::clock_t start = std::clock();
    const auto s = session(parsed);
    ASSERT_NE(s, nullptr);
    EXPECT_LT(std::clock() - start, kSeconds * CLOCKS_PER_SEC);
    expect_same(parsed, "many");
  }
}

}  // namespace
}  // namespace tulle
