// wasi-nn without a guest: what its functions answer over a memory that the tests write.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <thread>

#include "formats/tflite.h"
#include "host/guest_memory.h"
#include "text_sessions.h"

namespace tulle::host {
namespace {

/// A model whose output is its input, of any type.
std::string identity(const std::string& type) {
  return "graph 0 \"main\" inputs=[%0] outputs=[%1]\n  %0 \"x\" : " + type + "[2,3]\n  %1 \"y\" : " + type +
         "[2,3] = RESHAPE (%0) ReshapeOptions {new_shape=[2,3]}\n";
}

/// A guest: its memory, and calls by name.
class Guest {
 public:
  explicit Guest(NnLimits limits = {}, std::shared_ptr<const Models> models = nullptr) : nn(models, limits) {}

  uint32_t room(uint32_t bytes) {
    top_ = (top_ + 7) / 8 * 8 + 1;  // never aligned
    const uint32_t at = top_;
    top_ += bytes;
    EXPECT_LE(top_, memory.size());
    return at;
  }
  uint32_t put(std::span<const std::byte> bytes) {
    const uint32_t at = room(static_cast<uint32_t>(bytes.size()));
    if (!bytes.empty()) std::memcpy(&memory[at], bytes.data(), bytes.size());
    return at;
  }
  template <class T>
  uint32_t put_all(const std::vector<T>& values) {
    return put(std::as_bytes(std::span(values)));
  }
  uint32_t put_text(std::string_view text) { return put(std::as_bytes(std::span(text))); }
  uint32_t word(uint32_t at) const { return word_in(memory, at); }

  template <class... Args>
  int32_t operator()(std::string_view name, Args... args) {
    const std::array<uint32_t, sizeof...(Args)> arguments{static_cast<uint32_t>(args)...};
    const auto found = std::ranges::find(door, name, &DoorFunction::name);
    EXPECT_NE(found, door.end()) << name;
    EXPECT_EQ(found->parameters, static_cast<int>(sizeof...(Args))) << name;
    NnCall call{nn, memory};
    const int32_t answer = found->call(call, arguments.data());
    over_limit = call.over_limit;
    return answer;
  }

  uint32_t tensor(std::vector<uint32_t> dims, uint8_t type, std::span<const std::byte> data) {
    const uint32_t dims_at = put_all(dims), data_at = put(data);
    return record(dims_at, static_cast<uint32_t>(dims.size()), type, data_at, static_cast<uint32_t>(data.size()));
  }
  uint32_t record(uint32_t dims_at, uint32_t rank, uint8_t type, uint32_t data_at, uint32_t size) {
    return put_all<uint32_t>({dims_at, rank, 0xABCDEF00U | type, data_at, size});
  }

  /// A graph of a model in the text form; its handle, or what load answered as a failure.
  int32_t load(const std::string& text, uint32_t encoding = 4, uint32_t target = 0) {
    const auto bytes = tflite::write(*model(text)).value();
    const uint32_t at = put(bytes), list = put_all<uint32_t>({at, static_cast<uint32_t>(bytes.size())}), out = room(4);
    const int32_t answer = (*this)("load", list, 1, encoding, target, out);
    return answer == 0 ? static_cast<int32_t>(word(out)) : -answer;
  }
  uint32_t context(uint32_t graph) {
    const uint32_t out = room(4);
    EXPECT_EQ((*this)("init_execution_context", graph, out), 0) << error();
    return word(out);
  }
  std::string error(uint32_t context = UINT32_MAX) {
    const uint32_t size = room(4), at = room(500);
    EXPECT_EQ((*this)("last_error", context, at, 500, size), 0);
    return std::string(reinterpret_cast<const char*>(&memory[at]), word(size));
  }
  std::vector<float> floats(uint32_t context, uint32_t index) {
    const uint32_t size = room(4), at = room(256);
    EXPECT_EQ((*this)("get_output", context, index, at, 256, size), 0) << error();
    std::vector<float> values(word(size) / 4);
    std::memcpy(values.data(), &memory[at], values.size() * 4);
    return values;
  }

