// Sessions: planning, running, resizing, binding, variables, control flow, limits. Models are written in the text form.
#include "runtime/session.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>
#include <thread>

#include "text_sessions.h"

namespace {
std::atomic<int> allocations{0};
}
// Counts what is allocated, to show that a run allocates nothing.
[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
[[gnu::noinline]] void* operator new(size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace tulle {
namespace {

using namespace std::chrono_literals;

void set(Session& session, int i, const std::vector<float>& values) {
  const auto result = session.set_input(i, std::as_bytes(std::span(values)));
  ASSERT_TRUE(result) << result.error().message;
}

std::vector<float> get(const Session& session, int i) {
  const Tensor& tensor = session.output(i);
  return {tensor.as<float>(), tensor.as<float>() + tensor.elements()};
}

std::shared_ptr<const Model> small() { return model(kSmall); }

TEST(Session, RunsAndResizes) {
  const auto s = session(small());
  set(*s, 0, {1, -3, 2, 0});
  ASSERT_TRUE(s->run());
  EXPECT_EQ(get(*s, 0), (std::vector<float>{2, 0, 6, 0}));
  EXPECT_EQ(get(*s, 1), (std::vector<float>{2, -2, 3, 1}));
  ASSERT_TRUE(s->resize(0, {2, 4}));
  set(*s, 0, {1, 1, 1, 1, 2, 2, 2, 2});
  ASSERT_TRUE(s->run());
  EXPECT_EQ(s->output(0).shape, (Shape{2, 4}));
  EXPECT_EQ(get(*s, 0), (std::vector<float>{2, 2, 2, 2, 6, 6, 6, 6}));
}

TEST(Session, InputsKeepTheirContents) {
  const auto s = session(small());
  set(*s, 0, {1, 2, 3, 4});
  ASSERT_TRUE(s->run());
  const auto first = get(*s, 0);
  ASSERT_TRUE(s->run());
  EXPECT_EQ(get(*s, 0), first);
  EXPECT_EQ(s->input(0).as<float>()[2], 3);
}

TEST(Session, ARunAllocatesNothing) {
  for (const int threads : {1, 2}) {
    const auto s = session(small(), {.threads = threads});
    ASSERT_TRUE(s->resize(0, {20000, 4}));
    set(*s, 0, std::vector<float>(80000, 1));
    ASSERT_TRUE(s->run());
    const int before = allocations;
    for (int i = 0; i < 10; ++i) (void)s->run();
    EXPECT_EQ(allocations, before);
  }
}

TEST(Session, SignaturesNameThePorts) {
  const auto s = session(small(), {.signature = "double"});
  EXPECT_EQ(s->inputs()[0].name, "in");
  EXPECT_EQ(*s->find_output("sum"), 1);
  EXPECT_EQ(*s->find_output("0"), 0);
  EXPECT_FALSE(s->find_output("y"));
  const auto none = Session::create(small(), {.signature = "other"});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_NE(none.error().message.find("double"), std::string::npos);
}

TEST(Session, UsesMemoryOfTheCaller) {
  const auto s = session(small());
  alignas(16) float in[4] = {1, 2, 3, 4}, out[4] = {}, other[4] = {};
  ASSERT_TRUE(s->bind_input(0, reinterpret_cast<std::byte*>(in), sizeof in));
  ASSERT_TRUE(s->bind_output(0, reinterpret_cast<std::byte*>(out), sizeof out));
  ASSERT_TRUE(s->run());
  EXPECT_EQ(out[3], 20);
  EXPECT_EQ(s->output(0).data, reinterpret_cast<std::byte*>(out));
  ASSERT_TRUE(s->bind_output(0, reinterpret_cast<std::byte*>(other), sizeof other));
  in[3] = 1;
  ASSERT_TRUE(s->run());
  EXPECT_EQ(other[3], 2);
  EXPECT_EQ(out[3], 20);
  ASSERT_TRUE(s->bind_output(0, nullptr, 0));
  ASSERT_TRUE(s->bind_input(0, nullptr, 0));
  set(*s, 0, {0, 0, 0, 5});
  ASSERT_TRUE(s->run());
  EXPECT_EQ(get(*s, 0)[3], 30);
  EXPECT_EQ(other[3], 2);
  EXPECT_FALSE(s->bind_input(0, reinterpret_cast<std::byte*>(in), 8));
}

TEST(Session, MemoryIsReusedInPlace) {
  std::string text = "graph 0 \"main\" inputs=[%0] outputs=[%9]\n  %0 \"x\" : float32[1000]\n";
  for (int i = 1; i <= 9; ++i) text += fmt::format("  %{} \"v{}\" : float32[1000] = RELU (%{})\n", i, i, i - 1);
  const auto s = session(model(text));
  EXPECT_LE(s->memory().arena_bytes, 2u * 4032);
  EXPECT_EQ(s->memory().arena_bytes, s->memory().lower_bound_bytes);
  const auto kept = session(model(text), {.keep_all_values = true});
  EXPECT_GE(kept->memory().arena_bytes, 10u * 4000);
}

TEST(Session, ListsEverythingItCannotRun) {
  const auto made = Session::create(model(R"(
graph 0 "main" inputs=[%0] outputs=[%3]
  %0 "x" : float32[4]
  %1 "a" : float32[4] = "mystery" (%0)
  %2 "b" : int64[4] = RELU (%1)
  %3 "c" : float32[4] = HASHTABLE_LOOKUP (%0, %0)
)"));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kUnsupported);
  for (const char* part : {"node 0 mystery", "node 1 RELU", "(float32) > (int64)", "node 2 HASHTABLE_LOOKUP"})
    EXPECT_NE(made.error().message.find(part), std::string::npos) << made.error().message;
}

TEST(Session, LimitsMemory) {
  const auto made = Session::create(model(R"(
graph 0 "main" inputs=[%0] outputs=[%1]
  %0 "x" : float32[100000000]
  %1 "y" : float32[100000000] = RELU (%0)
)"),
                                    {.memory_limit = 1 << 20});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kOutOfMemory);
}

TEST(Session, CancelsAndTimesOut) {
  const auto s = session(small());
  s->cancel();
  auto result = s->run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(s->run()) << "a cancellation ends one run";
  s->set_time_limit(1ns);
  result = s->run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kDeadline);
  s->set_time_limit(0ns);
  EXPECT_TRUE(s->run());
}

TEST(Session, TimesItsNodes) {
  const auto s = session(small(), {.time_nodes = true});
  ASSERT_TRUE(s->run());
  ASSERT_EQ(s->timings().size(), 3u);
  EXPECT_EQ(s->timings()[1].node, 1);
  EXPECT_GT(s->timings()[0].time.count(), 0);
}

// Both bodies change the loop state; the second hands its values back in another order.
constexpr const char* kLoop = R"(
graph 0 "main" inputs=[%0,%1] outputs=[%2,%3]
  %0 "a" : float32[2]
  %1 "b" : float32[2]
  %2 "a'" : float32[2], %3 "b'" : float32[2] = WHILE (%0, %1) WhileOptions {cond_subgraph_index=1, body_subgraph_index=2}
graph 1 "cond" inputs=[%0,%1] outputs=[%5]
  %0 "a" : float32[2]
  %1 "b" : float32[2]
  %2 "limit" : float32[] buffer=1
  %3 "axis" : int32[1] buffer=2
  %4 "sum" : float32[] = SUM (%0, %3) ReducerOptions {keep_dims=false}
  %5 "go" : bool[] = LESS (%4, %2) LessOptions {}
graph 2 "body" inputs=[%0,%1] outputs=[%1,%3]
  %0 "a" : float32[2]
  %1 "b" : float32[2]
  %3 "next" : float32[2] = ADD (%0, %1) AddOptions {fused_activation_function=NONE}
  %2 "unused" : float32[]
buffer 0 bytes[]
buffer 1 bytes[0000c842]
buffer 2 bytes[00000000])";

TEST(Session, WhileSwapsItsState) {
  const auto s = session(model(kLoop));
  ASSERT_NE(s, nullptr);
  for (int round = 0; round < 2; ++round) {
    set(*s, 0, {0, 1});
    set(*s, 1, {1, 1});
    ASSERT_TRUE(s->run());
    // Two Fibonacci sequences side by side until the first of the pair sums to 100 or more.
    float a[2] = {0, 1}, b[2] = {1, 1};
    while (a[0] + a[1] < 100)
      for (int i = 0; i < 2; ++i) {
        const float next = a[i] + b[i];
        a[i] = b[i];
        b[i] = next;
      }
    EXPECT_EQ(get(*s, 0), (std::vector<float>{a[0], a[1]}));
    EXPECT_EQ(get(*s, 1), (std::vector<float>{b[0], b[1]}));
  }
}

TEST(Session, ResourceVariablesPersistAndReset) {
  // count += 1, starting from what the initialiser assigns.
  const auto shared = model(R"(
graph 0 "main" inputs=[] outputs=[%3]
  = CALL_ONCE () CallOnceOptions {init_subgraph_index=1}
  %0 "handle" : resource[] = VAR_HANDLE () VarHandleOptions {container="", shared_name="count"}
  %1 "old" : float32[1] = READ_VARIABLE (%0)
  %2 "one" : float32[1] buffer=1
  %3 "new" : float32[1] = ADD (%1, %2) AddOptions {fused_activation_function=NONE}
  = ASSIGN_VARIABLE (%0, %3)
graph 1 "init" inputs=[] outputs=[]
  %0 "handle" : resource[] = VAR_HANDLE () VarHandleOptions {container="", shared_name="count"}
  %1 "start" : float32[1] buffer=2
  = ASSIGN_VARIABLE (%0, %1)
buffer 0 bytes[]
buffer 1 bytes[0000803f]
buffer 2 bytes[00002041]
)");
  ASSERT_NE(shared, nullptr);
  const auto s = session(shared);
  ASSERT_NE(s, nullptr);
  for (float expected : {11.f, 12.f, 13.f}) {
    const auto result = s->run();
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(get(*s, 0), std::vector<float>{expected});
  }
  s->reset_variables();
  ASSERT_TRUE(s->run());
  EXPECT_EQ(get(*s, 0), std::vector<float>{11});
  const auto variables = make_variables();
  const auto a = session(shared, {.variables = variables}), b = session(shared, {.variables = variables});
  ASSERT_TRUE(a->run());
  ASSERT_TRUE(b->run());
  EXPECT_EQ(get(*b, 0), std::vector<float>{12}) << "sessions share variables when told to";
}

TEST(Session, ShapesComputedFromShapesArePlannedAhead) {
  // reshape(x, [shape(x)[0], -1]) needs no dynamic memory once the input's shape is known.
  const auto s = session(model(R"(
graph 0 "main" inputs=[%0] outputs=[%7]
  %0 "x" : float32[?2,3,4]
  %1 "shape" : int32[3] = SHAPE (%0) ShapeOptions {out_type=INT32}
  %2 "begin" : int32[1] buffer=1
  %3 "size" : int32[1] buffer=2
  %4 "first" : int32[1] = SLICE (%1, %2, %3) SliceOptions {}
  %5 "rest" : int32[1] buffer=3
  %6 "target" : int32[2] = CONCATENATION (%4, %5) ConcatenationOptions {axis=0, fused_activation_function=NONE}
  %7 "y" : float32[?2,12] = RESHAPE (%0, %6)
buffer 1 bytes[00000000]
buffer 2 bytes[01000000]
buffer 3 bytes[ffffffff])"));
  ASSERT_NE(s, nullptr);
  EXPECT_EQ(s->output(0).shape, (Shape{2, 12})) << "known before the first run";
  ASSERT_TRUE(s->resize(0, {5, 3, 4}));
  ASSERT_TRUE(s->run());
  EXPECT_EQ(s->output(0).shape, (Shape{5, 12}));
}

TEST(Session, DynamicShapesFollowTheValues) {
  const auto s = session(model(R"(
graph 0 "main" inputs=[%0,%1] outputs=[%3]
  %0 "x" : float32[6]
  %1 "shape" : int32[2]
  %2 "y" : float32[?,?] = RESHAPE (%0, %1)
  %3 "z" : float32[?,?] = RELU (%2)
)"));
  ASSERT_NE(s, nullptr);
  set(*s, 0, {1, -2, 3, -4, 5, -6});
  for (const auto& [rows, columns] : {std::pair{2, 3}, {3, 2}, {6, 1}}) {
    const int32_t shape[] = {rows, columns};
    ASSERT_TRUE(s->set_input(1, std::as_bytes(std::span(shape))));
    const auto result = s->run();
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(s->output(0).shape, (Shape{rows, columns}));
    EXPECT_EQ(get(*s, 0), (std::vector<float>{1, 0, 3, 0, 5, 0}));
  }
  const int32_t wrong[] = {4, 2};
  ASSERT_TRUE(s->set_input(1, std::as_bytes(std::span(wrong))));
  const auto result = s->run();
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("RESHAPE"), std::string::npos);
}

TEST(Session, EmptyOutputsTakeNoTime) {
  // A billion rows of no channels; the size comes with the file, then with the run.
  for (const char* size : {"buffer=1", ""}) {
    const bool fed = *size == '\0';
    const auto s = session(model(fmt::format(R"(
graph 0 "main" inputs=[%0{}] outputs=[%2]
  %0 "x" : float32[1,6,6,0]
  %1 "size" : int32[2] {}
  %2 "y" : float32[{}] = RESIZE_BILINEAR (%0, %1) ResizeBilinearOptions {{half_pixel_centers=true}}
{})",
                                             fed ? ",%1" : "", size, fed ? "1,?,?,0" : "1,1,1000000000,0",
                                             fed ? "" : "buffer 1 bytes[0100000000ca9a3b]")));
    ASSERT_NE(s, nullptr);
    const int32_t rows[] = {1, 1000000000};
    if (fed) {
      ASSERT_TRUE(s->set_input(1, std::as_bytes(std::span(rows))));
    }
    const auto start = std::chrono::steady_clock::now();
    const auto result = s->run();
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(s->output(0).shape, (Shape{1, 1, 1000000000, 0}));
    EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);
  }
}

TEST(Session, ManySessionsShareOneModel) {
  // Weights in float16 behind DEQUANTIZE: widened once, by whichever session comes first.
  const auto shared = model(R"(
graph 0 "main" inputs=[%0] outputs=[%3]
  %0 "x" : float32[4]
  %1 "half" : float16[4] buffer=1
  %2 "w" : float32[4] = DEQUANTIZE (%1) DequantizeOptions {}
  %3 "y" : float32[4] = MUL (%0, %2) MulOptions {fused_activation_function=NONE}
buffer 0 bytes[]
buffer 1 bytes[003c00400042c0c4]
)");
  ASSERT_NE(shared, nullptr);
  const auto constants = make_constants();
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      auto made = Session::create(shared, {.constants = constants});
      if (!made) {
        ++wrong;
        return;
      }
      for (int i = 0; i < 200; ++i) {
        const float x = static_cast<float>(t * 1000 + i);
        const std::vector<float> in(4, x);
        if (!(*made)->set_input(0, std::as_bytes(std::span(in))) || !(*made)->run()) ++wrong;
        if (get(**made, 0) != std::vector<float>{x, 2 * x, 3 * x, -4.75f * x}) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Session, RunsAtOnceShareTheThreads) {
  const auto shared = small();
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 1; t <= 4; ++t)
    threads.emplace_back([&, t] {
      for (int made = 0; made < 5; ++made) {
        const auto s = session(shared, {.threads = t});
        if (!s->resize(0, {t * 10000, 4})) ++wrong;
        for (int i = 0; i < 10; ++i) {
          const auto x = static_cast<float>(t * 100 + i);
          const std::vector<float> in(static_cast<size_t>(t) * 40000, x);
          if (!s->set_input(0, std::as_bytes(std::span(in))) || !s->run()) ++wrong;
          if (get(*s, 0) != std::vector<float>(in.size(), (x + 1) * x)) ++wrong;
        }
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Session, PackedWeightsFitTheirShapes) {
  // Filters of two channels: one group of a picture with two, two groups of one with four. What is packed for one is
  // of no use to the other, though all sessions share it.
  const auto shared = model(R"(
graph 0 "main" inputs=[%0] outputs=[%3]
  %0 "x" : float32[1,1,1,2]
  %1 "w" : float32[2,1,1,2] buffer=1
  %2 "b" : float32[2] buffer=2
  %3 "y" : float32[1,1,1,2] = CONV_2D (%0, %1, %2) Conv2DOptions {padding=VALID,stride_w=1,stride_h=1}
buffer 0 bytes[]
buffer 1 bytes[0000803f000000400000404000008040]
buffer 2 bytes[0000803f00000040]
)");
  ASSERT_NE(shared, nullptr);
  const auto constants = make_constants();
  for (int i = 0; i < 2; ++i) {
    auto made = Session::create(shared, {.constants = constants});
    ASSERT_TRUE(made) << made.error().message;
    Session& s = **made;
    for (int j = 0; j < 2; ++j) {
      ASSERT_TRUE(s.resize(0, Shape{1, 1, 1, 2}));
      set(s, 0, {1, 10});
      ASSERT_TRUE(s.run());
      EXPECT_EQ(get(s, 0), (std::vector<float>{1 + 1 + 20, 2 + 3 + 40}));
      ASSERT_TRUE(s.resize(0, Shape{1, 1, 1, 4}));
      set(s, 0, {1, 10, 100, 1000});
      ASSERT_TRUE(s.run());
      EXPECT_EQ(get(s, 0), (std::vector<float>{1 + 1 + 20, 2 + 300 + 4000}));
    }
  }
}

TEST(Session, CancelFromAnotherThread) {
  std::string text = "graph 0 \"main\" inputs=[%0] outputs=[%40]\n  %0 \"x\" : float32[200000]\n";
  for (int i = 1; i <= 40; ++i)
    text += fmt::format("  %{} \"v{}\" : float32[200000] = EXP (%{}) ExpOptions {{}}\n", i, i, i - 1);
  const auto s = session(model(text));
  ASSERT_NE(s, nullptr);
  std::atomic<bool> running{false};
  std::thread other([&] {
    while (!running) std::this_thread::yield();
    s->cancel();
  });
  running = true;
  Result<void> result;
  for (int i = 0; i < 1000 && result; ++i) result = s->run();
  other.join();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace tulle
