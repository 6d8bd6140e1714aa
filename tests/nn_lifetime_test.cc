// How long models, contexts, inputs and outputs of wasi-nn live, and where outputs go meanwhile.
#include <malloc.h>

#include <atomic>
#include <thread>

#include "nn_guest.h"

namespace tulle::host {
namespace {

/// y = x[index], which fails for an index that there is not.
constexpr const char* kPick = R"(
graph 0 "main" inputs=[%0,%1] outputs=[%2]
  %0 "x" : float32[4]
  %1 "index" : int32[2]
  %2 "y" : float32[2] = GATHER (%0, %1) GatherOptions {axis=0}
)";

TEST(NnLifetime, DrainAfterUnload) {
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
  const uint32_t name = guest.put_text("in"), out = guest.room(500), size = guest.room(4);
  EXPECT_EQ(guest.floats(context, 1), (std::vector<float>{2, 3, 4, 5}));
  for (const char* function : {"set_input", "set_output"}) EXPECT_EQ(guest(function, context, 0, x), 1) << function;
  for (const char* function : {"set_input_by_name", "set_output_by_name"})
    EXPECT_EQ(guest(function, context, name, 2, x), 1) << function;
  for (const char* function : {"compute", "compute_single"}) EXPECT_EQ(guest(function, context), 1) << function;
  for (const char* function : {"init_execution_context", "get_input_count", "get_output_count"})
    EXPECT_EQ(guest(function, 1, out), 1) << function;
  for (const char* function : {"get_input_info", "get_output_info"})
    EXPECT_EQ(guest(function, 1, 0, out, 500, size), 1) << function;
  EXPECT_EQ(guest.floats(context, 1), (std::vector<float>{2, 3, 4, 5}));
  EXPECT_EQ(guest("fini_single", context), 0);
  EXPECT_EQ(guest("get_output", context, 1, out, 16, size), 5);
  EXPECT_EQ(guest("finalize_execution_context", context), 0);
  // Handles of what has ended.
  for (const char* function : {"finalize_execution_context", "compute", "compute_single", "fini_single"})
    EXPECT_EQ(guest(function, context), 1) << function;
  for (const char* function : {"get_output", "get_output_single"})
    EXPECT_EQ(guest(function, context, 1, out, 16, size), 1) << function;
  EXPECT_EQ(guest("last_error", context, out, 500, size), 1);
  // A context ends, its graph goes on; handles are never used again.
  EXPECT_EQ(guest("finalize_execution_context", other), 0);
  EXPECT_EQ(guest.context(2), 2U);
  EXPECT_EQ(guest.load(kSmall), 3);
}

TEST(NnLifetime, ContextsKeepTheirGraph) {
  Guest guest;
  guest.load(kSmall);
  const std::weak_ptr<const NnGraph> graph = guest.nn.graph(0).value();
  const uint32_t a = guest.context(0), b = guest.context(0);
  EXPECT_EQ(guest("unload", 0), 0);
  EXPECT_EQ(guest("finalize_execution_context", a), 0);
  EXPECT_FALSE(graph.expired());
  EXPECT_EQ(guest("finalize_execution_context", b), 0);
  EXPECT_TRUE(graph.expired());

  guest.door = session_functions();
  const uint32_t list = guest.parts(kSmall), out = guest.room(4);
  EXPECT_EQ(guest("create_session", guest.word(list), guest.word(list + 4), out), 0);
  const std::weak_ptr<const NnGraph> own = guest.nn.graph(1).value();
  EXPECT_EQ(guest("delete_session", guest.word(out)), 0);
  EXPECT_TRUE(own.expired());
}

TEST(NnLifetime, OutputsInGuestMemory) {
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
  EXPECT_EQ(guest.floats_at(data, 4), (std::vector<float>{2, 6, 12, 20}));
  EXPECT_EQ(guest.floats_at(spare, 4), (std::vector<float>{2, 3, 4, 5}));
  // Larger than the memory it has: nothing is written.
  const auto before = guest.memory;
  EXPECT_EQ(guest("set_input", context, 0, guest.tensor({8, 4}, 1, bytes_of(std::vector<float>(32, 9)))), 0);
  EXPECT_EQ(guest("compute", context), 7);
  EXPECT_TRUE(std::equal(&before[data], &before[data + 16], &guest.memory[data]));
  EXPECT_TRUE(std::equal(&before[spare], &before[spare + 64], &guest.memory[spare]));
}

/// Places of outputs are looked at after each compute, in the memory that the guest has by then: all are filled or
/// none.
TEST(NnLifetime, PlacesOfOutputsAreLookedAtAgain) {
  Guest guest;
  guest.load(kSmall);
  const uint32_t context = guest.context(0), dims = guest.put_all<uint32_t>({1, 4}), near = guest.room(16);
  const auto far = static_cast<uint32_t>(guest.memory.size()) - 16;
  EXPECT_EQ(guest("set_output", context, 1, guest.record(dims, 2, 1, near, 16)), 0);
  EXPECT_EQ(guest("set_output", context, 0, guest.record(dims, 2, 1, far, 16)), 0);
  EXPECT_EQ(guest("set_input", context, 0, guest.tensor({1, 4}, 1, bytes_of({1, 2, 3, 4}))), 0);
  EXPECT_EQ(guest.floats_at(near, 4), std::vector<float>(4));
  EXPECT_EQ(guest("compute", context), 0);
  EXPECT_EQ(guest.floats_at(near, 4), (std::vector<float>{2, 3, 4, 5}));
  EXPECT_EQ(guest.floats_at(far, 4), (std::vector<float>{2, 6, 12, 20}));
  EXPECT_EQ(guest.nn.work().executions, 1U);

  guest.memory.resize(guest.memory.size() - 1);
  std::fill_n(&guest.memory[near], 16, std::byte{});
  EXPECT_EQ(guest("compute", context), 1);
  EXPECT_EQ(guest.floats_at(near, 4), std::vector<float>(4));
  EXPECT_EQ(guest.nn.work().executions, 2U);

  guest.memory = std::vector<std::byte>(2 << 20);  // somewhere else
  EXPECT_EQ(guest("compute", context), 0);
  EXPECT_EQ(guest.floats_at(far, 4), (std::vector<float>{2, 6, 12, 20}));
  EXPECT_EQ(guest.nn.work().executions, 3U);
}

TEST(NnLifetime, FailedComputesLeaveOutputsAlone) {
  Guest guest;
  guest.load(kPick);
  const uint32_t context = guest.context(0), dims = guest.put_all<uint32_t>({2}), place = guest.room(8);
  const uint32_t out = guest.room(64), size = guest.room(4);
  const auto pick = [&](std::vector<int32_t> index) {
    return guest("set_input", context, 1, guest.tensor({2}, 4, std::as_bytes(std::span(index))));
  };
  EXPECT_EQ(guest("set_output", context, 0, guest.record(dims, 1, 1, place, 8)), 0) << guest.error();
  EXPECT_EQ(guest("get_output", context, 0, out, 64, size), 5);
  EXPECT_EQ(guest("compute", context), 1);
  EXPECT_EQ(guest("set_input", context, 0, guest.tensor({4}, 1, bytes_of({5, 6, 7, 8}))), 0);
  EXPECT_EQ(guest("compute", context), 1);
  EXPECT_EQ(guest.nn.work().executions, 0U);
  EXPECT_EQ(pick({3, 1}), 0);
  EXPECT_EQ(guest("compute", context), 0) << guest.error();
  EXPECT_EQ(guest.floats_at(place, 2), (std::vector<float>{8, 6}));

  EXPECT_EQ(pick({2, 4}), 0);
  const auto before = guest.memory;
  EXPECT_EQ(guest("compute", context), 5);
  EXPECT_EQ(guest("get_output", context, 0, out, 64, size), 5);
  EXPECT_TRUE(before == guest.memory);
  EXPECT_EQ(guest.nn.work().executions, 2U);
  // Inputs are as they were, and the context goes on.
  EXPECT_EQ(pick({0, 0}), 0);
  EXPECT_EQ(guest("compute", context), 0);
  EXPECT_EQ(guest.floats(context, 0), (std::vector<float>{5, 5}));
}

TEST(NnLifetime, OneExecutionForEachCompute) {
  Guest guest;
  guest.load(kSmall);
  const uint32_t context = guest.context(0);
  EXPECT_EQ(guest("set_input", context, 0, guest.tensor({1, 4}, 1, bytes_of({1, 2, 3, 4}))), 0);
  for (uint64_t i = 1; i < 10; ++i) {
    EXPECT_EQ(guest(i % 2 == 0 ? "compute" : "compute_single", context), 0);
    for (uint32_t output : {0U, 1U, 0U}) guest.floats(context, output);
    EXPECT_EQ(guest.nn.work().executions, i);
  }
}

TEST(NnLifetime, UnloadDuringCompute) {
  Guest guest;
  guest.load(kSmall);
  const uint32_t context = guest.context(0);
  std::vector<float> values(size_t{4} * 20000, 1.5F);
  const std::array<uint32_t, 2> dims{20000, 4};
  const auto held = guest.nn.context(context).value();
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
        EXPECT_EQ(held->output(0).value().size(), values.size() * sizeof(float));
        ++done;
      }
    });
  while (done == 0) std::this_thread::yield();
  EXPECT_TRUE(guest.nn.unload(0));
  EXPECT_TRUE(guest.nn.finalize_context(context));
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done + busy, 800);
  EXPECT_FALSE(guest.nn.context(context));
}

