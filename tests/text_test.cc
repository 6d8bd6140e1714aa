// The text form: every field of a model survives it, and real models do.
#include "graph/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <sstream>

#include "base/hash.h"
#include "formats/tflite.h"
#include "whole_model.h"

namespace tulle {
namespace {

std::span<const std::byte> as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(Hash, PublishedValues) {
  EXPECT_EQ(hash(as_bytes("")), 0xef46db3751d8e999u);
  EXPECT_EQ(hash(as_bytes("a")), 0xd24ec4f1a98c6e5bu);
  EXPECT_EQ(hash(as_bytes("abc")), 0x44bc2cf5ad770999u);
  EXPECT_EQ(hash(as_bytes("Nobody inspects the spammish repetition")), 0xfbcea83c8a378bf1u);
}

void expect_round_trip(const Model& model) {
  for (const Weights weights : {Weights::kInline, Weights::kElided}) {
    const std::string text = print(model, weights);
    const Result<Model> back = parse(text, weights == Weights::kElided ? &model : nullptr);
    ASSERT_TRUE(back) << back.error().message << "\n" << text.substr(0, 4000);
    EXPECT_TRUE(*back == model) << text.substr(0, 4000) << "\nread back as\n" << print(*back, weights).substr(0, 4000);
    EXPECT_EQ(print(*back, weights), text);
  }
}

TEST(Text, EverythingRoundTrips) { expect_round_trip(everything()); }

/// Models that differ in one place print differently, so that no field is left out of the text.
TEST(Text, EveryFieldShows) {
  const std::string text = print(everything(), Weights::kInline);
  const std::vector<void (*)(Model&)> changes = {
      [](Model& m) { m.version = 3; },
      [](Model& m) { m.description = ""; },
      [](Model& m) { m.metadata_buffer.pop_back(); },
      [](Model& m) { m.external_groups.pop_back(); },
      [](Model& m) { m.external_buffers[0].id = 8; },
      [](Model& m) { m.external_buffers[0].group = 0; },
      [](Model& m) { m.external_buffers[0].offset = 0; },
      [](Model& m) { m.external_buffers[0].length = 0; },
      [](Model& m) { m.external_buffers[0].packing = ""; },
      [](Model& m) { m.buffers.pop_back(); },
      [](Model& m) { m.signatures[0].key = ""; },
      [](Model& m) { m.signatures[1].graph = 0; },
      [](Model& m) { m.signatures[0].inputs[0].name = ""; },
      [](Model& m) { m.signatures[0].outputs[1].value = 5; },
      [](Model& m) { m.metadata[0].name = ""; },
      [](Model& m) { m.metadata[0].buffer = 0; },
      [](Model& m) { m.graphs[0].name = ""; },
      [](Model& m) { m.graphs[0].debug_metadata = -1; },
      [](Model& m) { m.graphs[0].inputs = {}; },
      [](Model& m) { m.graphs[0].outputs = {}; },
      [](Model& m) { m.graphs[0].values[0].name = ""; },
      [](Model& m) { m.graphs[0].values[0].dtype = DType::kFloat16; },
      [](Model& m) { m.graphs[0].values[0].shape = {1, 3}; },
      [](Model& m) { m.graphs[0].values[0].shape = {2, 2}; },
      [](Model& m) { m.graphs[0].values[0].signature = std::nullopt; },
      [](Model& m) { m.graphs[0].values[0].has_rank = false; },
      [](Model& m) { m.graphs[0].values[1].signature = std::nullopt; },
      [](Model& m) { m.graphs[0].values[4].buffer = 0; },
      [](Model& m) { m.graphs[0].values[4].is_variable = false; },
      [](Model& m) { m.graphs[0].values[5].signature = Shape{-1, 2}; },
      [](Model& m) { m.graphs[0].values[6].quantization = nullptr; },
      [](Model& m) { m.graphs[0].values[7].variants[0].has_rank = false; },
      [](Model& m) { m.graphs[0].values[10].external_buffer = 7; },
      [](Model& m) { m.graphs[0].nodes[0].op = 4; },
      [](Model& m) { m.graphs[0].nodes[0].custom = ""; },
      [](Model& m) { m.graphs[0].nodes[0].version = 1; },
      [](Model& m) { m.graphs[0].nodes[0].intermediates = {8}; },
      [](Model& m) { m.graphs[0].nodes[0].mutating_inputs = {}; },
      [](Model& m) { m.graphs[0].nodes[0].debug_metadata = 0; },
      [](Model& m) { m.graphs[0].nodes[0].attributes.table = ""; },
      [](Model& m) { m.graphs[0].nodes[0].attributes.entries.pop_back(); },
      [](Model& m) { m.graphs[0].nodes[1].custom = "your op"; },
      [](Model& m) { m.graphs[0].nodes[1].custom_options = {}; },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    Model model = everything();
    changes[i](model);
    EXPECT_NE(print(model, Weights::kInline), text) << "change " << i;
  }
}

TEST(Text, NotANumberKeepsItsBits) {
  Model model = everything();
  const float nan = std::bit_cast<float>(0xffc12345u);
  model.graphs[0].nodes[0].attributes.set("real", nan);
  const std::string text = print(model, Weights::kInline);
  EXPECT_NE(text.find("nanffc12345"), text.npos);
  const Result<Model> back = parse(text);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(std::bit_cast<uint32_t>(back->graphs[0].nodes[0].attributes.real("real")), 0xffc12345u);
}

TEST(Text, FloatsAreExact) {
  std::mt19937 random(1);
  Model model = everything();
  std::vector<float> reals;
  while (reals.size() < 20000) {
    const float real = std::bit_cast<float>(static_cast<uint32_t>(random()));
    if (real == real) reals.push_back(real);
  }
  model.graphs[0].nodes[0].attributes.set("reals", reals);
  const Result<Model> back = parse(print(model, Weights::kInline));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(std::memcmp(back->graphs[0].nodes[0].attributes.reals("reals").data(), reals.data(),
                        reals.size() * sizeof(float)),
            0);
}

/// Values that share constant bytes still share them, and elided ones share those of the model they came from.
TEST(Text, BuffersStayShared) {
  const Model model = everything();
  const Result<Model> back = parse(print(model, Weights::kElided), &model);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->data(back->graphs[0].values[1]).data(), back->data(back->graphs[0].values[3]).data());
  EXPECT_EQ(back->data(back->graphs[0].values[1]).data(), model.buffers[1].bytes.data());
}

/// print is for looking into models, broken ones too.
TEST(Text, PrintsWhatIsNotSound) {
  Model model = everything();
  model.graphs[0].nodes[0].inputs = {99, -7};
  model.graphs[0].nodes[0].outputs = {99, 0, 0};
  model.graphs[0].nodes[1].op = 300;
  model.graphs[0].values[1].buffer = 99;
  model.graphs[0].values[1].shape[0] = -5;
  model.signatures[0].graph = 9;
  EXPECT_NE(print(model, Weights::kInline).find("%99"), std::string::npos);
  EXPECT_FALSE(parse(print(model, Weights::kInline)));
}

TEST(Text, RealModels) {
  const char* shared = std::getenv("TULLE_SHARED");
  const std::filesystem::path models =
      std::filesystem::path(shared != nullptr ? shared : TULLE_SOURCE_DIR "/../shared") / "models";
  if (!std::filesystem::exists(models)) GTEST_SKIP() << "no models at " << models;
  int count = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(models)) {
    if (file.path().extension() != ".tflite") continue;
    SCOPED_TRACE(file.path().string());
    const auto model = tflite::load(file.path());
    ASSERT_TRUE(model) << model.error().message;
    expect_round_trip(**model);
    ++count;
  }
  EXPECT_GT(count, 0);
}

/// The example of the documentation is what print gives for it.
TEST(Text, DocumentedExample) {
  std::ifstream file(TULLE_SOURCE_DIR "/docs/text-form.md");
  std::stringstream document;
  document << file.rdbuf();
  const std::string page = document.str();
  const size_t begin = page.find("```tulle\n"), end = page.find("```", begin + 9);
  ASSERT_NE(end, page.npos);
  const std::string example = page.substr(begin + 9, end - begin - 9);
  const Result<Model> model = parse(example);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(print(*model, Weights::kInline), example);
}

}  // namespace
}  // namespace tulle
