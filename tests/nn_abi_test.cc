// What guests pass to wasi-nn: addresses, lengths, handles, records and types that are right, wrong, or just not right.
#include <map>

#include "nn_guest.h"

namespace tulle::host {
namespace {

constexpr uint32_t kRoom = 500;

/// A guest in which every function has what it needs: graph 0 with context 0, computed, and a session, context 1.
struct Stage : Guest {
  Stage() {
    EXPECT_EQ(load(kSmall), 0);
    EXPECT_EQ(context(0), 0U);
    EXPECT_EQ((*this)("set_input", 0, 0, x), 0);
    EXPECT_EQ((*this)("compute", 0), 0);
    door = session_functions();
    EXPECT_EQ((*this)("create_session", word(list), word(list + 4), out), 0);
    EXPECT_EQ((*this)("append_input", 1, name_x, 1, data, 16), 0);
    EXPECT_EQ((*this)("run_session", 1), 0);
  }

  uint32_t list = parts(kSmall), array = put_all<uint32_t>({list, 1}), out = room(4);
  uint32_t data = put(bytes_of({1, 2, 3, 4})), dims = put_all<uint32_t>({1, 4}), x = record(dims, 2, 1, data, 16);
  uint32_t legacy_dims = put_all<uint32_t>({dims, 2}), legacy_x = put_all<uint32_t>({legacy_dims, 1, data});
  uint32_t name_x = put_text("x"), name_y = put_text("y"), model_name = put_text("model"), settings = put_text("{}");
  uint32_t buffer = room(kRoom), written = room(4), floats_count = put_all<uint32_t>({16});
};

/// A function and arguments that are right. Kinds: of the arguments, by letters.
struct Row {
  std::span<const DoorFunction> door;
  std::string_view function, kinds;
  std::vector<uint32_t> good;
  int32_t answer = 0;
};

// A and N: an address and how many bytes are there; O: of an answer; R, r: of a tensor of 20 and 12 bytes; L and 1: of
// parts, and how many; Y: of their address and number; F: of floats, as many as S says; G, C, I: handles and index;
// X: a context or all; E: encoding or target.
std::vector<Row> rows(const Stage& s) {
  const auto all = ephemeral_functions(), old = legacy_functions(), sessions = session_functions();
  const uint32_t model = s.word(s.list), size = s.word(s.list + 4);
  return {
      {all, "load", "L1EEO", {s.list, 1, 4, 0, s.out}},
      {all, "load_by_name", "ANO", {s.model_name, 5, s.out}, 8},
      {all, "load_by_name_with_config", "ANANO", {s.model_name, 5, s.settings, 2, s.out}, 8},
      {all, "unload", "G", {0}},
      {all, "init_execution_context", "GO", {0, s.out}},
      {all, "finalize_execution_context", "C", {0}},
      {all, "set_input", "CIR", {0, 0, s.x}},
      {all, "set_input_by_name", "CANR", {0, s.name_x, 1, s.x}},
      {all, "set_input_by_string", "CANR", {0, s.name_x, 1, s.x}},
      {all, "set_output", "CIR", {0, 0, s.x}},
      {all, "set_output_by_name", "CANR", {0, s.name_y, 1, s.x}},
      {all, "set_output_by_string", "CANR", {0, s.name_y, 1, s.x}},
      {all, "compute", "C", {0}},
      {all, "get_output", "CIANO", {0, 0, s.buffer, 64, s.written}},
      {all, "get_output_by_name", "CANANO", {0, s.name_y, 1, s.buffer, 64, s.written}},
      {all, "get_output_by_string", "CANANO", {0, s.name_y, 1, s.buffer, 64, s.written}},
      {all, "compute_single", "C", {0}},
      {all, "get_output_single", "CIANO", {0, 0, s.buffer, 64, s.written}},
      {all, "fini_single", "C", {0}},
      {all, "last_error", "XANO", {0, s.buffer, kRoom, s.written}},
      {all, "get_input_count", "GO", {0, s.out}},
      {all, "get_output_count", "GO", {0, s.out}},
      {all, "get_input_info", "GIANO", {0, 0, s.buffer, kRoom, s.written}},
      {all, "get_output_info", "GIANO", {0, 0, s.buffer, kRoom, s.written}},
      {old, "load", "YEEO", {s.array, 4, 0, s.out}},
      {old, "load_by_name", "ANO", {s.model_name, 5, s.out}, 8},
      {old, "init_execution_context", "GO", {0, s.out}},
      {old, "set_input", "CIr", {0, 0, s.legacy_x}},
      {old, "compute", "C", {0}},
      {old, "get_output", "CIFS", {0, 0, s.buffer, s.floats_count}},
      {sessions, "create_session", "ANO", {model, size, s.out}},
      {sessions, "delete_session", "C", {1}},
      {sessions, "run_session", "C", {1}},
      {sessions, "get_output_tensor", "CANO", {1, s.name_y, 1, s.out}},
      {sessions, "get_tensor_len", "CIO", {1, 0, s.out}},
      {sessions, "get_tensor_data", "CIANO", {1, 0, s.buffer, 64, s.written}},
      {sessions, "append_input", "CANAN", {1, s.name_x, 1, s.data, 16}},
  };
}

/// Addresses of so many bytes that do not all lie in memory: by one byte, by all, and around the end of all addresses.
std::vector<uint32_t> outside(uint32_t end, uint32_t size) {
  return {end - size + 1, end, end + 1, 0x80000000, -size, UINT32_MAX - size / 2, UINT32_MAX};
}

/// Lengths that lead out of memory: by one, by all, and so that address and length together are 0 or little.
std::vector<uint32_t> too_long(uint32_t end, uint32_t at) {
  return {end - at + 1, end, -at, 1 - at, 64 - at, UINT32_MAX};
}

std::vector<uint32_t> wrong(char kind, const Stage& s, uint32_t good, uint32_t before, uint32_t behind) {
  const auto end = static_cast<uint32_t>(s.memory.size());
  const std::map<char, uint32_t> sizes{{'A', behind}, {'O', 4}, {'R', 20}, {'r', 12},
                                       {'L', 8},      {'Y', 8}, {'F', 16}, {'S', 4}};
  if (const auto size = sizes.find(kind); size != sizes.end()) return outside(end, size->second);
  switch (kind) {
    case 'N': return too_long(end, before);
    case '1': return {0, 2, 1 << 29, (1 << 29) + 1, UINT32_MAX};  // 8 bytes each
    case 'G':
    case 'C': return {good + 2, 0x80000000, UINT32_MAX};
    case 'X': return {2, UINT32_MAX - 1};
    case 'I': return {2, 0x80000000, UINT32_MAX};
    default: return {};
  }
}

TEST(NnAbi, EveryFunctionHasARow) {
  const auto all = rows(Stage());
  size_t functions = 0;
  for (const auto door : {ephemeral_functions(), legacy_functions(), session_functions()}) {
    functions += door.size();
    for (const DoorFunction& function : door)
      EXPECT_EQ(std::ranges::count_if(all,
                                      [&](const Row& row) {
                                        return row.door.data() == door.data() && row.function == function.name &&
                                               row.kinds.size() == static_cast<size_t>(function.parameters);
                                      }),
                1)
          << function.module << ' ' << function.name;
  }
  EXPECT_EQ(functions, all.size());
}

/// One argument after the other is wrong in every way: the answer is 1 and memory stays as it is. Afterwards the
/// function does what it should, so nothing else has changed.
TEST(NnAbi, EachArgumentWrong) {
  const size_t count = rows(Stage()).size();
  for (size_t i = 0; i < count; ++i) {
    Stage stage;
    const Row row = rows(stage)[i];
    const DoorFunction& function = *std::ranges::find(row.door, row.function, &DoorFunction::name);
    const auto before = stage.memory;
    for (size_t k = 0; k < row.kinds.size(); ++k) {
      const uint32_t left = k > 0 ? row.good[k - 1] : 0, right = k + 1 < row.good.size() ? row.good[k + 1] : 0;
      for (const uint32_t value : wrong(row.kinds[k], stage, row.good[k], left, right)) {
        std::vector<uint32_t> arguments = row.good;
        arguments[k] = value;
        EXPECT_EQ(stage.call(function, arguments), 1)
            << function.module << ' ' << row.function << ' ' << k << ": " << value;
        EXPECT_FALSE(stage.over_limit);
      }
    }
    EXPECT_TRUE(stage.memory == before) << row.function;
    EXPECT_EQ(stage.call(function, row.good), row.answer) << function.module << ' ' << row.function;
  }
}

/// The same for what lies in memory.
TEST(NnAbi, EachWordOfARecordWrong) {
  Stage s;
  const auto end = static_cast<uint32_t>(s.memory.size());
  const uint32_t model = s.word(s.list), size = s.word(s.list + 4);
  const std::vector<uint32_t> ranks{0, 1, 3, 9, 1 << 30, (1 << 30) + 2, UINT32_MAX};
  const std::vector<uint32_t> dims{0, 2, 5, 1 << 16, 1 << 30, (1U << 30) + 1, 0x80000000, UINT32_MAX};
  const std::vector<Row> functions{
      {ephemeral_functions(), "load", "", {s.list, 1, 4, 0, s.out}},
      {ephemeral_functions(), "set_input", "", {0, 0, s.x}},
      {ephemeral_functions(), "set_output", "", {0, 0, s.x}},
      {legacy_functions(), "load", "", {s.array, 4, 0, s.out}},
      {legacy_functions(), "set_input", "", {0, 0, s.legacy_x}},
  };
  struct Word {
    std::vector<int> functions;  ///< by number, those that read it
    uint32_t at;
    std::vector<uint32_t> wrong;
  };
  const std::vector<Word> words{
      {{0, 3}, s.list, outside(end, size)},
      {{0, 3}, s.list + 4, too_long(end, model)},
      {{0, 3}, s.list + 4, {0, 1, 7}},
      {{3}, s.array, outside(end, 8)},
      {{3}, s.array + 4, {0, 2, 1 << 29, (1 << 29) + 1, UINT32_MAX}},
      {{1, 2}, s.x, outside(end, 8)},
      {{1, 2}, s.x + 4, ranks},
      {{1, 2}, s.x + 8, {2, 3, 4, 7, 0xFF, 0xABCDEF00}},
      {{1, 2}, s.x + 12, outside(end, 16)},
      {{1, 2}, s.x + 16, too_long(end, s.data)},
      {{1}, s.x + 16, {0, 1, 15, 17, 32}},
      {{1, 2, 4}, s.dims + 4, dims},
      {{4}, s.legacy_x, outside(end, 8)},
      {{4}, s.legacy_x + 4, {0, 2, 3, 4, 0xFF}},
      {{4}, s.legacy_x + 8, outside(end, 16)},
      {{4}, s.legacy_dims, outside(end, 8)},
      {{4}, s.legacy_dims + 4, ranks},
  };
  auto before = s.memory;
  for (const Word& word : words) {
    const uint32_t good = s.word(word.at);
    for (const int number : word.functions) {
      const Row& row = functions[static_cast<size_t>(number)];
      const DoorFunction& function = *std::ranges::find(row.door, row.function, &DoorFunction::name);
      for (const uint32_t value : word.wrong) {
        s.set_word(word.at, value);
        EXPECT_EQ(s.call(function, row.good), 1) << function.module << ' ' << row.function << ": " << value;
        s.set_word(word.at, good);
      }
      EXPECT_TRUE(s.memory == before) << row.function;
      EXPECT_EQ(s.call(function, row.good), 0) << function.module << ' ' << row.function << s.nn.last_error();
      before = s.memory;
    }
  }
}

/// Records need not be aligned, and what is behind the type means nothing.
TEST(NnAbi, RecordsLieAnywhere) {
  for (uint32_t shift = 0; shift < 8; ++shift) {
    for (const uint32_t padding : {0U, 0xABCDEF00U, 0xFFFFFF00U}) {
      Stage s;
      s.room(shift);
      const auto at = [&](std::span<const std::byte> bytes) {
        const uint32_t place = s.room(static_cast<uint32_t>(bytes.size()) + 8) + shift;
        std::ranges::copy(bytes, &s.memory[place]);
        return place;
      };
      const auto words = [&](std::vector<uint32_t> all) { return at(std::as_bytes(std::span(all))); };
      const uint32_t data = at(bytes_of({4, 3, 2, 1})), dims = words({1, 4}), size = words({9});
      const uint32_t bound = words({0, 0, 0, 0});
      s.door = ephemeral_functions();
      EXPECT_EQ(s("set_input", 0, 0, words({dims, 2, padding | 1, data, 16})), 0);
      EXPECT_EQ(s("set_output", 0, 1, words({dims, 2, padding | 1, bound, 16})), 0);
      EXPECT_EQ(s("compute", 0), 0);
      EXPECT_EQ(s.floats_at(bound, 4), (std::vector<float>{5, 4, 3, 2}));
      EXPECT_EQ(s("get_output", 0, 0, bound, 16, size), 0);
      EXPECT_EQ(s.word(size), 16U);
      EXPECT_EQ(s.floats_at(bound, 4), (std::vector<float>{20, 12, 6, 2}));
      s.door = legacy_functions();
      EXPECT_EQ(s("set_input", 0, 0, words({words({dims, 2}), padding | 1, data})), 0);
      EXPECT_EQ(s("load", words({words({s.word(s.list), s.word(s.list + 4)}), 1}), 4, 0, size), 0);
    }
  }
}

TEST(NnAbi, TypesOldAndNew) {
  const std::map<std::string, std::vector<int>> numbers{
      // Before August 2023, since then, and as in WIT; bytes where a type has no number.
      {"float16", {0, 0, 0}}, {"float32", {1, 1, 1}}, {"uint8", {2, 3, 4}},  {"int32", {3, 4, 5}}, {"float64", {2, 2}},
      {"int64", {5, 6}},      {"bfloat16", {3}},      {"int8", {2, 3, 4}},   {"bool", {2, 3, 4}},  {"int16", {2, 3, 4}},
      {"uint16", {2, 3, 4}},  {"uint32", {2, 3, 4}},  {"uint64", {2, 3, 4}},
  };
  const std::map<std::string, uint32_t> widths{{"float16", 2}, {"bfloat16", 2}, {"int16", 2}, {"uint16", 2},
                                               {"uint8", 1},   {"int8", 1},     {"bool", 1},  {"float64", 8},
                                               {"int64", 8},   {"uint64", 8}};
  for (const auto& [type, good] : numbers) {
    const uint32_t width = widths.contains(type) ? widths.at(type) : 4;
    for (const int number : {0, 1, 2, 3, 4, 5, 6, 7, 100, 255}) {
      SCOPED_TRACE(type + " as " + std::to_string(number));
      Guest guest;
      ASSERT_EQ(guest.load(identity(type)), 0) << guest.error();
      const uint32_t context = guest.context(0), size = guest.room(4), out = guest.room(64);
      std::vector<std::byte> data(size_t{6} * width, std::byte{1});
      const bool fits = std::ranges::find(good, number) != good.end();
      const auto set = [&](const char* function, size_t bytes) {
        std::vector<std::byte> some(data);
        some.resize(bytes);
        return guest(function, context, 0, guest.tensor({2, 3}, static_cast<uint8_t>(number), some));
      };
      for (const size_t bytes : {data.size() - 1, data.size() + 1, data.size() / 2, data.size() * 2})
        EXPECT_EQ(set("set_input", bytes), 1) << bytes;
      EXPECT_EQ(set("set_input", data.size()), fits ? 0 : 1);
      EXPECT_EQ(set("set_output", data.size() - 1), fits ? 7 : 1);
      EXPECT_EQ(set("set_output", data.size()), fits ? 0 : 1);
      if (!fits) continue;
      const uint32_t dims = guest.put_all<uint32_t>({2, 3}), bound = guest.room(64);
      EXPECT_EQ(guest("set_output", context, 0, guest.record(dims, 2, static_cast<uint8_t>(number), bound, 64)), 0);
      EXPECT_EQ(guest("compute", context), 0) << guest.error();
      EXPECT_EQ(guest("get_output", context, 0, out, 64, size), 0);
      EXPECT_EQ(guest.word(size), data.size());
      EXPECT_TRUE(std::ranges::equal(data, guest.bytes_at(out, data.size())));
      EXPECT_TRUE(std::ranges::equal(data, guest.bytes_at(bound, data.size())));
    }
  }
}

TEST(NnAbi, NoElements) {
  Stage s;
  const auto end = static_cast<uint32_t>(s.memory.size());
  const uint32_t dims = s.put_all<uint32_t>({0, 4}), other = s.put_all<uint32_t>({0, 5});
  s.door = ephemeral_functions();
  struct Given {
    uint32_t dims, data, size;
    uint8_t type;
    int32_t answer;
  };
  for (const Given& row : {Given{dims, s.data, 0, 1, 0},
                           {dims, end, 0, 1, 0},
                           {dims, end + 1, 0, 1, 1},
                           {dims, s.data, 1, 1, 1},
                           {dims, s.data, 16, 1, 1},
                           {dims, s.data, 0, 3, 0},
                           {dims, s.data, 0, 7, 1},
                           {other, s.data, 0, 1, 1},
                           {s.dims, s.data, 0, 1, 1}})
    EXPECT_EQ(s("set_input", 0, 0, s.record(row.dims, 2, row.type, row.data, row.size)), row.answer)
        << row.data << ' ' << row.size << ' ' << int{row.type};
  EXPECT_EQ(s("set_input", 0, 0, s.record(dims, 2, 1, end, 0)), 0);
  EXPECT_EQ(s("set_output", 0, 0, s.record(dims, 2, 1, end, 0)), 0);
  EXPECT_EQ(s("get_output", 0, 0, s.buffer, 16, s.written), 5);
  EXPECT_EQ(s("compute", 0), 0) << s.error();
  s.set_word(s.written, 77);
  EXPECT_EQ(s("get_output", 0, 0, end, 0, s.written), 0);
  EXPECT_EQ(s.word(s.written), 0U);
  // Names and models of no bytes.
  EXPECT_EQ(s("set_input_by_name", 0, end, 0, s.x), 8);
  EXPECT_EQ(s("load_by_name", end, 0, s.out), 8);
  EXPECT_EQ(s("load", s.put_all<uint32_t>({end, 0}), 1, 4, 0, s.out), 1);
  s.door = legacy_functions();
  EXPECT_EQ(s("set_input", 0, 0, s.put_all<uint32_t>({s.put_all<uint32_t>({dims, 2}), 1, end})), 0);
  EXPECT_EQ(s("compute", 0), 0);
  s.door = session_functions();
  EXPECT_EQ(s("append_input", 1, s.name_x, 1, end, 0), 1);
  EXPECT_EQ(s("create_session", end, 0, s.out), 1);
}

/// Too small a buffer: 7, what is needed, and nothing else is written, wherever the buffer is said to lie.
TEST(NnAbi, SizeProbes) {
  Stage s;
  s.door = ephemeral_functions();
  EXPECT_EQ(s("compute", 17), 1);
  EXPECT_EQ(s("set_output", 0, 17, s.x), 1);
  const auto ephemeral = ephemeral_functions(), old = legacy_functions(), sessions = session_functions();
  // Arguments before the buffer; the legacy one has its size in memory.
  const std::vector<Row> probes{
      {ephemeral, "get_output", "", {0, 0}},
      {ephemeral, "get_output_single", "", {0, 1}},
      {ephemeral, "get_output_by_name", "", {0, s.name_y, 1}},
      {ephemeral, "get_output_by_string", "", {0, s.name_y, 1}},
      {ephemeral, "get_input_info", "", {0, 0}},
      {ephemeral, "get_output_info", "", {0, 1}},
      {ephemeral, "last_error", "", {UINT32_MAX}},
      {ephemeral, "last_error", "", {0}},
      {old, "get_output", "", {0, 0}},
      {sessions, "get_tensor_data", "", {1, 0}},
  };
  for (const Row& row : probes) {
    const DoorFunction& function = *std::ranges::find(row.door, row.function, &DoorFunction::name);
    const bool in_memory = row.door.data() == old.data();
    const auto probe = [&](uint32_t at, uint32_t most) {
      std::vector<uint32_t> arguments = row.good;
      arguments.push_back(at);
      if (in_memory) s.set_word(s.written, most);
      if (!in_memory) arguments.push_back(most);
      arguments.push_back(s.written);
      return s.call(function, arguments);
    };
    s.set_word(s.written, 0);
    EXPECT_EQ(probe(0, 0), 7) << row.function;
    const uint32_t needed = s.word(s.written);
    ASSERT_GT(needed, 1U);
    const auto expected = s.memory;
    const auto end = static_cast<uint32_t>(s.memory.size());
    for (const auto& [at, most] :
         {std::pair(UINT32_MAX, 0U), {end, 0U}, {s.buffer, 0U}, {s.buffer, 1U}, {s.buffer, needed - 1}}) {
      s.set_word(s.written, 0);
      EXPECT_EQ(probe(at, most), 7) << row.function;
      EXPECT_TRUE(s.memory == expected) << row.function;
    }
    // One that would be too small, but does not lie in memory.
    EXPECT_EQ(probe(end, 1), 1) << row.function;
    EXPECT_EQ(probe(s.buffer, needed), 0) << row.function;
    EXPECT_EQ(s.word(s.written), needed);
  }
}

TEST(NnAbi, Metadata) {
  Stage s;
  s.door = ephemeral_functions();
  EXPECT_EQ(s("get_input_info", 0, 0, s.buffer, kRoom, s.written), 0);
  EXPECT_EQ(std::string(reinterpret_cast<char*>(&s.memory[s.buffer]), s.word(s.written)),
            R"({"name":"x","key":"in","dtype":"float32","shape":[-1,4],"scale":0.0,"zero_point":0})");
  EXPECT_EQ(s("get_input_count", 0, s.out), 0);
  EXPECT_EQ(s.word(s.out), 1U);
  EXPECT_EQ(s("get_output_count", 0, s.out), 0);
  EXPECT_EQ(s.word(s.out), 2U);
}

}  // namespace
}  // namespace tulle::host
