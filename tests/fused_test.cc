// What sessions do at once gives what it gives step by step, which is how they do it where all values are kept.
#include "fused.h"

#include <algorithm>

namespace tulle {
namespace {

TEST(Fused, GatedValuesAreTheProductOfBoth) {
  // x * logistic(x) is computed at once where nobody else sees the logistic; where all values are kept, in two steps.
  for (const char* type : {"int8", "uint8", "float32"})
    for (const char* operands : {"%0, %1", "%1, %0"})
      for (const char* outputs : {"%2", "%2,%1"}) {
        const bool whole = std::string_view(type) == "float32", eight = std::string_view(type) == "int8";
        const auto affine = [&](const char* i8, const char* u8) { return whole ? "" : eight ? i8 : u8; };
        const auto gated = model(fmt::format(R"(
graph 0 "main" inputs=[%0] outputs=[{}]
  %0 "x" : {}[256] {}
  %1 "gate" : {}[256] {} = LOGISTIC (%0)
  %2 "y" : {}[256] {} = MUL ({}) MulOptions {{}}
buffer 0 bytes[]
)",
                                             outputs, type, affine("q(0.05 -20)", "q(0.05 108)"), type,
                                             affine("q(0.00390625 -128)", "q(0.00390625 0)"), type,
                                             affine("q(0.03 -110)", "q(0.03 18)"), operands));
        ASSERT_NE(gated, nullptr);
        const auto fused = session(gated), kept = session(gated, {.keep_all_values = true});
        const std::vector<std::byte> values = many_values(type);
        expect_same(*fused, *kept, values, fmt::format("{} ({})", type, operands));
        EXPECT_NE(std::memcmp(fused->output(0).data, values.data(), values.size()), 0);
      }
}

/// What stands after a convolution, and its attributes.
struct Tail {
  const char* node;
  bool eight = true;  ///< whether there is one of 8-bit codes
};
constexpr Tail kTails[] = {
    {"RELU (%5)"},
    {"RELU6 (%5)"},
    {"HARD_SWISH (%5)"},
    {"LOGISTIC (%5)"},
    {"TANH (%5)"},
    {"GELU (%5) GeluOptions {}", false},
    {"LEAKY_RELU (%5) LeakyReluOptions {alpha=0.25}"},
    {"ADD (%5, %0) AddOptions {}"},
    {"ADD (%0, %5) AddOptions {fused_activation_function=RELU}"},
    {"SUB (%0, %5) SubOptions {}"},
    {"MUL (%5, %4) MulOptions {}"},
    {"MUL (%5, %8) MulOptions {}"},
    {"PRELU (%5, %4)"},
};

/// Convolutions that a tail stands after: a channel by itself, of one tap, and of codes in squares.
constexpr const char* kHeads[] = {
    "DEPTHWISE_CONV_2D (%0, %2, %3) DepthwiseConv2DOptions {padding=SAME,stride_w=1,stride_h=1,depth_multiplier=1}",
    "CONV_2D (%0, %1, %3) Conv2DOptions {padding=SAME,stride_w=1,stride_h=1}",
    "CONV_2D (%0, %9, %3) Conv2DOptions {padding=SAME,stride_w=1,stride_h=1}",
};

/// A picture through a convolution, a tail and another convolution, of 16 channels each.
std::string conv_and_tail(const Tail& tail, const char* head, bool whole) {
  const auto q = [&](const char* fields) { return whole ? "" : fields; };
  const char* type = whole ? "float32" : "int8";
  return fmt::format(
      R"(
graph 0 "main" inputs=[%0] outputs=[%7]
  %0 "x" : {0}[1,37,29,16] {1}
  %1 "w" : {0}[16,1,1,16] {2} buffer=1
  %2 "d" : {0}[1,3,3,16] {3} buffer=2
  %3 "b" : {4}[16] {5} buffer=3
  %4 "slopes" : {0}[1,1,16] {2} buffer=4
  %8 "one" : {0}[] {2} buffer=5
  %9 "w3" : {0}[16,3,3,16] {2} buffer=6
  %5 "conv" : {0}[1,37,29,16] {6} = {7}
  %6 "tail" : {0}[1,37,29,16] {6} = {8}
  %7 "y" : {0}[1,37,29,16] {6} = CONV_2D (%6, %1, %3) Conv2DOptions {{padding=SAME,stride_w=1,stride_h=1}}
buffer 0 bytes[]
buffer 1 bytes[{9}]
buffer 2 bytes[{10}]
buffer 3 bytes[{11}]
buffer 4 bytes[{12}]
buffer 5 bytes[{13}]
buffer 6 bytes[{14}]
)",
      type, q("q(0.01 3)"), q("q(0.01 0)"),
      q("q(scale=[0.01,0.01,0.01,0.01,0.01,0.01,0.01,0.01,0.01,0.01,0.01,0.01,0.01,0.01,0.01,0.01] "
        "zero_point=[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0] axis=3)"),
      whole ? "float32" : "int32", q("q(0.0001 0)"), q("q(0.02 -5)"), head, tail.node, digits(whole, 256, 1),
      digits(whole, 144, 2), whole ? digits(true, 16, 3) : std::string(128, '0'), digits(whole, 16, 4),
      digits(whole, 1, 5), digits(whole, 9 * 256, 6));
}