  std::vector<std::byte> memory = std::vector<std::byte>(1 << 20);
  Nn nn;
  std::span<const DoorFunction> door = ephemeral_functions();
  bool over_limit = false;
  static constexpr uint32_t kFree = 512;  ///< what lies below nothing is put into

 private:
  uint32_t top_ = kFree;
};

std::span<const std::byte> bytes_of(const std::vector<float>& values) { return std::as_bytes(std::span(values)); }

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

TEST(Nn, OutputsInGuestMemory) {
  Guest guest;
  guest.load(kSmall);
  const uint32_t context = guest.context(0);
  const uint32_t dims = guest.put_all<uint32_t>({1, 4}), data = guest.room(16), spare = guest.room(64);
  const uint32_t sum = guest.put_text("sum");
  EXPECT_EQ(guest("set_output", context, 0, guest.record(dims, 2, 1, data, 16)), 0) << guest.error();
  EXPECT_EQ(guest("set_output_by_name", context, sum, 3, guest.record(dims, 2, 1, spare, 64)), 0);
  EXPECT_EQ(guest("set_output", context, 0, guest.record(dims, 2, 1, data, 15)), 7);
  EXPECT_EQ(guest("set_output", context, 0, guest.record(dims, 2, 2, data, 16)), 1);
  EXPECT_EQ(guest("set_output", context, 0, guest.record(dims, 1, 1, data, 16)), 1);
  EXPECT_EQ(guest("set_output", context, 0, guest.record(dims, 2, 1, guest.memory.size() - 15, 16)), 1);
  EXPECT_EQ(guest("set_output", context, 2, guest.record(dims, 2, 1, data, 16)), 1);
  EXPECT_EQ(guest("set_input", context, 0, guest.tensor({1, 4}, 1, bytes_of({1, 2, 3, 4}))), 0);
  EXPECT_EQ(guest("compute", context), 0) << guest.error();
  std::vector<float> found(4);
  std::memcpy(found.data(), &guest.memory[data], 16);
  EXPECT_EQ(found, (std::vector<float>{2, 6, 12, 20}));
  std::memcpy(found.data(), &guest.memory[spare], 16);
  EXPECT_EQ(found, (std::vector<float>{2, 3, 4, 5}));
  // Larger than the memory it has: nothing is written.
  const auto before = guest.memory;
  EXPECT_EQ(guest("set_input", context, 0, guest.tensor({8, 4}, 1, bytes_of(std::vector<float>(32, 9)))), 0);
  EXPECT_EQ(guest("compute", context), 7);
  EXPECT_TRUE(std::equal(&before[data], &before[data + 16], &guest.memory[data]));
  EXPECT_TRUE(std::equal(&before[spare], &before[spare + 64], &guest.memory[spare]));
}

TEST(Nn, TypesOldAndNew) {
  struct Row {
    const char* type;
    uint8_t number;
    uint32_t width;
    bool good;
  };
  for (const Row& row :
       {Row{"uint8", 2, 1, true}, {"uint8", 3, 1, true},    {"uint8", 4, 1, true},    {"uint8", 1, 1, false},
        {"int8", 2, 1, true},     {"int8", 3, 1, true},     {"bool", 3, 1, true},     {"float32", 1, 4, true},
        {"float32", 2, 4, false}, {"int32", 3, 4, true},    {"int32", 4, 4, true},    {"int32", 5, 4, true},
        {"int32", 2, 4, false},   {"int64", 5, 8, true},    {"int64", 6, 8, true},    {"int64", 4, 8, false},
        {"float64", 2, 8, true},  {"float64", 3, 8, false}, {"float16", 0, 2, true},  {"float16", 3, 2, false},
        {"int16", 3, 2, true},    {"int16", 1, 2, false},   {"float32", 7, 4, false}, {"uint8", 255, 1, false},
        {"float32", 1, 2, false}}) {
    Guest guest;
    ASSERT_EQ(guest.load(identity(row.type)), 0) << row.type;
    const uint32_t context = guest.context(0);
    const std::vector<std::byte> data(6 * row.width, std::byte{1});
    EXPECT_EQ(guest("set_input", context, 0, guest.tensor({2, 3}, row.number, data)), row.good ? 0 : 1)
        << row.type << " as " << int{row.number};
    if (!row.good) continue;
    EXPECT_EQ(guest("compute", context), 0) << guest.error();
    const uint32_t size = guest.room(4), out = guest.room(64);
    EXPECT_EQ(guest("get_output", context, 0, out, 64, size), 0);
    EXPECT_EQ(guest.word(size), data.size());
    EXPECT_TRUE(std::ranges::equal(data, std::span(guest.memory).subspan(out, data.size())));
  }
}

TEST(Nn, SizeProbesWriteOnlyTheSize) {
  Guest guest;
  guest.load(kSmall);
  const uint32_t context = guest.context(0);
  guest("set_input", context, 0, guest.tensor({1, 4}, 1, bytes_of({1, 2, 3, 4})));
  EXPECT_EQ(guest("compute", context), 0);
  EXPECT_EQ(guest("compute", 17), 1);
  const uint32_t size = guest.room(4), out = guest.room(500);
  const auto probe = [&](std::string_view name, auto... before) {
    for (uint32_t most : {0U, 1U}) {
      auto expected = guest.memory;
      EXPECT_EQ(guest(name, before..., most == 0 ? 0xFFFFFFFF : out, most, size), 7) << name;
      const uint32_t needed = guest.word(size);
      EXPECT_GT(needed, 1U);
      put_word(std::span(expected).subspan(size), needed);
      EXPECT_TRUE(expected == guest.memory) << name;
    }
  };
  probe("get_output", context, 0);
  probe("get_output_single", context, 0);
  probe("get_input_info", 0, 0);
  probe("get_output_info", 0, 1);
  probe("last_error", 0xFFFFFFFF);
  EXPECT_EQ(guest("get_input_info", 0, 0, out, 500, size), 0);
  EXPECT_EQ(std::string(reinterpret_cast<char*>(&guest.memory[out]), guest.word(size)),
            R"({"name":"x","key":"in","dtype":"float32","shape":[-1,4],"scale":0.0,"zero_point":0})");
  EXPECT_EQ(guest("get_input_info", 0, 1, out, 500, size), 1);
  EXPECT_EQ(guest("get_output_info", 1, 0, out, 500, size), 1);
  EXPECT_EQ(guest("get_input_count", 0, out), 0);
  EXPECT_EQ(guest.word(out), 1U);
  EXPECT_EQ(guest("get_output_count", 0, out), 0);
  EXPECT_EQ(guest.word(out), 2U);
}

TEST(Nn, Lifetimes) {
  Guest guest;
  ASSERT_EQ(guest.load(kSmall), 0);
  ASSERT_EQ(guest.load(kSmall, 5), 1);
  ASSERT_EQ(guest.load(kSmall, 6), 2);
  const uint32_t context = guest.context(1), other = guest.context(2);
  const uint32_t x = guest.tensor({1, 4}, 1, bytes_of({1, 2, 3, 4}));
  EXPECT_EQ(guest("set_input", context, 0, x), 0);
  EXPECT_EQ(guest("compute", context), 0);
  EXPECT_EQ(guest("unload", 1), 0);
  EXPECT_EQ(guest("unload", 1), 1);
  // What was computed can be had until the context ends; nothing new comes.
  EXPECT_EQ(guest.floats(context, 1), (std::vector<float>{2, 3, 4, 5}));
  EXPECT_EQ(guest("set_input", context, 0, x), 1);
  EXPECT_EQ(guest("compute", context), 1);
  EXPECT_EQ(guest("init_execution_context", 1, guest.room(4)), 1);
  EXPECT_EQ(guest.floats(context, 1), (std::vector<float>{2, 3, 4, 5}));
  EXPECT_EQ(guest("finalize_execution_context", context), 0);
  EXPECT_EQ(guest("finalize_execution_context", context), 1);
  EXPECT_EQ(guest("get_output", context, 1, guest.room(16), 16, guest.room(4)), 1);
  // A context ends, its graph goes on; handles are never used again.
  EXPECT_EQ(guest("finalize_execution_context", other), 0);
  EXPECT_EQ(guest.context(2), 2U);
  EXPECT_EQ(guest.load(kSmall), 3);
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

/// However addresses and sizes lie, functions answer and write nothing that they should not.
TEST(Nn, AddressesOutsideMemory) {
  Guest guest;
  guest.load(kSmall);
  const uint32_t context = guest.context(0), x = guest.tensor({1, 4}, 1, bytes_of({1, 2, 3, 4}));
  guest("set_input", context, 0, x);
  guest("compute", context);
  const auto end = static_cast<uint32_t>(guest.memory.size());
  const auto before = guest.memory;
  std::vector<DoorFunction> all;
  for (const auto door : {ephemeral_functions(), legacy_functions(), session_functions()})
    all.insert(all.end(), door.begin(), door.end());
  for (const DoorFunction& function : all) {
    for (int bad = 0; bad < function.parameters; ++bad) {
      for (const uint32_t value : {end, end - 1, end - 3, UINT32_MAX, UINT32_MAX - 3, UINT32_MAX / 2}) {
        std::array<uint32_t, 6> arguments{};
        arguments[static_cast<size_t>(bad)] = value;
        NnCall call{guest.nn, guest.memory};
        const int32_t answer = function.call(call, arguments.data());
        EXPECT_GE(answer, 0);
        EXPECT_LE(answer, 8);
      }
    }
  }
  // Zeros are addresses, too; apart from what lies there nothing has changed.
  EXPECT_TRUE(std::equal(before.begin() + Guest::kFree, before.end(), guest.memory.begin() + Guest::kFree));
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

// WAMR's five nets: of 0 to 24 on 5x5 the sum, the largest and the mean, the mean of codes, what goes through
// unchanged, and two outputs. Its guests know wasi_nn as it was.
class Legacy : public Guest {
 public:
  explicit Legacy(const std::string& text) {
    door = legacy_functions();
    const auto bytes = tflite::write(*model(text)).value();
    const uint32_t at = put(bytes), builder = put_all<uint32_t>({at, static_cast<uint32_t>(bytes.size())}),
                   array = put_all<uint32_t>({builder, 1}), graph = room(4);
    EXPECT_EQ((*this)("load", array, 4, 0, graph), 0);
    context_ = context(word(graph));
  }
  int32_t set(const std::vector<float>& values, const std::vector<uint32_t>& dims) {
    const uint32_t at = put_all(dims), list = put_all<uint32_t>({at, static_cast<uint32_t>(dims.size())});
    return (*this)("set_input", context_, 0, put_all<uint32_t>({list, 1, put_all(values)}));
  }
  std::vector<float> get(uint32_t index, uint32_t most = 64) {
    const uint32_t size = put_all<uint32_t>({most}), at = room(4 * most);
    EXPECT_EQ((*this)("get_output", context_, index, at, size), 0);
    std::vector<float> values(word(size));
    std::memcpy(values.data(), &memory[at], values.size() * 4);
    return values;
  }
  uint32_t context_ = 0;
};

std::vector<float> count(size_t size) {
  std::vector<float> values(size);
  std::iota(values.begin(), values.end(), 0.0F);
  return values;
}

std::string folded(const std::string& op) {
  return "graph 0 \"main\" inputs=[%0] outputs=[%2]\n  %0 \"x\" : float32[1,5,5,1]\n  %1 \"axes\" : int32[2] "
         "buffer=1\n  %2 \"y\" : float32[1,1,1,1] = " +
         op + " (%0, %1) ReducerOptions {keep_dims=true}\nbuffer 0 bytes[]\nbuffer 1 bytes[01000000 02000000]";
}

TEST(Nn, Legacy) {
  for (const auto& [op, wanted] : std::map<std::string, float>{{"SUM", 300}, {"REDUCE_MAX", 24}, {"MEAN", 12}}) {
    Legacy guest(folded(op));
    EXPECT_EQ(guest.set(count(25), {1, 5, 5, 1}), 0);
    EXPECT_EQ(guest("compute", guest.context_), 0);
    EXPECT_EQ(guest.get(0), std::vector<float>{wanted}) << op;
    // Sizes are floats.
    const uint32_t none = guest.put_all<uint32_t>({0});
    EXPECT_EQ(guest("get_output", guest.context_, 0, 0, none), 7);
    EXPECT_EQ(guest.word(none), 1U);
    EXPECT_EQ(guest.set(count(24), {1, 4, 6, 1}), 1);
  }
  Legacy unchanged(identity("float32"));
  EXPECT_EQ(unchanged.set(count(6), {2, 3}), 0);
  EXPECT_EQ(unchanged("compute", unchanged.context_), 0);
  EXPECT_EQ(unchanged.get(0), count(6));
  Legacy two(kSmall);
  EXPECT_EQ(two.set(count(4), {1, 4}), 0);
  EXPECT_EQ(two("compute", two.context_), 0);
  EXPECT_EQ(two.get(0), (std::vector<float>{0, 2, 6, 12}));
  EXPECT_EQ(two.get(1), (std::vector<float>{1, 2, 3, 4}));
}

TEST(Nn, LegacyCodes) {
  for (const std::string type : {"uint8", "int8"}) {
    const std::string zero = type == "int8" ? "-128" : "0", quantised = type + "[1,5,5,1] q(0.0941176489 " + zero + ")";
    Legacy guest("graph 0 \"main\" inputs=[%0] outputs=[%1]\n  %0 \"x\" : " + quantised + "\n  %1 \"y\" : " + type +
                 "[1,1,1,1] q(0.0941176489 " + zero +
                 ") = AVERAGE_POOL_2D (%0) Pool2DOptions {padding=VALID, stride_w=5, stride_h=5, filter_width=5, "
                 "filter_height=5, fused_activation_function=NONE}\n");
    EXPECT_EQ(guest.set(count(25), {1, 5, 5, 1}), 0) << guest.nn.last_error();
    EXPECT_EQ(guest("compute", guest.context_), 0);
    ASSERT_EQ(guest.get(0).size(), 1U);
    EXPECT_NEAR(guest.get(0)[0], 11.95, 0.01);
    // Beyond the range, and what is no number.
    EXPECT_EQ(guest.set(std::vector<float>(25, 1e30F), {1, 5, 5, 1}), 0);
    EXPECT_EQ(guest("compute", guest.context_), 0);
    EXPECT_NEAR(guest.get(0)[0], 24, 0.01);
    EXPECT_EQ(guest.set(std::vector<float>(25, std::nanf("")), {1, 5, 5, 1}), 0);
    EXPECT_EQ(guest("compute", guest.context_), 0);
    EXPECT_EQ(guest.get(0)[0], 0);
  }
}

TEST(Nn, Sessions) {
  Guest guest;
  guest.load(kSmall);
  const uint32_t plain = guest.context(0);
  guest.door = session_functions();
  const auto bytes = tflite::write(*model(kSmall)).value();
  const uint32_t at = guest.put(bytes), out = guest.room(4), x = guest.put_text("x"), y = guest.put_text("y:0"),
                 data = guest.put(bytes_of({1, 2, 3, 4})), found = guest.room(16);
  EXPECT_EQ(guest("create_session", at, bytes.size(), out), 0);
  const uint32_t session = guest.word(out);
  EXPECT_EQ(guest("append_input", session, x, 1, data, 15), 1);
  EXPECT_EQ(guest("append_input", session, y, 1, data, 16), 8);
  EXPECT_EQ(guest("append_input", session, x, 1, data, 16), 0);
  EXPECT_EQ(guest("run_session", session), 0);
  EXPECT_EQ(guest("get_output_tensor", session, y, 3, out), 0);
  const uint32_t tensor = guest.word(out);
  EXPECT_EQ(guest("get_output_tensor", session, x, 1, out), 8);
  EXPECT_EQ(guest("get_tensor_len", session, tensor, out), 0);
  EXPECT_EQ(guest.word(out), 16U);
  EXPECT_EQ(guest("get_tensor_data", session, tensor, found, 15, out), 7);
  EXPECT_EQ(guest("get_tensor_data", session, tensor, found, 16, out), 0);
  std::vector<float> values(4);
  std::memcpy(values.data(), &guest.memory[found], 16);
  EXPECT_EQ(values, (std::vector<float>{2, 6, 12, 20}));
  EXPECT_EQ(guest("run_session", plain), 1);
  EXPECT_EQ(guest("delete_session", plain), 1);
  EXPECT_EQ(guest("delete_session", session), 0);
  EXPECT_EQ(guest("delete_session", session), 1);
  EXPECT_EQ(guest("run_session", session), 1);
  EXPECT_EQ(guest("create_session", x, 1, out), 1);
}

TEST(Nn, DoorsByImports) {
  const Import old[] = {{"wasi_nn", "load", 4}, {"wasi_nn", "set_input", 3}, {"wasi_nn", "get_output", 4}};
  const Import today[] = {{"wasi_nn", "load", 5}, {"wasi_nn", "set_input", 3}, {"wasi_nn", "get_output", 5}};
  for (const Import& import : old) EXPECT_EQ(find_function(old, import)->module, "wasi_nn") << import.name;
  for (const Import& import : today) EXPECT_EQ(find_function(today, import)->module, "wasi_ephemeral_nn");
  EXPECT_EQ(find_function(old, {"wasi_nn", "unload", 1}), nullptr);
  EXPECT_EQ(find_function({}, {"wasi_ephemeral_nn", "load", 4}), nullptr);
  EXPECT_EQ(find_function({}, {"wasi_ephemeral_nn", "nothing", 1}), nullptr);
  EXPECT_EQ(find_function({}, {"env", "load", 5}), nullptr);
  EXPECT_NE(find_function({}, {"wasmedge_tensorflowlite", "append_input", 5}), nullptr);
}

TEST(Nn, UnloadDuringCompute) {
  Guest guest;
  guest.load(kSmall);
  const uint32_t context = guest.context(0);
  std::vector<float> values(4 * 20000, 1.5F);
  const std::array<uint32_t, 2> dims{20000, 4};
  const auto held = guest.nn.attached_context(context).value();
  ASSERT_TRUE(held->set_input(0, {dims, 1, bytes_of(values)}));
  std::atomic<int> done = 0, busy = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const auto use = held->use();
        if (!use) {
          EXPECT_EQ(use.error().code, Errno::kBusy);
          ++busy;
          continue;
        }
        EXPECT_TRUE(guest.nn.compute(*held));
        ++done;
      }
    });
  EXPECT_TRUE(guest.nn.unload(0));
  EXPECT_TRUE(guest.nn.finalize_context(context));
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(done, 0);
  EXPECT_FALSE(guest.nn.context(context));
}

TEST(Nn, HundredThousandLoads) {
  Guest guest;
  const auto bytes = tflite::write(*model(kSmall)).value();
  for (uint32_t i = 0; i < 100000; ++i) {
    ASSERT_EQ(guest.nn.load(bytes, 4, 0).value(), i);
    ASSERT_TRUE(guest.nn.unload(i));
  }
}

TEST(Nn, Deadline) {
  Guest guest;
  guest.load(kSmall);
  const uint32_t context = guest.context(0);
  guest("set_input", context, 0, guest.tensor({1, 4}, 1, bytes_of({1, 2, 3, 4})));
  guest.nn.set_deadline(std::chrono::steady_clock::now() - std::chrono::seconds(1));
  EXPECT_EQ(guest("compute", context), 5);
  EXPECT_EQ(guest("get_output", context, 0, guest.room(16), 16, guest.room(4)), 5);
}

}  // namespace
}  // namespace tulle::host