/// Bytes that are allocated; 0 where that is not known, as under sanitizers.
size_t allocated() { return mallinfo2().uordblks; }

TEST(NnLifetime, HundredThousandLoads) {
  Guest guest;
  const uint32_t list = guest.parts(kSmall), out = guest.room(4);
  size_t before = 0;
  for (uint32_t i = 0; i < 100000; ++i) {
    if (i == 1000) before = allocated();
    ASSERT_EQ(guest("load", list, 1, 4, 0, out), 0);
    ASSERT_EQ(guest.word(out), i);
    if (i % 20 == 0) {
      ASSERT_EQ(guest("init_execution_context", i, out), 0);
      ASSERT_EQ(guest("finalize_execution_context", guest.word(out)), 0);
    }
    ASSERT_EQ(guest("unload", i), 0);
  }
  EXPECT_LE(allocated(), before + 10000);
}

/// Too many handles end the guest and take none away.
TEST(NnLifetime, TooManyHandles) {
  Guest guest({.graphs = 2, .contexts = 3});
  const uint32_t list = guest.parts(kSmall), out = guest.room(4);
  for (const auto& [name, door] : {std::pair("load", ephemeral_functions()), {"create_session", session_functions()}}) {
    SCOPED_TRACE(name);
    guest.door = ephemeral_functions();
    const auto load = [&] { return guest("load", list, 1, 4, 0, out); };
    EXPECT_EQ(load(), 0);
    const uint32_t graph = guest.word(out);
    EXPECT_EQ(load(), 0);
    EXPECT_FALSE(guest.over_limit);
    const uint32_t other = guest.word(out);
    guest.door = door;
    const bool session = door.data() == session_functions().data();
    EXPECT_EQ(session ? guest(name, guest.word(list), guest.word(list + 4), out) : load(), 7);
    EXPECT_TRUE(guest.over_limit);
    EXPECT_EQ(guest.word(out), other);
    guest.door = ephemeral_functions();
    EXPECT_EQ(guest("unload", graph), 0);
    EXPECT_FALSE(guest.over_limit);
    std::array<uint32_t, 3> contexts{};
    for (uint32_t& context : contexts) context = guest.context(other);
    EXPECT_EQ(guest("init_execution_context", other, out), 7);
    EXPECT_TRUE(guest.over_limit);
    // A session that gets no context leaves no graph.
    guest.door = session_functions();
    EXPECT_EQ(guest("create_session", guest.word(list), guest.word(list + 4), out), 7);
    EXPECT_TRUE(guest.over_limit);
    guest.door = ephemeral_functions();
    EXPECT_EQ(load(), 0);
    EXPECT_EQ(guest("unload", guest.word(out)), 0);
    EXPECT_EQ(guest("unload", other), 0);
    for (const uint32_t context : contexts) EXPECT_EQ(guest("finalize_execution_context", context), 0);
  }
}

}  // namespace
}  // namespace tulle::host
