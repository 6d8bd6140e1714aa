// The C API as a careless caller uses it, and the C++ header over it.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <thread>

#include "tulle/tulle.hpp"

namespace {

const std::string kDigits = std::string(TULLE_SOURCE_DIR) + "/models/digits/digits_int8.tflite";

struct Handles {
  tulle_model* model = nullptr;
  tulle_session* session = nullptr;
  Handles() {
    EXPECT_EQ(tulle_model_load_file(kDigits.c_str(), &model, nullptr), TULLE_OK);
    EXPECT_EQ(tulle_session_create(model, nullptr, &session, nullptr), TULLE_OK);
  }
  ~Handles() {
    tulle_session_release(session);
    tulle_model_release(model);
  }
};

TEST(CApi, SaysWhatIsWrongWithAFile) {
  tulle_model* model = reinterpret_cast<tulle_model*>(1);
  tulle_error error;
  EXPECT_EQ(tulle_model_load_file("/nowhere/model.tflite", &model, &error), TULLE_NOT_FOUND);
  EXPECT_EQ(model, nullptr);
  EXPECT_NE(std::string(error.message).find("/nowhere/model.tflite"), std::string::npos);
  EXPECT_EQ(tulle_model_load_memory("\x18\0\0\0TFL3", 8, &model, &error), TULLE_INVALID_FILE);
  EXPECT_EQ(error.status, TULLE_INVALID_FILE);
  EXPECT_STRNE(error.message, "");
  EXPECT_EQ(tulle_model_load_file(nullptr, &model, &error), TULLE_INVALID_ARGUMENT);
  EXPECT_EQ(tulle_model_load_memory(nullptr, 0, &model, nullptr), TULLE_INVALID_FILE);
}

TEST(CApi, ReadsAModelFromMemory) {
  std::ifstream file(kDigits, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  tulle_model* model = nullptr;
  ASSERT_EQ(tulle_model_load_memory(bytes.data(), bytes.size(), &model, nullptr), TULLE_OK);
  EXPECT_EQ(tulle_model_graph_count(model), 1);
  EXPECT_STREQ(tulle_model_node_op(model, 0, 0), "CONV_2D");
  EXPECT_EQ(tulle_model_node_op(model, 0, 999), nullptr);
  EXPECT_EQ(tulle_model_node_count(model, 7), 0);
  size_t size = 0;
  ASSERT_NE(tulle_model_metadata(model, "TULLE_PREPARE", &size), nullptr);
  EXPECT_GT(size, 10u);
  EXPECT_EQ(tulle_model_metadata(model, "nothing", &size), nullptr);
  EXPECT_EQ(tulle_model_signature_key(model, 99), nullptr);
  tulle_model_release(model);
  tulle_model_release(nullptr);
  tulle_session_release(nullptr);
}

TEST(CApi, ASessionOutlivesItsModelHandle) {
  Handles h;
  tulle_model_release(h.model);
  h.model = nullptr;
  EXPECT_EQ(tulle_session_run(h.session), TULLE_OK);
}

TEST(CApi, RefusesWhatDoesNotFit) {
  Handles h;
  tulle_tensor tensor;
  EXPECT_EQ(tulle_session_input(h.session, 5, &tensor), TULLE_INVALID_ARGUMENT);
  EXPECT_STRNE(tulle_session_error(h.session), "");
  ASSERT_EQ(tulle_session_input(h.session, 0, &tensor), TULLE_OK);
  EXPECT_EQ(tensor.dtype, TULLE_INT8);
  EXPECT_EQ(tensor.rank, 4);
  EXPECT_GT(tensor.scale, 0);
  EXPECT_EQ(tulle_session_set_input(h.session, 0, "x", 1), TULLE_INVALID_ARGUMENT);
  EXPECT_EQ(tulle_session_set_input(h.session, 0, nullptr, 5), TULLE_INVALID_ARGUMENT);
  const int32_t negative[] = {1, -5, 8, 1};
  EXPECT_EQ(tulle_session_resize(h.session, 0, negative, 4), TULLE_INVALID_ARGUMENT);
  EXPECT_EQ(tulle_session_resize(h.session, 0, negative, 9), TULLE_INVALID_ARGUMENT);
  EXPECT_EQ(tulle_session_resize(h.session, 3, negative, 4), TULLE_INVALID_ARGUMENT);
  EXPECT_EQ(tulle_session_bind_output(h.session, 0, &tensor, 3), TULLE_INVALID_ARGUMENT);
  EXPECT_EQ(tulle_session_find_input(h.session, "no such input"), -1);
  EXPECT_EQ(tulle_session_run(h.session), TULLE_OK) << "refusals leave the session as it was";
  const int32_t odd[] = {1, 1, 1, 1};
  ASSERT_EQ(tulle_session_resize(h.session, 0, odd, 4), TULLE_OK);
  const tulle_status status = tulle_session_run(h.session);
  if (status != TULLE_OK) {
    EXPECT_NE(std::string(tulle_session_error(h.session)).find("node"), std::string::npos);
  }
}

TEST(CApi, CancelsTimesAndMeasures) {
  Handles h;
  tulle_session_cancel(h.session);
  EXPECT_EQ(tulle_session_run(h.session), TULLE_CANCELLED);
  tulle_session_set_time_limit(h.session, 1);
  EXPECT_EQ(tulle_session_run(h.session), TULLE_DEADLINE);
  tulle_session_set_time_limit(h.session, 0);
  EXPECT_EQ(tulle_session_run(h.session), TULLE_OK);
  EXPECT_EQ(tulle_session_timing_count(h.session), 0) << "not asked for";
  tulle_memory memory;
  tulle_session_memory(h.session, &memory);
  EXPECT_GE(memory.arena_bytes, memory.lower_bound_bytes);
  EXPECT_GT(memory.arena_bytes, 0u);
}

TEST(CApi, UsesAndWritesPacks) {
  const std::string path = testing::TempDir() + "capi_test.pack", other = testing::TempDir() + "capi_test.not";
  std::remove(path.c_str());
  tulle_error error;
  tulle_memory packed, mapped;
  {
    Handles h;
    const tulle_status status = tulle_model_write_pack(h.model, path.c_str(), &error);
    if (status == TULLE_UNSUPPORTED) GTEST_SKIP() << error.message;
    ASSERT_EQ(status, TULLE_OK) << error.message;
    EXPECT_EQ(tulle_model_use_pack(h.model, path.c_str(), &error), TULLE_INVALID_ARGUMENT) << "there is a session";
    EXPECT_EQ(tulle_model_write_pack(h.model, "/nowhere/x.pack", nullptr), TULLE_IO);
    EXPECT_EQ(tulle_model_write_pack(h.model, nullptr, nullptr), TULLE_INVALID_ARGUMENT);
    tulle_session_memory(h.session, &packed);
  }
  std::ofstream(other) << "not a pack";
  tulle_model* model = nullptr;
  ASSERT_EQ(tulle_model_load_file(kDigits.c_str(), &model, nullptr), TULLE_OK);
  EXPECT_EQ(tulle_model_use_pack(model, "/nowhere/x.pack", &error), TULLE_NOT_FOUND);
  EXPECT_EQ(tulle_model_use_pack(model, other.c_str(), &error), TULLE_INVALID_FILE);
  EXPECT_NE(std::string(error.message).find("not a pack"), std::string::npos) << error.message;
  EXPECT_EQ(tulle_model_use_pack(model, nullptr, nullptr), TULLE_INVALID_ARGUMENT);
  ASSERT_EQ(tulle_model_use_pack(model, path.c_str(), &error), TULLE_OK) << error.message;
  tulle_session* session = nullptr;
  ASSERT_EQ(tulle_session_create(model, nullptr, &session, nullptr), TULLE_OK);
  tulle_session_memory(session, &mapped);
  EXPECT_LT(mapped.folded_bytes, packed.folded_bytes);
  EXPECT_EQ(tulle_session_run(session), TULLE_OK);
  tulle_session_release(session);
  tulle_model_release(model);
  std::remove(path.c_str());
  std::remove(other.c_str());
}

TEST(CppApi, RunsManySessionsAtOnce) {
  const auto model = tulle::api::Model::load(kDigits);
  ASSERT_TRUE(model) << model.error().message;
  auto reference = tulle::api::Session::create(*model, {.time_nodes = true});
  ASSERT_TRUE(reference);
  const auto fill = [](const tulle::api::Tensor& input) {
    int i = 0;
    for (int8_t& x : input.as<int8_t>()) x = static_cast<int8_t>(i++ * 7);
  };
  fill(*reference->input(0));
  ASSERT_TRUE(reference->run());
  EXPECT_GT(reference->timings().size(), 3u);
  const auto output = reference->output(0)->as<int8_t>();
  const std::vector<int8_t> expected(output.begin(), output.end());
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      auto session = tulle::api::Session::create(*model);
      if (!session) {
        ++wrong;
        return;
      }
      fill(*session->input(0));
      for (int i = 0; i < 50; ++i) {
        if (!session->run()) ++wrong;
        const auto found = session->output(0)->as<int8_t>();
        if (!std::equal(found.begin(), found.end(), expected.begin(), expected.end())) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(CppApi, NamesAndErrors) {
  const auto model = tulle::api::Model::load(kDigits);
  ASSERT_TRUE(model);
  EXPECT_NE(model->metadata("TULLE_PREPARE").find("labels"), std::string_view::npos);
  auto session = tulle::api::Session::create(*model);
  ASSERT_TRUE(session);
  const auto input = session->input(0);
  ASSERT_TRUE(input);
  EXPECT_TRUE(session->input(input->name));
  const auto missing = session->output("no such output");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().status, TULLE_INVALID_ARGUMENT);
  const auto other = tulle::api::Session::create(*model, {.signature = "no such signature"});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().status, TULLE_NOT_FOUND);
}

}  // namespace
