// What wasi-nn means: models, contexts, inputs, outputs, limits.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "nn_guest.h"

namespace tulle::host {
namespace {

TEST(Nn, ByIndexAndByName) {
  Guest guest;
  const int32_t graph = guest.load(kSmall);
  ASSERT_EQ(graph, 0);
  const uint32_t context = guest.context(0);
  EXPECT_EQ(context, 0U);
  const uint32_t size = guest.room(4), out = guest.room(64);
  EXPECT_EQ(guest("get_output", context, 0, out, 64, size), 5);
  EXPECT_EQ(guest.error(context), "nothing is computed");
  EXPECT_EQ(guest("compute", context), 1);
  EXPECT_EQ(guest.error(), "input 0 \"in\" is not set");

  const uint32_t x = guest.tensor({1, 4}, 1, bytes_of({1, 2, -3, 0.5}));
  for (const char* name : {"x", "in", "x:0"}) {
    const uint32_t at = guest.put_text(name);
    EXPECT_EQ(guest("set_input_by_name", context, at, std::strlen(name), x), 0) << guest.error();
    EXPECT_EQ(guest("set_input_by_string", context, at, std::strlen(name), x), 0);
  }
  EXPECT_EQ(guest("set_input", context, 0, x), 0);
  EXPECT_EQ(guest("compute", context), 0);
  EXPECT_EQ(guest.floats(context, 0), (std::vector<float>{2, 6, 0, 0.75}));
  EXPECT_EQ(guest.floats(context, 1), (std::vector<float>{2, 3, -2, 1.5}));
  for (const char* name : {"y", "product", "sum"}) {
    const uint32_t at = guest.put_text(name);
    EXPECT_EQ(guest("get_output_by_name", context, at, std::strlen(name), out, 64, size), 0);
    EXPECT_EQ(guest.word(size), 16U);
  }
  const uint32_t unknown = guest.put_text("z");
  EXPECT_EQ(guest("get_output_by_name", context, unknown, 1, out, 64, size), 8);
  EXPECT_EQ(guest.error(context), "no output \"z\"; there are 2: \"product\", \"sum\"");
  EXPECT_EQ(guest("set_input_by_name", context, unknown, 1, x), 8);
  EXPECT_EQ(guest.nn.work().executions, 1U);

  // Another shape where the model leaves it free; inputs and outputs stay until they are replaced.
  const uint32_t two = guest.tensor({2, 4}, 1, bytes_of({1, 1, 1, 1, 2, 2, 2, 2}));
  EXPECT_EQ(guest("set_input", context, 0, two), 0);
  EXPECT_EQ(guest("compute", context), 0);
  EXPECT_EQ(guest("compute", context), 0);
  EXPECT_EQ(guest.floats(context, 0), (std::vector<float>{2, 2, 2, 2, 6, 6, 6, 6}));
  EXPECT_EQ(guest("set_input", context, 0, guest.tensor({2, 4}, 1, bytes_of({5, 5, 5, 5, 5, 5, 5, 5}))), 0);
  EXPECT_EQ(guest.floats(context, 0), (std::vector<float>{2, 2, 2, 2, 6, 6, 6, 6}));
  EXPECT_EQ(guest("set_input", context, 0, guest.tensor({2, 5}, 1, bytes_of(std::vector<float>(10)))), 1);
  EXPECT_EQ(guest("set_input", context, 0, guest.tensor({8}, 1, bytes_of(std::vector<float>(8)))), 1);
  EXPECT_EQ(guest("set_input", context, 1, x), 1);
}

TEST(Nn, Refusals) {
  Guest guest;
  EXPECT_EQ(guest.load(kSmall, 0), -2);
  EXPECT_EQ(guest.load(kSmall, 1), -6);
  EXPECT_EQ(guest.load(kSmall, 2), -6);
  EXPECT_EQ(guest.error(), "TensorFlow graphs are not read yet");
  EXPECT_EQ(guest.load(kSmall, 3), -2);
  EXPECT_EQ(guest.load(kSmall, 7), -2);
  EXPECT_EQ(guest.load(kSmall, 4, 1), -6);
  EXPECT_EQ(guest.load(kSmall, 4, 2), -6);
  EXPECT_EQ(guest.load(kSmall, 4, 3), -1);
  const uint32_t text = guest.put_text("no model at all"), list = guest.put_all<uint32_t>({text, 15, text, 15}),
                 out = guest.room(4);
  EXPECT_EQ(guest("load", list, 1, 4, 0, out), 1);
  EXPECT_EQ(guest("load", list, 1, 5, 0, out), 2);
  EXPECT_EQ(guest("load", list, 2, 4, 0, out), 1);
  EXPECT_EQ(guest("load", list, 0, 4, 0, out), 1);
  EXPECT_EQ(guest("load_by_name", text, 2, out), 8);
  EXPECT_EQ(guest("load_by_name_with_config", text, 2, text, 3, out), 1);
  // None of these was given a handle.
  EXPECT_EQ(guest.load(kSmall), 0);
}

TEST(Nn, Limits) {
  Guest guest({.graphs = 2, .contexts = 3, .bytes = 1 << 16});
  EXPECT_EQ(guest.load(kSmall), 0);
  EXPECT_EQ(guest.load(kSmall), 1);
  EXPECT_EQ(guest.load(kSmall), -7);
  EXPECT_TRUE(guest.over_limit);
  EXPECT_EQ(guest("unload", 0), 0);
  EXPECT_EQ(guest.load(kSmall), 2);
  for (int i = 0; i < 3; ++i) guest.context(1);
  EXPECT_EQ(guest("init_execution_context", 1, guest.room(4)), 7);
  EXPECT_TRUE(guest.over_limit);
  // Bytes: of the model, and of what its contexts hold.
  EXPECT_EQ(guest("set_input", 0, 0, guest.tensor({1000, 4}, 1, bytes_of(std::vector<float>(4000)))), 5);
  EXPECT_FALSE(guest.over_limit);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(guest("finalize_execution_context", i), 0);
    ASSERT_EQ(guest.context(1), static_cast<uint32_t>(i) + 3);
  }
}

TEST(Nn, NamedModelsAreShared) {
  const auto path = std::filesystem::temp_directory_path() / "tulle-nn-test.tflite";
  const auto bytes = tflite::write(*model(kSmall)).value();
  {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  auto models = std::make_shared<Models>();
  EXPECT_TRUE(models->add("one", path.string()));
  EXPECT_TRUE(models->add("two", path.string()));
  EXPECT_EQ(models->find("one"), models->find("two"));
  EXPECT_EQ(models->add("one", path.string()).error().message, "model \"one\" is given twice");
  EXPECT_FALSE(models->add("three", "/no/such/file"));
  Guest guest({}, models);
  const uint32_t name = guest.put_text("one"), out = guest.room(4), settings = guest.put_text("{\"threads\":2}");
  EXPECT_EQ(guest("load_by_name", name, 3, out), 0);
  EXPECT_EQ(guest.word(out), 0U);
  EXPECT_EQ(guest("load_by_name_with_config", name, 3, settings, 13, out), 0);
  EXPECT_EQ(guest.word(out), 1U);
  const uint32_t a = guest.context(0), b = guest.context(1);
  EXPECT_EQ(guest("unload", 0), 0);
  const uint32_t x = guest.tensor({1, 4}, 1, bytes_of({1, 2, 3, 4}));
  EXPECT_EQ(guest("set_input", a, 0, x), 1);
  EXPECT_EQ(guest("set_input", b, 0, x), 0);
  EXPECT_EQ(guest("compute", b), 0);
  std::filesystem::remove(path);
}

TEST(Nn, Deadline) {
  Guest guest;
  guest.load(kSmall);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
  guest.nn.set_deadline(deadline);
  const uint32_t context = guest.context(0);
  EXPECT_EQ(guest("set_input", context, 0, guest.tensor({1, 4}, 1, bytes_of({1, 2, 3, 4}))), 0);
  std::this_thread::sleep_until(deadline);
  EXPECT_EQ(guest("compute", context), 5);
  EXPECT_EQ(guest("get_output", context, 0, guest.room(16), 16, guest.room(4)), 5);
}

/// Reading the words of a failure, or failing to, does not replace them.
TEST(Nn, LastErrors) {
  Guest guest;
  guest.load(kSmall);
  const uint32_t a = guest.context(0), b = guest.context(0);
  EXPECT_EQ(guest.error(), "");
  EXPECT_EQ(guest("compute", a), 1);
  EXPECT_EQ(guest("get_output", b, 0, 0, 0, guest.room(4)), 5);
  EXPECT_EQ(guest("unload", 9), 1);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(guest.error(), "there is no graph 9");
    EXPECT_EQ(guest.error(a), "input 0 \"in\" is not set");
    EXPECT_EQ(guest.error(b), "nothing is computed");
    EXPECT_EQ(guest("last_error", a, 0, 0, guest.room(4)), 7);
    EXPECT_EQ(guest("last_error", 7, 0, 0, guest.room(4)), 1);
    EXPECT_EQ(guest("last_error", b, guest.memory.size(), 500, guest.room(4)), 1);
  }
  EXPECT_EQ(guest("set_input_by_name", a, guest.memory.size(), 4, 0), 1);
  EXPECT_EQ(guest.error(a), "the name lies outside memory");
  EXPECT_EQ(guest("unload", 0), 0);
  EXPECT_EQ(guest("compute", b), 1);
  EXPECT_EQ(guest.error(b), "the graph of the context is unloaded");
}

}  // namespace
}  // namespace tulle::host
