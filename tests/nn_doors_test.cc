// Doors beside wasi_ephemeral_nn, and which of them a guest means.
#include <cmath>
#include <map>
#include <numeric>

#include "nn_guest.h"

namespace tulle::host {
namespace {

// WAMR's five nets: of 0 to 24 on 5x5 the sum, the largest and the mean, the mean of codes, what goes through
// unchanged, and two outputs. Its guests know wasi_nn as it was.
class Legacy : public Guest {
 public:
  explicit Legacy(const std::string& text) {
    door = legacy_functions();
    const uint32_t array = put_all<uint32_t>({parts(text), 1}), graph = room(4);
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
    return floats_at(at, word(size));
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

TEST(NnDoors, Legacy) {
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

TEST(NnDoors, LegacyCodes) {
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

TEST(NnDoors, Sessions) {
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
  EXPECT_EQ(guest.floats_at(found, 4), (std::vector<float>{2, 6, 12, 20}));
  EXPECT_EQ(guest("run_session", plain), 1);
  EXPECT_EQ(guest("delete_session", plain), 1);
  EXPECT_EQ(guest("delete_session", session), 0);
  EXPECT_EQ(guest("delete_session", session), 1);
  EXPECT_EQ(guest("run_session", session), 1);
  EXPECT_EQ(guest("create_session", x, 1, out), 1);
}

TEST(NnDoors, DoorsByImports) {
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

}  // namespace
}  // namespace tulle::host
