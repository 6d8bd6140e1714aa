// What sessions do at once gives what it gives step by step, which is how they do it where all values are kept.
#include <gtest/gtest.h>

#include <bit>
#include <cstdlib>
#include <cstring>

#include "text_sessions.h"

namespace tulle {
namespace {

/// Runs both on the same input.
void expect_same(Session& fused, Session& kept, const std::vector<std::byte>& input, const std::string& what) {
  for (Session* s : {&fused, &kept}) {
    ASSERT_TRUE(s->set_input(0, input));
    const auto ran = s->run();
    ASSERT_TRUE(ran) << ran.error().message;
  }
  for (int i = 0; i < static_cast<int>(fused.outputs().size()); ++i) {
    const Tensor &a = fused.output(i), &b = kept.output(i);
    EXPECT_EQ(std::memcmp(a.data, b.data, a.bytes), 0) << what << ", output " << i;
  }
}

/// Codes -128 to 127 or 0 to 255, or reals from -16 to 16, as bytes.
std::vector<std::byte> many_values(std::string_view type) {
  std::vector<std::byte> bytes(type == "float32" ? 1024 : 256);
  for (int i = 0; i < 256; ++i) {
    const float real = static_cast<float>(i - 128) / 8;
    if (type == "float32")
      std::memcpy(bytes.data() + 4 * i, &real, 4);
    else
      bytes[static_cast<size_t>(i)] = static_cast<std::byte>(i);
  }
  return bytes;
}

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

/// Hexadecimal digits of so many values, floats between -1 and 1 or bytes between -100 and 100.
std::string digits(bool whole, int count, unsigned seed) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    seed = seed * 1664525 + 1013904223;
    const int value = static_cast<int>(seed >> 16) % 201 - 100;
    uint32_t bits = static_cast<uint32_t>(value) & 0xFF;
    if (whole) bits = std::bit_cast<uint32_t>(static_cast<float>(value) / 100);
    for (int byte = 0; byte < (whole ? 4 : 1); ++byte) text += fmt::format("{:02x}", bits >> 8 * byte & 0xFF);
  }
  return text;
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

/// A picture through a convolution, a tail and another convolution, of 16 channels each.
std::string conv_and_tail(const Tail& tail, bool depthwise, bool whole) {
  const auto q = [&](const char* fields) { return whole ? "" : fields; };
  const char* type = whole ? "float32" : "int8";
  const char* first = depthwise ? "DEPTHWISE_CONV_2D (%0, %2, %3) DepthwiseConv2DOptions "
                                  "{padding=SAME,stride_w=1,stride_h=1,depth_multiplier=1}"
                                : "CONV_2D (%0, %1, %3) Conv2DOptions {padding=SAME,stride_w=1,stride_h=1}";
  return fmt::format(
      R"(
graph 0 "main" inputs=[%0] outputs=[%7]
  %0 "x" : {0}[1,37,29,16] {1}
  %1 "w" : {0}[16,1,1,16] {2} buffer=1
  %2 "d" : {0}[1,3,3,16] {3} buffer=2
  %3 "b" : {4}[16] {5} buffer=3
  %4 "slopes" : {0}[1,1,16] {2} buffer=4
  %8 "one" : {0}[] {2} buffer=5
  %5 "conv" : {0}[1,37,29,16] {6} = {7}
  %6 "tail" : {0}[1,37,29,16] {6} = {8}
  %7 "y" : {0}[1,37,29,16] {6} = CONV_2D (%6, %1, %3) Conv2DOptions {{padding=SAME,stride_w=1,stride_h=1}}
buffer 0 bytes[]
buffer 1 bytes[{9}]
buffer 2 bytes[{10}]
buffer 3 bytes[{11}]
buffer 4 bytes[{12}]
buffer 5 bytes[{13}]
)",
      type, q("q(0.01 3)"), q("q(0.01 0)"),
      q("q(scale=[0.01,0.01,0.01,0.01,0.01,0.01,0.01,0.01,0.01,0.01,0.01,0.01,0.01,0.01,0.01,0.01] "
        "zero_point=[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0] axis=3)"),
      whole ? "float32" : "int32", q("q(0.0001 0)"), q("q(0.02 -5)"), first, tail.node, digits(whole, 256, 1),
      digits(whole, 144, 2), whole ? digits(true, 16, 3) : std::string(128, '0'), digits(whole, 16, 4),
      digits(whole, 1, 5));
}