TEST(Fused, TailsOfConvolutions) {
  for (const bool whole : {true, false})
    for (const char* head : kHeads)
      for (const Tail& tail : kTails) {
        if (!whole && !tail.eight) continue;
        const auto with_tail = model(conv_and_tail(tail, head, whole));
        ASSERT_NE(with_tail, nullptr) << tail.node;
        const std::vector<std::byte> input = picture(whole, 37 * 29 * 16);
        const auto kept = session(with_tail, {.keep_all_values = true});
        for (const int threads : {1, 2}) {
          const auto fused = session(with_tail, {.threads = threads, .time_nodes = true});
          ASSERT_NE(fused, nullptr);
          expect_same(*fused, *kept, input, fmt::format("{} after {}", tail.node, head));
          if (with_kernels()) EXPECT_EQ(fused->timings()[1].time.count(), 0) << tail.node << " was not fused";
        }
      }
}

TEST(Fused, ConvolutionsWriteTheirColumnsOfAConcatenation) {
  struct Type {
    const char *x, *x_scale, *w, *w_scale, *bias, *bias_scale;
  };
  constexpr Type kTypes[] = {{"float32", "", "float32", "", "float32", ""},
                             {"int8", "q(0.01 3)", "int8", "q(0.0005 0)", "int32", "q(0.000005 0)"},
                             {"uint8", "q(0.01 131)", "uint8", "q(0.0005 120)", "int32", "q(0.000005 0)"}};
  for (const Type& type : kTypes) {
    const bool whole = type.x[0] == 'f';
    // One that is read twice, a few channels, one in squares, one a channel by itself, one that no convolution makes.
    const auto joined = model(fmt::format(
        R"(
graph 0 "main" inputs=[%0] outputs=[%12]
  %0 "x" : {0}[2,13,11,32] {1}
  %1 "w1" : {2}[7,1,1,32] {3} buffer=1
  %2 "w3" : {2}[32,3,3,32] {3} buffer=2
  %3 "wd" : {2}[1,3,3,32] {4} buffer=3
  %4 "b" : {5}[32] {6} buffer=4
  %5 "twice" : {0}[2,13,11,7] {1} = CONV_2D (%0, %1, -) Conv2DOptions {{padding=SAME,stride_w=1,stride_h=1}}
  %6 "few" : {0}[2,13,11,7] {1} = CONV_2D (%0, %1, -) Conv2DOptions {{padding=SAME,stride_w=1,stride_h=1}}
  %7 "squares" : {0}[2,13,11,32] {1} = CONV_2D (%0, %2, %4) Conv2DOptions {{padding=SAME,stride_w=1,stride_h=1}}
  %8 "alone" : {0}[2,13,11,32] {1} = DEPTHWISE_CONV_2D (%0, %3, %4) DepthwiseConv2DOptions {{padding=SAME,stride_w=1,stride_h=1,depth_multiplier=1}}
  %9 "copied" : {0}[2,13,11,32] {1} = RELU (%0)
  %10 "more" : {0}[2,13,11,7] {1} = RELU (%5)
  %11 "all" : {0}[2,13,11,117] {1} = CONCATENATION (%6, %5, %8, %7, %9, %10) ConcatenationOptions {{axis=3}}
  %12 "y" : {0}[2,13,11,117] {1} = RELU6 (%11)
buffer 0 bytes[]
buffer 1 bytes[{7}]
buffer 2 bytes[{8}]
buffer 3 bytes[{9}]
buffer 4 bytes[{10}]
)",
        type.x, type.x_scale, type.w, type.w_scale,
        std::string_view(type.w) != "int8"
            ? type.w_scale
            : "q(scale=[" + repeated("0.0005", 32) + "] zero_point=[" + repeated("0", 32) + "] axis=3)",
        type.bias, type.bias_scale, digits(whole, 7 * 32, 1), digits(whole, 9 * 32 * 32, 2), digits(whole, 9 * 32, 3),
        whole ? digits(true, 32, 4) : std::string(256, '0')));
    ASSERT_NE(joined, nullptr);
    const auto kept = session(joined, {.keep_all_values = true});
    std::vector<std::byte> input;
    for (int i = 0; i < 2 * 13 * 11 * 32 / 32; ++i) {
      const auto some = many_values(type.x);
      input.insert(input.end(), some.begin(), some.begin() + (whole ? 128 : 32));
      std::rotate(input.begin(), input.begin() + 12, input.end());
    }
    for (const int threads : {1, 2}) {
      const auto fused = session(joined, {.threads = threads});
      expect_same(*fused, *kept, input, type.x);
      if (!with_kernels()) continue;
      const int each = whole ? 4 : 1;
      const auto at = [&](int value) { return (fused->value(value).data - fused->value(11).data) / each; };
      EXPECT_EQ(at(6), 0) << type.x;
      EXPECT_EQ(at(7), 46) << type.x;
      if (!whole) EXPECT_EQ(at(8), 14) << type.x;
      EXPECT_NE(at(5), 7) << type.x;
    }
  }
}

