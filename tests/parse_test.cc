// parse: what is no text of a model is said to be none, where and why, and no text does harm.
#include <gtest/gtest.h>

#include <random>

#include "graph/text.h"
#include "whole_model.h"

namespace tulle {
namespace {

constexpr const char* kSmall = R"(tulle 1
model

graph 0 "add" inputs=[%0] outputs=[%2]
  %0 "x" : float32[2]
  %1 "c" : float32[2] buffer=1  # 1.0 2.5
  %2 "sum" : float32[2] = ADD (%0, %1) AddOptions {fused_activation_function=NONE}  # node 0

buffer 0 bytes[]
buffer 1 bytes[0000803f00002040]
)";

TEST(Parse, Small) {
  const Result<Model> model = parse(kSmall);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(print(*model, Weights::kInline), kSmall);
  EXPECT_EQ(print(*model, Weights::kElided), kSmall);
}

std::string edited(std::string_view from, std::string_view to) {
  std::string text = kSmall;
  const size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Parse, Errors) {
  const struct {
    const char *from, *to, *message;
  } cases[] = {
      {"tulle 1", "", "line 2 column 1: \"tulle\" expected, not \"model\""},
      {"tulle 1", "tulle 2", "line 1 column 7: \"1\" expected, not \"2\""},
      {"model", "modle", "line 2 column 1: there is no section \"modle\""},
      {"graph 0", "graph 1", "line 4 column 7: number 0 expected, not 1"},
      {"outputs", "output", "line 4 column 27: there is no field \"output\" here"},
      {"outputs=", "outputs ", "line 4 column 35: = expected, not \"[\""},
      {"outputs=[%2]", "inputs=[%2]", "line 4 column 27: inputs is given twice"},
      {"[%2]", "[2]", "line 4 column 36: a value such as %12 expected, not \"2\""},
      {"[%2]", "[%2", "line 5 column 3: ] expected, not \"%0\""},
      {"[%2]", "[%2147483648]", "line 4 column 36: \"%2147483648\" is no value"},
      {"\"x\"", "\"x", "line 5 column 6: the closing quote is missing"},
      {"\"x\"", "\"\\y\"", "line 5 column 6: a \\ in the text begins no escape that is known"},
      {"\"x\"", "\"\\x4\"", "line 5 column 6: a \\ in the text begins no escape that is known"},
      {"\"x\"", "x", "line 5 column 6: a name in quotes or = expected, not \"x\""},
      {"%0 \"x\"", "%1 \"x\"", "line 6 column 3: %1 is declared twice"},
      {"%0 \"x\"", "%7 \"x\"", "line 5 column 3: %7 is declared, but only 3 values are"},
      {"%0 \"x\"", "- \"x\"", "line 5 column 3: - has no name"},
      {"float32[2]", "float31[2]", "line 5 column 12: there is no element type \"float31\""},
      {"float32[2]", "float32[-2]", "line 5 column 20: a dimension expected, not \"-2\""},
      {"float32[2]", "float32[9999999999]", "line 5 column 20: a dimension expected, not \"9999999999\""},
      {"float32[2]", "float32[1,1,1,1,1,1,1,1,1]", "line 5 column 36: more than 8 dimensions"},
      {"buffer=1", "buffer=4000000000000", "line 6 column 30: 4000000000000 is outside 0…4294967295"},
      {"buffer=1", "buffer=1.0", "line 6 column 30: an integer expected, not \"1.0\""},
      {"buffer=1", "q(1.0 0", "line 7 column 3: there is no field \"%2\" here"},
      {"buffer=1", "q(1e39 0)", "line 6 column 25: 1e39 is outside the range of float32"},
      {"buffer=1", "q(nan3f800000 0)", "line 6 column 25: nan3f800000 is not the bits of a NaN"},
      {"buffer=1", "q(details=odd)",
       "line 6 column 33: one of none, custom, blockwise, multi_axis expected, not \"odd\""},
      {"ADD", "ADDD", "line 7 column 27: there is no operator \"ADDD\""},
      {"ADD", "ADD 2", "line 7 column 31: a version such as v2, or (, expected"},
      {"ADD", "ADD v2x", "line 7 column 31: an integer expected, not \"2x\""},
      {"(%0, %1)", "(%0 %1)", "line 7 column 35: ) expected, not \"%1\""},
      {"=NONE", "=[]", "line 7 column 78: an empty list says of what it is: bool[], int[], float[] or symbol[]"},
      {"=NONE", "=[1,2.0]", "line 7 column 81: an integer expected, not \"2.0\""},
      {"=NONE", "=text[]", "line 7 column 78: there are no lists of \"text\""},
      {"=NONE", "=", "line 7 column 78: the name of an enumerator expected, not \"}\""},
      {"=NONE", "=no-name", "line 7 column 78: the name of an enumerator expected, not \"no-name\""},
      {"=NONE", "=~", "line 7 column 78: a character that begins nothing"},
      {"}  # node 0", "} 7", "line 7 column 84: there is no field \"7\" here"},
      {"bytes[]", "bytes[0]", "line 9 column 16: pairs of hexadecimal digits expected"},
      {"bytes[]", "bytes[+0]", "line 9 column 16: pairs of hexadecimal digits expected"},
      {"bytes[]", "elided(4000000000 0123456789abcdef)",
       "line 9 column 10: no weights of 4000000000 bytes with hash 0123456789abcdef are given"},
      {"bytes[]", "elided(4 0123)", "line 9 column 19: a hash of 16 hexadecimal digits expected"},
      {"bytes[]", "bytes[00]", "buffer 0 must be there and empty"},
      {"(%0, %1)", "(%0, %2)", "graph 0 node 0 ADD: input 1: value 2 \"sum\" is computed later, by node 0 ADD"},
      {kSmall, "tulle 1\ngraph", "line 2 column 6: an integer expected, not the end of the text"},
      {kSmall, "", "line 1 column 1: \"tulle\" expected, not the end of the text"},
  };
  for (const auto& c : cases) {
    const Result<Model> model = parse(edited(c.from, c.to));
    EXPECT_EQ(model ? "" : model.error().message, c.message) << c.from << " -> " << c.to;
  }
}

TEST(Parse, BlanksAndOrderDoNotMatter) {
  const Result<Model> model = parse(
      "# a comment\n\n tulle\t1 # more\r\nbuffer 0 bytes[ # nothing\n]\nbuffer 1\tbytes[0000 803f\n00002040]\n\n"
      "graph 0 \"add\" outputs=[ %2 ]\n inputs = [%0,]\n");
  EXPECT_FALSE(model);  // a field on a line of its own is no field
  const Result<Model> good = parse(
      "# a comment\n\n tulle\t1 # more\r\nbuffer 0 bytes[ # nothing\n]\nbuffer 1\tbytes[0000 803f\n00002040]\n\n"
      "graph 0 \"add\" outputs=[ %2 ] inputs = [%0\n,]\n%2 "
      "\"sum\":f32[2]=ADD(%0,%1)AddOptions{fused_activation_function=NONE}\n"
      "%1 \"c\":f32[2]buffer=1\n%0\"x\":f32[2]");
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(print(*good, Weights::kInline), kSmall);
}

/// However a text is damaged, parse answers; and what it takes for a model is one, which prints and parses again.
TEST(Parse, Mutants) {
  std::mt19937 random(7);
  const std::string whole = print(everything(), Weights::kInline);
  constexpr std::string_view kPieces[] = {"(",
                                          ")",
                                          "[",
                                          "]",
                                          "{",
                                          "}",
                                          ",",
                                          "=",
                                          ":",
                                          "\"",
                                          "'",
                                          "\\",
                                          "#",
                                          "\n",
                                          "-",
                                          "%",
                                          "%1",
                                          "?",
                                          "nan7fc00000",
                                          "4000000000",
                                          "-1",
                                          "0",
                                          "1e39",
                                          "bytes[",
                                          "graph 2 \"g\"\n",
                                          "= ADD ()\n",
                                          "elided(8 0000000000000000)",
                                          "\x80",
                                          " "};
  const auto below = [&](size_t limit) { return static_cast<size_t>(random() % limit); };
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = whole;
    for (size_t edits = 1 + below(4); edits > 0; --edits) {
      const size_t at = below(text.size()), length = std::min(below(2) == 0 ? 1 : below(60), text.size() - at);
      switch (below(4)) {
        case 0: text.erase(at, length); break;
        case 1: text.insert(at, kPieces[below(std::size(kPieces))]); break;
        case 2: text.insert(below(text.size()), text.substr(at, length)); break;
        default: text[at] = static_cast<char>(random()); break;
      }
      if (text.empty()) text = whole;
    }
    const Result<Model> model = parse(text);
    if (!model) continue;
    ++accepted;
    const std::string again = print(*model, Weights::kInline);
    const Result<Model> back = parse(again);
    ASSERT_TRUE(back) << back.error().message << "\n" << text;
    ASSERT_EQ(print(*back, Weights::kInline), again);
  }
  EXPECT_GT(accepted, 100);
}

/// Nesting and repetition cost no stack and no more than their size.
TEST(Parse, LargeAndDeep) {
  for (const char* piece : {"(", "[", "{", "=", ",", "%0 ", "\"\"", "-", "q(", "= ADD () ", "bytes[", "?"}) {
    std::string text = "tulle 1\ngraph 0 \"\"\n";
    for (int i = 0; i < 200000; ++i) text += piece;
    EXPECT_FALSE(parse(text)) << piece;
  }
  std::string text = "tulle 1\nbuffer 0 bytes[]\ngraph 0 \"\"\n";
  for (int i = 0; i < 100000; ++i) text += "%" + std::to_string(i) + "\"\":i8[]\n";
  const Result<Model> model = parse(text);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->graphs[0].values.size(), 100000u);
}

}  // namespace
}  // namespace tulle