TEST(Fused, TailsOfConvolutions) {
  for (const bool whole : {true, false})
    for (const bool depthwise : {true, false})
      for (const Tail& tail : kTails) {
        if (!whole && !tail.eight) continue;
        const auto with_tail = model(conv_and_tail(tail, depthwise, whole));
        ASSERT_NE(with_tail, nullptr) << tail.node;
        std::vector<std::byte> input(37 * 29 * 16 * (whole ? sizeof(float) : 1));
        for (size_t i = 0; i < input.size() / (whole ? sizeof(float) : 1); ++i) {
          const auto code = static_cast<int8_t>(i * 37 % 251);
          const float real = static_cast<float>(code) / 60;
          if (whole)
            std::memcpy(input.data() + 4 * i, &real, 4);
          else
            std::memcpy(input.data() + i, &code, 1);
        }
        const auto kept = session(with_tail, {.keep_all_values = true});
        for (const int threads : {1, 2}) {
          const auto fused = session(with_tail, {.threads = threads, .time_nodes = true});
          ASSERT_NE(fused, nullptr);
          expect_same(*fused, *kept, input, fmt::format("{} after {}", tail.node, depthwise ? "depthwise" : "conv"));
          const char* set = std::getenv("TULLE_ISA");
          if (set == nullptr || std::string_view(set) != "reference") {
            EXPECT_EQ(fused->timings()[1].time.count(), 0) << tail.node << " was not fused";
          }
        }
      }
}

/// What lies between two steps of a chain and after it, and the height that the middle one is left with.
struct Middle {
  const char* node;
  int height, width;
  const char* after;
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
)",
      type, q("q(0.01 3)"), q("q(0.01 0)"), axis, many, whole ? "float32" : "int32", q("q(0.0001 0)"), q("q(0.02 -5)"),
      middle.height, middle.width, middle.node, middle.after, digits(whole, many * 16, 1), digits(whole, many * 9, 2),
      bias(many), digits(whole, many * 16, 4), bias(16), digits(whole, 1, 5), digits(whole, many * many * 3, 6));
}

TEST(Fused, ChainsOfSteps) {
  for (const bool whole : {true, false})
    for (const Middle& middle : kMiddles) {
      const auto chained = model(chain(middle, whole));
      ASSERT_NE(chained, nullptr) << middle.node;
      std::vector<std::byte> input(131 * 130 * 16 * (whole ? sizeof(float) : 1));
      for (size_t i = 0; i < input.size() / (whole ? sizeof(float) : 1); ++i) {
        const auto code = static_cast<int8_t>(i * 37 % 251);
        const float real = static_cast<float>(code) / 60;
        if (whole)
          std::memcpy(input.data() + 4 * i, &real, 4);
        else
          std::memcpy(input.data() + i, &code, 1);
      }
      const auto kept = session(chained, {.keep_all_values = true});
      for (const int threads : {1, 2}) {
        const auto fused = session(chained, {.threads = threads});
        ASSERT_NE(fused, nullptr);
        expect_same(*fused, *kept, input, middle.node);
        expect_same(*fused, *kept, input, middle.node);  // memory that a run leaves behind does no harm
        const char* set = std::getenv("TULLE_ISA");
        // Step by step, the expanded picture and the middle one are there at once.
        const size_t both = (131 * 130 + static_cast<size_t>(middle.height * middle.width)) * kMany;
        if (threads == 1 && (set == nullptr || std::string_view(set) != "reference")) {
          EXPECT_LT(fused->memory().arena_bytes, both) << middle.node << " was not fused";
        }
      }
    }
}

}  // namespace
}  // namespace tulle