/// What lies between two steps of a chain and after it, and the height that the middle one is left with.
struct Middle {
  const char* node;
  int height, width;
  const char* after;
  bool whole = true;  ///< whether there is one of floats
};
constexpr Middle kMiddles[] = {
    {"DEPTHWISE_CONV_2D (%8, %2, %3) DepthwiseConv2DOptions {padding=SAME,stride_w=1,stride_h=1,depth_multiplier=1}",
     131, 130, "RELU (%9)"},
    {"DEPTHWISE_CONV_2D (%8, %2, %3) DepthwiseConv2DOptions {padding=SAME,stride_w=2,stride_h=2,depth_multiplier=1}",
     66, 65, "HARD_SWISH (%9)"},
    {"DEPTHWISE_CONV_2D (%8, %2, %3) DepthwiseConv2DOptions {padding=VALID,stride_w=1,stride_h=2,depth_multiplier=1}",
     65, 128, "MUL (%9, %6) MulOptions {}"},
    {"DEPTHWISE_CONV_2D (%8, %2, %3) DepthwiseConv2DOptions {padding=SAME,stride_w=1,stride_h=1,depth_multiplier=1,"
     "dilation_h_factor=3,dilation_w_factor=2}",
     131, 130, "RELU6 (%9)"},
    {"CONV_2D (%8, %7, %3) Conv2DOptions {padding=SAME,stride_w=1,stride_h=1}", 131, 130, "TANH (%9)"},
    {"CONV_2D (%8, %13, %3) Conv2DOptions {padding=SAME,stride_w=1,stride_h=1}", 131, 130, "RELU (%9)", false},
    {"CONV_2D (%8, %13, %3) Conv2DOptions {padding=VALID,stride_w=1,stride_h=1}", 129, 128, "RELU (%9)", false},
};

constexpr int kMany = 144;  ///< bytes of a pixel in between, so that there are over a million for each of two threads

