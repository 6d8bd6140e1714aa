// Convolutions that take over the PAD in front of them give what both give one after the other.
#include <array>

#include "fused.h"

namespace tulle {
namespace {

/// Types of activations, weights and bias of a convolution, and what they say of scales.
struct Arithmetic {
  const char *x, *x_scale, *w, *w_scale, *bias, *bias_scale, *y_scale;
  bool exact = false;  ///< another node makes the model's floats exact
};
constexpr Arithmetic kFloats = {"float32", "", "float32", "", "float32", "", ""};
constexpr Arithmetic kArithmetics[] = {
    kFloats,
    {"float32", "", "float32", "", "float32", "", "", true},
    {"float32", "", "int8", "q(0.01 0)", "float32", "", ""},
    {"int8", "q(0.01 3)", "int8", "q(0.01 0)", "int32", "q(0.0001 0)", "q(0.02 -5)"},
    {"uint8", "q(0.01 131)", "uint8", "q(0.01 120)", "int32", "q(0.0001 0)", "q(0.02 125)"},
    {"int16", "q(0.01 0)", "int8", "q(0.01 0)", "int32", "q(0.0001 0)", "q(0.5 0)"},
};

/// A PAD and a convolution after it.
struct Padded {
  std::array<int, 8> paddings = {0, 0, 1, 1, 1, 1, 0, 0};
  bool taken = true;  ///< whether the convolution takes it over
  int channels = 16, taps = 3, stride = 1;
  const char* padding = "VALID";
  bool depthwise = false;
  const char* node = "PAD (%0, %1) PadOptions {}";
  const char* outputs = "%5";
  const char* bias = nullptr;      ///< the bytes of each
  const char* value = "cdcc4c3f";  ///< the bytes of PADV2's, or more
};

size_t bytes_of(std::string_view type) { return type == "float32" || type == "int32" ? 4 : type == "int16" ? 2 : 1; }

std::string pad_and_conv(const Padded& padded, const Arithmetic& as, int32_t height, int32_t width) {
  const int c = padded.channels;
  std::string paddings, bias;
  for (const int padding : padded.paddings) paddings += fmt::format("{:02x}000000", padding);
  for (int i = 0; i < c; ++i)
    bias += padded.bias != nullptr ? padded.bias
            : as.bias[0] == 'f'    ? digits(true, 1, 77u + static_cast<unsigned>(i))
                                   : "05000000";
  std::string weights_scale = as.w_scale;
  if (padded.depthwise && std::string_view(as.x).starts_with("int")) {
    weights_scale = "q(scale=[" + repeated("0.01", c) + "] zero_point=[" + repeated("0", c) + "] axis=3)";
  }
  const std::string shape = padded.depthwise ? fmt::format("[1,{0},{0},{1}]", padded.taps, c)
                                             : fmt::format("[{1},{0},{0},{1}]", padded.taps, c);
  const int weights = padded.taps * padded.taps * c * (padded.depthwise ? 1 : c);
  return fmt::format(
      R"(
graph 0 "main" inputs=[%0] outputs=[{0}]
  %0 "x" : {1}[2,{2},{3},{4}] {5}
  %1 "paddings" : int32[4,2] buffer=1
  %2 "w" : {6}{7} {8} buffer=2
  %3 "b" : {9}[{4}] {10} buffer=3
  %6 "value" : {1}[] {5} buffer=4
  %7 "exact" : int8[1,1,1,{4}] q(0.01 0) buffer=5
  %4 "padded" : {1}[1,1,1,1] {5} = {11}
  %5 "y" : {1}[1,1,1,1] {12} = {13} (%4, %2, %3) {14} {{padding={15},stride_w={16},stride_h={16}{17}}}
{18}buffer 0 bytes[]
buffer 1 bytes[{19}]
buffer 2 bytes[{20}]
buffer 3 bytes[{21}]
buffer 4 bytes[{22}]
buffer 5 bytes[{23}]
)",
      padded.outputs, as.x, height, width, c, as.x_scale, as.w, shape, weights_scale, as.bias, as.bias_scale,
      padded.node, as.y_scale, padded.depthwise ? "DEPTHWISE_CONV_2D" : "CONV_2D",
      padded.depthwise ? "DepthwiseConv2DOptions" : "Conv2DOptions", padded.padding, padded.stride,
      padded.depthwise ? ",depth_multiplier=1" : "",
      as.exact ? "  %8 \"other\" : float32[1,1,1,1] = CONV_2D (%0, %7, -) Conv2DOptions "
                 "{padding=VALID,stride_w=1,stride_h=1}\n"
               : "",
      paddings, digits(as.w[0] == 'f', weights, 9), bias, std::string(padded.value).substr(0, 2 * bytes_of(as.x)),
      digits(false, c, 10));
}

void expect_padded(const Padded& padded, const Arithmetic& as, const std::string& what) {
  constexpr int32_t kHeight = 14, kWidth = 19;
  const auto whole = model(pad_and_conv(padded, as, kHeight, kWidth));
  ASSERT_NE(whole, nullptr) << what;
  const auto kept = session(whole, {.keep_all_values = true});
  ASSERT_NE(kept, nullptr) << what;
  const size_t each = bytes_of(as.x);
  std::vector<std::byte> input(size_t{2} * kHeight * kWidth * static_cast<size_t>(padded.channels) * each);
  for (size_t i = 0; i < input.size() / each; ++i) {
    const auto code = static_cast<int16_t>(i * 37 % 251) - 125;
    const float real = static_cast<float>(code) / 60;
    if (as.x[0] == 'f')
      std::memcpy(input.data() + 4 * i, &real, 4);
    else
      std::memcpy(input.data() + each * i, &code, each);
  }
  for (const int threads : {1, 2}) {
    const auto fused = session(whole, {.threads = threads, .time_nodes = true});
    ASSERT_NE(fused, nullptr) << what;
    expect_same(*fused, *kept, input, what);
    EXPECT_EQ(fused->timings()[0].time.count() == 0, padded.taken && with_kernels()) << what;
  }
}

TEST(FusedPads, ConvolutionsTakeOverPads) {
  constexpr Padded kCases[] = {
      {},
      {.paddings = {0, 0, 0, 1, 0, 1, 0, 0}, .stride = 2},
      {.paddings = {0, 0, 2, 0, 0, 3, 0, 0}, .taps = 5},
      {.paddings = {0, 0, 1, 2, 2, 0, 0, 0}, .padding = "SAME"},
      {.paddings = {0, 0, 1, 1, 1, 1, 0, 0}, .channels = 32},  // in squares
      {.paddings = {0, 0, 3, 3, 3, 3, 0, 0}, .channels = 8, .taps = 7, .stride = 2},
      {.depthwise = true},
      {.paddings = {0, 0, 0, 1, 0, 1, 0, 0}, .stride = 2, .depthwise = true},
      {.paddings = {0, 0, 2, 2, 2, 2, 0, 0}, .channels = 24, .taps = 5, .padding = "SAME", .depthwise = true},
      {.paddings = {1, 0, 1, 1, 1, 1, 0, 0}, .taken = false},
      {.paddings = {0, 0, 3, 1, 1, 1, 0, 0}, .taken = false},  // some windows see nothing else
      {.paddings = {0, 0, 1, 1, 1, 1, 0, 0}, .taken = false, .taps = 1},
      {.taken = false, .node = "PADV2 (%0, %1, %6) PadV2Options {}"},
      {.taken = false, .outputs = "%5,%4"},
      {.taken = false, .node = "MIRROR_PAD (%0, %1) MirrorPadOptions {mode=REFLECT}"},
  };
  for (const Arithmetic& as : kArithmetics)
    for (size_t i = 0; i < std::size(kCases); ++i)
      expect_padded(kCases[i], as, fmt::format("case {}, {} and {}{}", i, as.x, as.w, as.exact ? ", exact" : ""));
}

TEST(FusedPads, PadsStayWhereBitsHangOnThem) {
  // Nothing but -0, of which a 0 that is added makes 0.
  expect_padded({.taken = false, .depthwise = true, .bias = "00000080"}, kFloats, "bias of -0");
  // 14 * 19 * 3 * 2 reals of a row are no multiple of eight, so the last become codes by another rounding.
  expect_padded({.taken = false, .channels = 3}, kArithmetics[2], "three channels of reals on codes");
  expect_padded({.paddings = {0, 0, 2, 0, 0, 0, 0, 0}, .channels = 4}, kArithmetics[2], "four channels, as many rows");
  expect_padded({.paddings = {0, 0, 1, 0, 0, 0, 0, 0}, .taken = false, .channels = 4}, kArithmetics[2], "one row more");
  expect_padded({.channels = 3}, kFloats, "three channels");
  expect_padded({.node = "PADV2 (%0, %1, %6) PadV2Options {}", .value = "00000000"}, kFloats, "a 0");
  expect_padded({.taken = false, .node = "PADV2 (%0, %1, %6) PadV2Options {}", .value = "00000080"}, kFloats, "a -0");
}

TEST(FusedPads, WhatAPadReadsStaysUntilItIsRead) {
  // The square could be made in place of the negatives, had the convolution not yet to read them.
  const auto both = model(fmt::format(R"(
graph 0 "main" inputs=[%0] outputs=[%5,%6]
  %0 "x" : float32[1,8,8,4]
  %1 "paddings" : int32[4,2] buffer=1
  %2 "w" : float32[4,3,3,4] buffer=2
  %3 "negative" : float32[1,8,8,4] = NEG (%0)
  %4 "padded" : float32[1,10,10,4] = PAD (%3, %1) PadOptions {{}}
  %5 "square" : float32[1,8,8,4] = SQUARE (%3)
  %6 "y" : float32[1,8,8,4] = CONV_2D (%4, %2, -) Conv2DOptions {{padding=VALID,stride_w=1,stride_h=1}}
buffer 0 bytes[]
buffer 1 bytes[0000000000000000010000000100000001000000010000000000000000000000]
buffer 2 bytes[{}]
)",
                                      digits(true, 144, 5)));
  ASSERT_NE(both, nullptr);
  expect_same(*session(both), *session(both, {.keep_all_values = true}), many_values("float32"), "square and sums");
}

