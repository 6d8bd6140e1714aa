// Operators that move elements, where golden vectors do not reach: strings, packed elements, sparse constants and
// refusals.
#include <gtest/gtest.h>

#include <cstring>

#include "graph/text.h"
#include "runtime/session.h"

namespace tulle {
namespace {

using Strings = std::vector<std::string>;

template <class T>
std::vector<std::byte> bytes_of(const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> bytes_of(const Strings& strings) {
  std::vector<int32_t> header = {static_cast<int32_t>(strings.size())};
  int32_t at = 4 * (static_cast<int32_t>(strings.size()) + 2);
  std::string text;
  for (const std::string& string : strings) {
    header.push_back(at);
    at += static_cast<int32_t>(string.size());
    text += string;
  }
  header.push_back(at);
  std::vector<std::byte> bytes = bytes_of(header);
  for (char c : text) bytes.push_back(static_cast<std::byte>(c));
  return bytes;
}

Strings strings_of(const Tensor& tensor) {
  Strings strings;
  const auto* header = tensor.as<int32_t>();
  for (int32_t i = 0; i < header[0]; ++i)
    strings.emplace_back(tensor.as<char>() + header[1 + i], tensor.as<char>() + header[2 + i]);
  return strings;
}

/// A constant operand: its type, shape and bytes.
struct Constant {
  const char* type;
  std::vector<std::byte> bytes;
  const char* rest = "";
};
Constant i32(const char* type, std::vector<int32_t> values) { return {type, bytes_of(values)}; }

std::string hex(const std::vector<std::byte>& bytes) {
  std::string text;
  for (std::byte b : bytes) text += fmt::format("{:02x}", static_cast<int>(b));
  return text;
}

/// A model of one node; operands: "$" stands for the graph's next input, other entries are constants.
struct Single {
  const char* op;
  std::vector<const char*> inputs;  ///< types of graph inputs
  std::vector<Constant> constants;
  const char* order;  ///< operands by letter: a, b, … inputs, then constants A, B, …
  std::vector<const char*> outputs;
  const char* options = "";
};

Result<std::unique_ptr<Session>> open(const Single& single) {
  std::string graph, ports, operands, results, results_of, buffers = "buffer 0 bytes[]\n";
  int value = 0;
  std::vector<std::string> names(128);
  for (size_t i = 0; i < single.inputs.size(); ++i, ++value) {
    graph += fmt::format("  %{} \"in{}\" : {}\n", value, i, single.inputs[i]);
    ports += fmt::format("%{},", value);
    names['a' + i] = fmt::format("%{}", value);
  }
  for (size_t i = 0; i < single.constants.size(); ++i, ++value) {
    const Constant& constant = single.constants[i];
    graph += fmt::format("  %{} \"k{}\" : {} {} buffer={}\n", value, i, constant.type, constant.rest, i + 1);
    buffers += fmt::format("buffer {} bytes[{}]\n", i + 1, hex(constant.bytes));
    names['A' + i] = fmt::format("%{}", value);
  }
  for (const char* c = single.order; *c != 0; ++c) operands += names[static_cast<size_t>(*c)] + ",";
  for (const char* type : single.outputs) {
    results += fmt::format("%{},", value);
    results_of += fmt::format("{}%{} \"out{}\" : {}", results_of.empty() ? "" : ", ", value, value, type);
    ++value;
  }
  const std::string text =
      fmt::format("tulle 1\nmodel\ngraph 0 \"main\" inputs=[{}] outputs=[{}]\n{}  {} = {} ({}) {}\n{}", ports, results,
                  graph, results_of, single.op, operands, single.options, buffers);
  TULLE_TRY(Model model, parse(text));
  return Session::create(std::make_shared<const Model>(std::move(model)));
}

/// Runs the model on these inputs and hands its outputs to `check`; the message where it was refused.
template <class Check>
std::string run(const Single& single, const std::vector<std::vector<std::byte>>& inputs, Check check) {
  auto session = open(single);
  if (!session) return session.error().message;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (auto set = (*session)->set_input(static_cast<int>(i), inputs[i]); !set) return set.error().message;
  for (int again = 0; again < 2; ++again) {
    if (auto ran = (*session)->run(); !ran) return ran.error().message;
    check(**session);
  }
  return "";
}
std::string run(const Single& single, const std::vector<std::vector<std::byte>>& inputs = {}) {
  return run(single, inputs, [](const Session&) {});
}

void expect_strings(const Single& single, const Strings& in, const std::vector<Strings>& out, const Shape& shape) {
  EXPECT_EQ(run(single, {bytes_of(in)},
                [&](const Session& session) {
                  for (size_t i = 0; i < out.size(); ++i)
                    EXPECT_EQ(strings_of(session.output(static_cast<int>(i))), out[i]) << single.op;
                  EXPECT_EQ(session.output(0).shape, shape) << single.op;
                }),
            "")
      << single.op;
}

TEST(Move, Strings) {
  const Strings six = {"a", "", "ccc", "dd", "e", "zwölf"};
  expect_strings({"RESHAPE", {"string[2,3]"}, {i32("int32[2]", {3, -1})}, "aA", {"string[3,2]"}, "ReshapeOptions {}"},
                 six, {six}, {3, 2});
  expect_strings({"EXPAND_DIMS", {"string[2,3]"}, {i32("int32[]", {1})}, "aA", {"string[2,1,3]"}}, six, {six},
                 {2, 1, 3});
  expect_strings({"SQUEEZE", {"string[2,1,3]"}, {}, "a", {"string[2,3]"}, "SqueezeOptions {}"}, six, {six}, {2, 3});
  expect_strings({"TRANSPOSE", {"string[2,3]"}, {i32("int32[2]", {1, 0})}, "aA", {"string[3,2]"}}, six,
                 {{"a", "dd", "", "e", "ccc", "zwölf"}}, {3, 2});
  expect_strings(
      {"SLICE", {"string[2,3]"}, {i32("int32[2]", {0, 1}), i32("int32[2]", {-1, 2})}, "aAB", {"string[2,2]"}}, six,
      {{"", "ccc", "e", "zwölf"}}, {2, 2});
  expect_strings({"STRIDED_SLICE",
                  {"string[6]"},
                  {i32("int32[1]", {-1}), i32("int32[1]", {0}), i32("int32[1]", {-2})},
                  "aABC",
                  {"string[3]"},
                  "StridedSliceOptions {}"},
                 six, {{"zwölf", "dd", ""}}, {3});
  expect_strings({"GATHER", {"string[6]"}, {i32("int32[3]", {5, 5, 0})}, "aA", {"string[3]"}, "GatherOptions {axis=0}"},
                 six, {{"zwölf", "zwölf", "a"}}, {3});
  expect_strings({"GATHER_ND", {"string[2,3]"}, {i32("int32[2,2]", {1, 2, 0, 0})}, "aA", {"string[2]"}}, six,
                 {{"zwölf", "a"}}, {2});
  expect_strings({"TILE", {"string[2,1]"}, {i32("int32[2]", {1, 2})}, "aA", {"string[2,2]"}}, {"x", "yy"},
                 {{"x", "x", "yy", "yy"}}, {2, 2});
  expect_strings({"FILL", {"string[]"}, {i32("int32[2]", {2, 2})}, "Aa", {"string[2,2]"}}, {"x"},
                 {{"x", "x", "x", "x"}}, {2, 2});
  expect_strings({"SPLIT",
                  {"string[2,3]"},
                  {i32("int32[]", {0})},
                  "Aa",
                  {"string[1,3]", "string[1,3]"},
                  "SplitOptions {num_splits=2}"},
                 six, {{"a", "", "ccc"}, {"dd", "e", "zwölf"}}, {1, 3});
  expect_strings({"CONCATENATION", {"string[6]"}, {}, "aa", {"string[12]"}, "ConcatenationOptions {axis=0}"}, six,
                 {{"a", "", "ccc", "dd", "e", "zwölf", "a", "", "ccc", "dd", "e", "zwölf"}}, {12});
  expect_strings({"GATHER", {"string[6]"}, {i32("int32[0]", {})}, "aA", {"string[0]"}, "GatherOptions {axis=0}"}, six,
                 {{}}, {0});
}

/// Four-bit codes two to a byte, low half first.
std::vector<std::byte> pack(const std::vector<int>& codes) {
  std::vector<std::byte> bytes((codes.size() + 1) / 2);
  for (size_t i = 0; i < codes.size(); ++i) bytes[i / 2] |= static_cast<std::byte>((codes[i] & 15) << (i % 2 * 4));
  return bytes;
}

TEST(Move, Packed) {
  const Constant table = {"int4[3,3]", pack({-3, -2, -1, 0, 1, 2, 3, 4, 5}), "q(1 2)"};
  const auto expect = [&](Single single, const std::vector<int>& codes) {
    single.constants.insert(single.constants.begin(), table);
    EXPECT_EQ(run(single, {},
                  [&](const Session& session) {
                    const Tensor& out = session.output(0);
                    EXPECT_EQ(std::vector(out.data, out.data + out.bytes), pack(codes)) << single.op;
                  }),
              "")
        << single.op;
  };
  expect({"TRANSPOSE", {}, {i32("int32[2]", {1, 0})}, "AB", {"int4[3,3] q(1 2)"}}, {-3, 0, 3, -2, 1, 4, -1, 2, 5});
  expect({"SLICE", {}, {i32("int32[2]", {1, 1}), i32("int32[2]", {2, 1})}, "ABC", {"int4[2,1] q(1 2)"}}, {1, 4});
  expect({"GATHER", {}, {i32("int32[1]", {2})}, "AB", {"int4[1,3] q(1 2)"}, "GatherOptions {axis=0}"}, {3, 4, 5});
  expect({"CONCATENATION", {}, {}, "AA", {"int4[3,6] q(1 2)"}, "ConcatenationOptions {axis=1}"},
         {-3, -2, -1, -3, -2, -1, 0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5});
  expect({"PAD", {}, {i32("int32[2,2]", {0, 0, 1, 0})}, "AB", {"int4[3,4] q(1 2)"}},
         {2, -3, -2, -1, 2, 0, 1, 2, 2, 3, 4, 5});
  expect({"DYNAMIC_UPDATE_SLICE",
          {},
          {{"int4[1,1]", pack({-8}), "q(1 2)"}, i32("int32[2]", {1, 9})},
          "ABC",
          {"int4[3,3] q(1 2)"}},
         {-3, -2, -1, 0, 1, -8, 3, 4, 5});
  expect({"RESHAPE", {}, {i32("int32[1]", {9})}, "AB", {"int4[9] q(1 2)"}, "ReshapeOptions {}"},
         {-3, -2, -1, 0, 1, 2, 3, 4, 5});
  const Single lookup = {
      "EMBEDDING_LOOKUP", {}, {{"int4[3,3]", table.bytes, "q(0.5 0)"}, i32("int32[1]", {1})}, "BA", {"float32[1,3]"}};
  EXPECT_EQ(run(lookup, {},
                [](const Session& session) {
                  const auto* reals = session.output(0).as<float>();
                  EXPECT_EQ(std::vector(reals, reals + 3), (std::vector<float>{0, 0.5f, 1}));
                }),
            "");
}

TEST(Move, BlockwiseEmbedding) {
  // Scales 1, 2, 4, 8 as float16 for two blocks of two in each of two rows.
  const Constant table = {"int4[2,4]", pack({1, 2, 3, 4, -1, -2, -3, -4}),
                          "q(details=blockwise scales=%1 zero_points=- block_size=2)"};
  const Constant scales = {"float16[2,2]", bytes_of(std::vector<uint16_t>{0x3C00, 0x4000, 0x4400, 0x4800})};
  const Single lookup = {"EMBEDDING_LOOKUP", {}, {table, scales, i32("int32[2]", {1, 0})}, "CA", {"float32[2,4]"}};
  EXPECT_EQ(run(lookup, {},
                [](const Session& session) {
                  const auto* reals = session.output(0).as<float>();
                  EXPECT_EQ(std::vector(reals, reals + 8), (std::vector<float>{-4, -8, -24, -32, 1, 2, 6, 8}));
                }),
            "");
}

TEST(Move, Refusals) {
  const auto floats = [](size_t count) { return bytes_of(std::vector<float>(count)); };
  const auto ints = [](std::vector<int32_t> values) { return bytes_of(values); };
  const struct {
    Single single;
    std::vector<std::vector<std::byte>> inputs;
    const char* message;
  } cases[] = {
      {{"RESHAPE", {"float32[6]"}, {i32("int32[2]", {4, -1})}, "aA", {"float32[1]"}, "ReshapeOptions {}"},
       {floats(6)},
       "node 0 RESHAPE: the new shape [4,1] has 4 elements, the input [6] has 6"},
      {{"RESHAPE", {"float32[6]", "int32[2]"}, {}, "ab", {"float32[1]"}, "ReshapeOptions {}"},
       {floats(6), ints({-2, -3})},
       "dimension -2 of the new shape is outside"},
      {{"SLICE", {"float32[6]"}, {i32("int32[1]", {4}), i32("int32[1]", {3})}, "aAB", {"float32[1]"}},
       {floats(6)},
       "no part of size 3 begins at 4"},
      {{"STRIDED_SLICE",
        {"float32[6]"},
        {i32("int32[1]", {0}), i32("int32[1]", {6}), i32("int32[1]", {0})},
        "aABC",
        {"float32[1]"},
        "StridedSliceOptions {}"},
       {floats(6)},
       "the stride of dimension 0 is 0"},
      {{"STRIDED_SLICE",
        {"float32[6]"},
        {i32("int32[1]", {6}), i32("int32[1]", {7}), i32("int32[1]", {1})},
        "aABC",
        {"float32[]"},
        "StridedSliceOptions {shrink_axis_mask=1}"},
       {floats(6)},
       "index 6 is outside dimension 0 of size 6"},
      {{"TRANSPOSE", {"float32[2,3]"}, {i32("int32[2]", {1, 1})}, "aA", {"float32[1]"}},
       {floats(6)},
       "names dimension 1 twice"},
      {{"TILE", {"float32[6]"}, {i32("int32[1]", {2000000000})}, "aA", {"float32[1]"}}, {floats(6)}, "TILE"},
      {{"FILL", {"float32[]"}, {i32("int32[8]", std::vector<int32_t>(8, INT32_MAX))}, "Aa", {"float32[1]"}},
       {floats(1)},
       "over the limit"},
      {{"PAD", {"float32[6]"}, {i32("int32[1,2]", {-1, 0})}, "aA", {"float32[1]"}},
       {floats(6)},
       "paddings -1 and 0 of dimension 0"},
      {{"MIRROR_PAD",
        {"float32[3]"},
        {i32("int32[1,2]", {3, 0})},
        "aA",
        {"float32[6]"},
        "MirrorPadOptions {mode=REFLECT}"},
       {floats(3)},
       "at most 2 can be reflected"},
      {{"CONCATENATION", {"int8[2] q(1 0)"}, {}, "aa", {"int8[4] q(2 0)"}, "ConcatenationOptions {axis=0}"},
       {bytes_of(std::vector<int8_t>(2))},
       "they must be the same"},
      {{"GATHER", {"float32[6]", "int32[2]"}, {}, "ab", {"float32[2]"}, "GatherOptions {axis=0}"},
       {floats(6), ints({0, 6})},
       "node 0 GATHER: index 1 is 6, outside 0…5"},
      {{"GATHER", {"float32[6]", "int32[2]"}, {}, "ab", {"float32[2]"}, "GatherOptions {axis=0}"},
       {floats(6), ints({-1, 0})},
       "index 0 is -1"},
      {{"GATHER_ND", {"float32[2,3]", "int32[1,2]"}, {}, "ab", {"float32[1]"}},
       {floats(6), ints({0, 3})},
       "position 0 of the indices is [0,3]"},
      {{"SCATTER_ND", {"int32[1,2]", "float32[1]"}, {i32("int32[2]", {2, 3})}, "abA", {"float32[2,3]"}},
       {ints({0, 3}), floats(1)},
       "position 0 of the indices is outside"},
      {{"SPARSE_TO_DENSE",
        {"int32[2]", "float32[]"},
        {i32("int32[1]", {4})},
        "aAbb",
        {"float32[4]"},
        "SparseToDenseOptions {}"},
       {ints({3, 4}), floats(1)},
       "row 1 of the indices is outside [4]"},
      {{"EMBEDDING_LOOKUP", {"int32[1]", "float32[2,3]"}, {}, "ab", {"float32[1,3]"}},
       {ints({2}), floats(6)},
       "id 0 is 2, the table has 2 rows"},
      {{"REVERSE_SEQUENCE",
        {"float32[2,3]", "int32[2]"},
        {},
        "ab",
        {"float32[2,3]"},
        "ReverseSequenceOptions {seq_dim=1 , batch_dim=0}"},
       {floats(6), ints({0, 4})},
       "length 1 is 4, outside 0…3"},
      {{"UNSORTED_SEGMENT_SUM", {"float32[2]", "int32[2]"}, {i32("int32[]", {2})}, "abA", {"float32[2]"}},
       {floats(2), ints({-1, 2})},
       "id 1 is 2, there are 2 segments"},
      {{"SEGMENT_SUM", {"float32[2]", "int32[2]"}, {}, "ab", {"float32[2]"}},
       {floats(2), ints({0, 2})},
       "id 2 follows 0"},
      {{"RANGE", {"int32[]", "int32[]", "int32[]"}, {}, "abc", {"int32[?]"}},
       {ints({0}), ints({5}), ints({0})},
       "no range leads from 0 to 5"},
      {{"RANGE", {"int32[]", "int32[]", "int32[]"}, {}, "abc", {"int32[?]"}},
       {ints({INT32_MIN}), ints({INT32_MAX}), ints({1})},
       "too long"},
      {{"SPLIT", {"float32[6]", "int32[]"}, {}, "ba", {"float32[1]", "float32[1]"}, "SplitOptions {num_splits=2}"},
       {floats(6), ints({1})},
       "axis 1 is outside a rank of 1"},
      {{"BROADCAST_ARGS", {"int32[1]", "int32[2]"}, {}, "ab", {"int32[2]"}},
       {ints({3}), ints({2, 2})},
       "dimensions 3 and 2 do not broadcast"},
      {{"RESIZE_BILINEAR",
        {"float32[1,2,2,1]", "int32[2]"},
        {},
        "ab",
        {"float32[1,2,2,1]"},
        "ResizeBilinearOptions {}"},
       {floats(4), ints({0, 3})},
       "the size is 0 by 3"},
      {{"SPACE_TO_BATCH_ND", {"float32[1,3,1]", "int32[1]"}, {i32("int32[1,2]", {0, 0})}, "abA", {"float32[1,3,1]"}},
       {floats(3), ints({0})},
       "block 0 is outside"},
      {{"DEPTH_TO_SPACE", {"float32[1,1,1,4]"}, {}, "a", {"float32[1]"}, "DepthToSpaceOptions {block_size=3}"},
       {floats(4)},
       "channels a multiple of 3 squared"},
      {{"UNIQUE", {"float32[2,1]"}, {}, "a", {"float32[2]", "int32[2]"}, "UniqueOptions {idx_out_type=INT32}"},
       {floats(2)},
       "must be a vector"},
  };
  for (const auto& [single, inputs, message] : cases) {
    const std::string found = run(single, inputs);
    EXPECT_NE(found.find(message), std::string::npos) << single.op << " said: " << found;
  }
}

TEST(Move, StringsThatAreNone) {
  auto session = open({"TRANSPOSE", {"string[2]"}, {i32("int32[1]", {0})}, "aA", {"string[2]"}});
  ASSERT_TRUE(session) << session.error().message;
  for (const std::vector<int32_t>& bytes :
       {std::vector<int32_t>{3, 20, 20, 20, 20}, {2, 16, 99, 16}, {2, 16, 12, 16}, {2}}) {
    auto result = (*session)->set_input(0, bytes_of(bytes));
    if (result) result = (*session)->run();
    EXPECT_FALSE(result);
  }
}

/// A sparse constant and what it stands for, or why it is refused.
std::string densify(const char* sparsity, const std::vector<float>& stored, const std::vector<float>& dense) {
  const Single single = {"DENSIFY", {}, {{"float32[2,4]", bytes_of(stored), sparsity}}, "A", {"float32[2,4]"}};
  return run(single, {}, [&](const Session& session) {
    const auto* reals = session.output(0).as<float>();
    EXPECT_EQ(std::vector(reals, reals + 8), dense) << sparsity;
  });
}

TEST(Move, Sparse) {
  // Rows listed by their columns; columns by their rows; blocks of two columns; nothing but dense.
  EXPECT_EQ(
      densify(
          "sparsity(traversal_order=[0,1] dimensions=[(dense_size=2), (format=csr segments=[0,1,3] indices=[1,0,3])])",
          {1, 2, 3}, {0, 1, 0, 0, 2, 0, 0, 3}),
      "");
  EXPECT_EQ(densify("sparsity(traversal_order=[1,0] dimensions=[(dense_size=4), (format=csr segments=[0,1,2,2,3] "
                    "indices=[1,0,1])])",
                    {2, 1, 3}, {0, 1, 0, 0, 2, 0, 0, 3}),
            "");
  EXPECT_EQ(densify("sparsity(traversal_order=[0,1,2] block_map=[1] dimensions=[(dense_size=2), (format=csr "
                    "segments=[0,1,2] indices=[1,0]), "
                    "(dense_size=2)])",
                    {1, 2, 3, 4}, {0, 0, 1, 2, 3, 4, 0, 0}),
            "");
  EXPECT_EQ(densify("sparsity(traversal_order=[0,1,3,2] block_map=[0,1] dimensions=[(dense_size=1), (format=csr "
                    "segments=[0,1] indices=[1]), "
                    "(dense_size=2), (dense_size=2)])",
                    {1, 2, 3, 4}, {0, 0, 1, 3, 0, 0, 2, 4}),
            "");
  EXPECT_EQ(densify("sparsity(traversal_order=[0,1] dimensions=[(dense_size=2), (dense_size=4)])",
                    {1, 2, 3, 4, 5, 6, 7, 8}, {1, 2, 3, 4, 5, 6, 7, 8}),
            "");
  EXPECT_NE(densify("", {1, 2, 3, 4, 5, 6, 7, 8}, {}).find("is no sparse constant"), std::string::npos);
}

}  // namespace
}  // namespace tulle