/// A picture through a pointwise convolution into many values, `middle`, what is after it, and back.
std::string chain(const Middle& middle, bool whole) {
  const auto q = [&](const char* fields) { return whole ? "" : fields; };
  const char* type = whole ? "float32" : "int8";
  const int many = kMany / (whole ? 4 : 1);
  std::string scales, zeros;
  for (int c = 0; c < many; ++c) scales += c == 0 ? "0.01" : ",0.01", zeros += c == 0 ? "0" : ",0";
  const std::string axis = whole ? "" : fmt::format("q(scale=[{}] zero_point=[{}] axis=3)", scales, zeros);
  const auto bias = [&](int count) {
    return whole ? digits(true, count, 3) : std::string(8 * static_cast<size_t>(count), '0');
  };
  return fmt::format(
      R"(
graph 0 "main" inputs=[%0] outputs=[%12]
  %0 "x" : {0}[1,131,130,16] {1}
  %1 "w" : {0}[{4},1,1,16] {2} buffer=1
  %2 "d" : {0}[1,3,3,{4}] {3} buffer=2
  %3 "b" : {5}[{4}] {6} buffer=3
  %4 "v" : {0}[16,1,1,{4}] {2} buffer=4
  %5 "c" : {5}[16] {6} buffer=5
  %6 "one" : {0}[] {2} buffer=6
  %7 "f" : {0}[{4},3,1,{4}] {2} buffer=7
  %13 "s" : {0}[{4},3,3,{4}] {2} buffer=8
  %8 "expanded" : {0}[1,131,130,{4}] {7} = CONV_2D (%0, %1, %3) Conv2DOptions {{padding=SAME,stride_w=1,stride_h=1}}
  %9 "middle" : {0}[1,{8},{9},{4}] {7} = {10}
  %10 "after" : {0}[1,{8},{9},{4}] {7} = {11}
  %11 "back" : {0}[1,{8},{9},16] {7} = CONV_2D (%10, %4, %5) Conv2DOptions {{padding=SAME,stride_w=1,stride_h=1}}
  %12 "y" : {0}[1,{8},{9},16] {7} = LOGISTIC (%11)
buffer 0 bytes[]
buffer 1 bytes[{12}]
buffer 2 bytes[{13}]
buffer 3 bytes[{14}]
buffer 4 bytes[{15}]
buffer 5 bytes[{16}]
buffer 6 bytes[{17}]
buffer 7 bytes[{18}]
buffer 8 bytes[{19}]
)",
      type, q("q(0.01 3)"), q("q(0.01 0)"), axis, many, whole ? "float32" : "int32", q("q(0.0001 0)"), q("q(0.02 -5)"),
      middle.height, middle.width, middle.node, middle.after, digits(whole, many * 16, 1), digits(whole, many * 9, 2),
      bias(many), digits(whole, many * 16, 4), bias(16), digits(whole, 1, 5), digits(whole, many * many * 3, 6),
      digits(whole, many * many * 9, 7));
}

TEST(Fused, ChainsOfSteps) {
  for (const bool whole : {true, false})
    for (const Middle& middle : kMiddles) {
      if (whole && !middle.whole) continue;
      const auto chained = model(chain(middle, whole));
      ASSERT_NE(chained, nullptr) << middle.node;
      const std::vector<std::byte> input = picture(whole, 131 * 130 * 16);
      const auto kept = session(chained, {.keep_all_values = true});
      for (const int threads : {1, 2}) {
        const auto fused = session(chained, {.threads = threads});
        ASSERT_NE(fused, nullptr);
        expect_same(*fused, *kept, input, middle.node);
        expect_same(*fused, *kept, input, middle.node);  // memory that a run leaves behind does no harm
        // Step by step, the expanded picture and the middle one are there at once.
        const size_t both = (131 * 130 + static_cast<size_t>(middle.height * middle.width)) * kMany;
        if (threads == 1 && with_kernels())
          EXPECT_LT(fused->memory().arena_bytes, both) << middle.node << " was not fused";
      }
    }
}

TEST(Fused, ChainsThroughPadsAndIntoConcatenations) {
  // The chain leaves a PAD out and ends in a picture that is joined with another.
  const Middle padded = {"PAD (%8, %14) PadOptions {}", 133, 132,
                         "DEPTHWISE_CONV_2D (%9, %2, %3) DepthwiseConv2DOptions "
                         "{padding=VALID,stride_w=1,stride_h=1,depth_multiplier=1}"};
  std::string text = chain(padded, true);
  const auto replace = [&](const std::string& from, const std::string& to) {
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  };
  replace("LOGISTIC (%11)", "CONCATENATION (%11, %0) ConcatenationOptions {axis=3}");
  replace("  %8 \"expanded\"", "  %14 \"paddings\" : int32[4,2] buffer=9\n  %8 \"expanded\"");
  text += "buffer 9 bytes[0000000000000000010000000100000001000000010000000000000000000000]\n";
  const auto chained = model(text);
  ASSERT_NE(chained, nullptr);
  std::vector<std::byte> input(131 * 130 * 16 * sizeof(float));
  for (size_t i = 0; i < input.size() / sizeof(float); ++i) {
    const float real = static_cast<float>(i * 37 % 251) / 60 - 2;
    std::memcpy(input.data() + 4 * i, &real, 4);
  }
  const auto kept = session(chained, {.keep_all_values = true});
  for (const int threads : {1, 2}) {
    const auto fused = session(chained, {.threads = threads});
    expect_same(*fused, *kept, input, "padded");
    if (threads == 1 && with_kernels()) EXPECT_LT(fused->memory().arena_bytes, 2u * 131 * 130 * kMany) << "not fused";
  }
}

}  // namespace
}  // namespace tulle