TEST(FusedPads, ABodyThatIsCalledWithOtherShapesPadsAgain) {
  // Each round makes the picture a row and a column larger.
  const auto grows = model(R"(
graph 0 "main" inputs=[%0,%1] outputs=[%3]
  %0 "x" : float32[1,4,4,1]
  %1 "i" : int32[]
  %2 "n" : int32[], %3 "y" : float32[1,?,?,1] = WHILE (%1, %0) WhileOptions {cond_subgraph_index=1,body_subgraph_index=2}
graph 1 "cond" inputs=[%0,%1] outputs=[%3]
  %0 "i" : int32[]
  %1 "x" : float32[1,?,?,1]
  %2 "limit" : int32[] buffer=1
  %3 "more" : bool[] = LESS (%0, %2)
graph 2 "body" inputs=[%0,%1] outputs=[%3,%7]
  %0 "i" : int32[]
  %1 "x" : float32[1,?,?,1]
  %2 "one" : int32[] buffer=1
  %3 "next" : int32[] = ADD (%0, %2) AddOptions {}
  %4 "paddings" : int32[4,2] buffer=2
  %5 "w" : float32[1,2,2,1] buffer=3
  %6 "padded" : float32[1,?,?,1] = PAD (%1, %4) PadOptions {}
  %7 "y" : float32[1,?,?,1] = CONV_2D (%6, %5, -) Conv2DOptions {padding=VALID,stride_w=1,stride_h=1}
buffer 0 bytes[]
buffer 1 bytes[01000000]
buffer 2 bytes[0000000000000000010000000100000001000000010000000000000000000000]
buffer 3 bytes[0000803f00000040000000bf0000803e]
)");
  ASSERT_NE(grows, nullptr);
  std::vector<float> x(16), results[2];
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
  for (const bool keep : {false, true}) {
    const auto s = session(grows, {.keep_all_values = keep});
    const int32_t from = -1;
    ASSERT_TRUE(s->set_input(0, std::as_bytes(std::span(x))));
    ASSERT_TRUE(s->set_input(1, std::as_bytes(std::span(&from, 1))));
    for (int run = 0; run < 2; ++run) {
      const auto ran = s->run();
      ASSERT_TRUE(ran) << ran.error().message;
      ASSERT_EQ(s->output(0).shape, (Shape{1, 6, 6, 1}));
      const auto* y = s->output(0).as<float>();
      if (run == 1) EXPECT_EQ(results[keep], std::vector<float>(y, y + 36));
      results[keep].assign(y, y + 36);
    }
  }
  EXPECT_EQ(results[0], results[1]);
}

}  // namespace
}  // namespace tulle
