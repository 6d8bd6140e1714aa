// Operators that call graphs, keep something or read options: what they say of models that do not fit, and cases that
// the golden vectors leave out.
#include <gtest/gtest.h>

#include <flatbuffers/flexbuffers.h>

#include "graph/text.h"
#include "graph/verify.h"
#include "runtime/session.h"

namespace tulle {
namespace {

Result<std::unique_ptr<Session>> session(std::string_view text) {
  auto model = parse(text);
  if (!model) return std::unexpected(model.error());
  constexpr size_t kMemory = 16 << 20;
  return Session::create(std::make_shared<const Model>(*std::move(model)), {.memory_limit = kMemory});
}

template <class T>
void set(Session& session, int input, std::initializer_list<T> values) {
  const auto result = session.set_input(input, std::as_bytes(std::span(values.begin(), values.size())));
  ASSERT_TRUE(result) << result.error().message;
}

template <class T>
std::vector<T> output(const Session& session, int i) {
  const Tensor& tensor = session.output(i);
  return {tensor.as<const T>(), tensor.as<const T>() + tensor.elements()};
}

/// The message of the first thing that fails: reading, preparing, or a run on zeros.
std::string complaint(std::string_view text) {
  auto made = session(text);
  if (!made) return made.error().message;
  for (size_t i = 0; i < (*made)->inputs().size(); ++i) {
    const std::vector<std::byte> zeros((*made)->input(static_cast<int>(i)).bytes);
    if (auto result = (*made)->set_input(static_cast<int>(i), zeros); !result) return result.error().message;
  }
  const auto ran = (*made)->run();
  return ran ? "" : ran.error().message;
}

TEST(While, BodyMayHandBackItsInputsInAnotherOrder) {
  auto made = session(R"(tulle 1
graph 0 "main" inputs=[%0,%1,%2] outputs=[%3,%4,%5]
  %0 "left" : i32[]
  %1 "a" : f32[2]
  %2 "b" : f32[2]
  %3 "rest" : i32[], %4 "x" : f32[2], %5 "y" : f32[2] = WHILE (%0, %1, %2) WhileOptions {cond_subgraph_index=1, body_subgraph_index=2}
graph 1 "more" inputs=[%0,%1,%2] outputs=[%4]
  %0 "left" : i32[]
  %1 "a" : f32[2]
  %2 "b" : f32[2]
  %3 "zero" : i32[] buffer=1
  %4 "go on" : bool[] = GREATER (%0, %3)
graph 2 "swap" inputs=[%0,%1,%2] outputs=[%4,%2,%1]
  %0 "left" : i32[]
  %1 "a" : f32[2]
  %2 "b" : f32[2]
  %3 "one" : i32[] buffer=2
  %4 "rest" : i32[] = SUB (%0, %3)
buffer 0 bytes[]
buffer 1 bytes[00000000]
buffer 2 bytes[01000000]
)");
  ASSERT_TRUE(made) << made.error().message;
  Session& session = **made;
  set<float>(session, 1, {1, 2});
  set<float>(session, 2, {3, 4});
  for (int32_t times : {0, 1, 2, 3}) {
    set<int32_t>(session, 0, {times});
    const auto ran = session.run();
    ASSERT_TRUE(ran) << ran.error().message;
    const std::vector<float> first = {1, 2}, second = {3, 4};
    EXPECT_EQ(output<float>(session, 1), times % 2 == 0 ? first : second) << times;
    EXPECT_EQ(output<float>(session, 2), times % 2 == 0 ? second : first) << times;
  }
}

TEST(While, StopsAtTheTimeLimit) {
  constexpr std::string_view kBodies[] = {"%0 \"a\" : f32[2]\n  %1 \"x\" : f32[2] = ADD (%0, %0)",
                                          "%1 \"a\" : f32[2]\n  %0 \"not read\" : f32[2]"};
  for (std::string_view body : kBodies) {
    auto made = session(fmt::format(R"(tulle 1
graph 0 "main" inputs=[%0] outputs=[%1]
  %0 "a" : f32[2]
  %1 "x" : f32[2] = WHILE (%0) WhileOptions {{cond_subgraph_index=1, body_subgraph_index=2}}
graph 1 "always" inputs=[%0] outputs=[%1]
  %0 "a" : f32[2]
  %1 "yes" : bool[] buffer=1
graph 2 "body" inputs=[{}] outputs=[%1]
  {}
buffer 0 bytes[]
buffer 1 bytes[01]
)",
                                    body.substr(0, 2), body));
    ASSERT_TRUE(made) << made.error().message;
    (*made)->set_time_limit(std::chrono::milliseconds(20));
    const auto ran = (*made)->run();
    ASSERT_FALSE(ran) << body;
    EXPECT_EQ(ran.error().code, ErrorCode::kDeadline);
  }
}

/// A model that calls graph 1, whose input and output are as given.
std::string caller(std::string_view call, std::string_view body) {
  return fmt::format(R"(tulle 1
graph 0 "main" inputs=[%0,%1] outputs=[%2]
  %0 "flag" : bool[1]
  %1 "a" : f32[2]
  {}
{}
buffer 0 bytes[]
)",
                     call, body);
}

TEST(Calls, ThatDoNotFitAreNamed) {
  const std::string both_ways =
      R"(%2 "x" : f32[2] = IF (%0, %1) IfOptions {then_subgraph_index=1, else_subgraph_index=1})";
  EXPECT_EQ(complaint(caller(both_ways, "graph 1 \"body\" inputs=[%0] outputs=[%0]\n  %0 \"a\" : f32[2]")), "");
  EXPECT_EQ(complaint(caller(both_ways, "graph 1 \"body\" inputs=[%0] outputs=[%0]\n  %0 \"a\" : i32[2]")),
            "node 0 IF: input 0 of graph 1, 'a', is int32, expected float32");
  EXPECT_EQ(complaint(caller(
                both_ways,
                "graph 1 \"body\" inputs=[%0] outputs=[%1]\n  %0 \"a\" : f32[2]\n  %1 \"s\" : i32[1] = SHAPE (%0)")),
            "node 0 IF: output 0 of graph 1, 's', is int32, expected float32");
  EXPECT_EQ(complaint(caller(both_ways, "graph 1 \"body\"")), "node 0 IF: graph 1 has 0 inputs, expected 1");
  EXPECT_EQ(
      complaint(caller(R"(%2 "x" : f32[2] = WHILE (%1) WhileOptions {cond_subgraph_index=1, body_subgraph_index=1})",
                       "graph 1 \"body\" inputs=[%0] outputs=[%0]\n  %0 \"a\" : f32[2]")),
      "node 0 WHILE: output 0 of graph 1, 'a', is float32, expected bool");
}

TEST(Variables, ThatAreNotThereAreNamed) {
  EXPECT_EQ(complaint(R"(tulle 1
graph 0 "main" outputs=[%1]
  %0 "handle" : resource[] = VAR_HANDLE () VarHandleOptions {container="", shared_name="window"}
  %1 "x" : f32[2] = READ_VARIABLE (%0)
buffer 0 bytes[]
)"),
            "variable 'window' is read before anything is assigned to it");
  EXPECT_EQ(complaint(R"(tulle 1
graph 0 "main" inputs=[%0] outputs=[%2]
  %0 "a" : i32[2]
  %1 "handle" : resource[] = VAR_HANDLE () VarHandleOptions {container="", shared_name="window"}
  = ASSIGN_VARIABLE (%1, %0)
  %2 "x" : f32[2] = READ_VARIABLE (%1)
buffer 0 bytes[]
)"),
            "node 2 READ_VARIABLE: the variable holds int32, expected float32");
  EXPECT_EQ(complaint(R"(tulle 1
graph 0 "main" inputs=[%0,%1] outputs=[%4]
  %0 "a number of one's own" : resource[1]
  %1 "keys" : i64[2]
  %2 "more" : resource[] = VAR_HANDLE () VarHandleOptions {container="table order", shared_name="0"}
  = ASSIGN_VARIABLE (%0, %1)
  %3 "default" : str[1] buffer=1
  %4 "found" : str[2] = HASHTABLE_FIND (%0, %1, %3)
buffer 0 bytes[]
buffer 1 bytes[010000000c0000000c000000]
)"),
            "variable '0' is read before anything is assigned to it");
}

TEST(State, MustBeAVariable) {
  EXPECT_EQ(complaint(R"(tulle 1
graph 0 "main" inputs=[%0,%1,%2,%3] outputs=[%5]
  %0 "x" : f32[1,3]
  %1 "features" : f32[2,3]
  %2 "time" : f32[2,4]
  %3 "state" : f32[1,8]
  %5 "y" : f32[1,2] = SVDF (%0, %1, %2, -, %3) SVDFOptions {rank=1}
  %4 "unused" : f32[1]
buffer 0 bytes[]
)"),
            "node 0 SVDF: input 4 'state' keeps the state of the layer, so it must be a variable");
}

std::vector<uint8_t> detection_options() {
  flexbuffers::Builder builder;
  builder.Map([&] {
    for (const char* name : {"max_detections", "max_classes_per_detection", "num_classes"}) builder.Int(name, 2);
    for (const char* name : {"nms_score_threshold", "nms_iou_threshold"}) builder.Float(name, 0.5f);
    for (const char* name : {"y_scale", "x_scale", "h_scale", "w_scale"}) builder.Int(name, 5);
  });
  builder.Finish();
  return builder.GetBuffer();
}

std::string detector(std::span<const uint8_t> options) {
  std::string bytes;
  for (uint8_t byte : options) bytes += fmt::format("{:02x}", byte);
  return fmt::format(R"(tulle 1
graph 0 "main" inputs=[%0,%1,%2] outputs=[%3,%4,%5,%6]
  %0 "boxes" : f32[1,3,4]
  %1 "scores" : f32[1,3,2]
  %2 "anchors" : f32[3,4]
  %3 "b" : f32[], %4 "c" : f32[], %5 "s" : f32[], %6 "n" : f32[] = "TFLite_Detection_PostProcess" (%0, %1, %2) custom_options=bytes[{}]
buffer 0 bytes[]
)",
                     bytes);
}

TEST(CustomOptions, OfAnyBytesDoNoHarm) {
  const std::vector<uint8_t> options = detection_options();
  EXPECT_EQ(complaint(detector(options)), "");
  EXPECT_EQ(complaint(detector({})),
            "node 0 TFLite_Detection_PostProcess: the 0 bytes of options are no FlexBuffers map");
  for (size_t size = 1; size < options.size(); ++size)
    EXPECT_NE(complaint(detector(std::span(options).first(size))), "") << size;
  for (size_t at = 0; at < options.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      std::vector<uint8_t> changed = options;
      changed[at] ^= static_cast<uint8_t>(1 << bit);
      complaint(detector(changed));  // anything but a crash
    }
}

}  // namespace
}  // namespace tulle
