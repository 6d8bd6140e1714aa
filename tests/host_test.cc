// Guests in a host of few slots: tenants, neighbours, limits, compilers that fail. The guests are those of
// tests/guests.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/file_map.h"
#include "host/function.h"

namespace tulle::host {
namespace {

using namespace std::chrono_literals;
using FunctionPtr = std::shared_ptr<const Function>;

constexpr uint64_t kMebi = uint64_t{1} << 20;

class Hosts : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string made = (std::filesystem::temp_directory_path() / "tulle-host-XXXXXX").string();
    ASSERT_NE(::mkdtemp(made.data()), nullptr);
    cache() = made;
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(cache()); }

  void SetUp() override {
    if (!std::filesystem::exists(path("secrets"))) GTEST_SKIP() << "`make wasm` builds the guests";
  }

  static std::filesystem::path& cache() {
    static std::filesystem::path folder;
    return folder;
  }
  static std::string path(const std::string& guest) { return std::string(TULLE_GUESTS) + "/" + guest + ".wasm"; }

  /// A host with slots for so many instances, which keep much of their memory.
  static Host host(uint32_t instances) {
    auto made = Host::create({.pool = {instances, 256 * kMebi, 20'000, 64 * kMebi},
                              .cache = cache(),
                              .compiler = {.program = TULLE_COMMAND}});
    EXPECT_TRUE(made) << made.error().message;
    return *std::move(made);
  }

  /// A guest; those with another mark are modules of their own.
  static FunctionPtr install(const Host& host, const std::string& guest, uint8_t mark = 0) {
    const auto file = FileMap::open(path(guest));
    std::vector<std::byte> wasm((*file)->bytes().begin(), (*file)->bytes().end());
    for (const uint8_t byte : {uint8_t{0}, uint8_t{2}, uint8_t{0}, mark}) wasm.push_back(std::byte{byte});
    auto installed = host.install(wasm, {});
    EXPECT_TRUE(installed) << installed.error().message;
    return installed ? installed->function : nullptr;
  }

  static Outcome run(const Function& function, std::vector<std::string> words, Limits limits = {}) {
    if (limits.time == 0s) limits.time = 20s;
    Grants grants;
    grants.arguments = {"guest"};
    grants.arguments.insert(grants.arguments.end(), words.begin(), words.end());
    return function.run(grants, limits);
  }

  static void expect_limit(const Outcome& outcome, std::string_view limit) {
    EXPECT_EQ(outcome.ending.kind, kEndingLimit) << outcome.ending.message;
    EXPECT_EQ(limit_name(outcome.ending.code), limit);
  }
};

TEST_F(Hosts, TenantsOfOneSlotSeeNothingOfEachOther) {
  const Host one = host(1);
  const FunctionPtr guest = install(one, "secrets"), other = install(one, "secrets", 1);
  EXPECT_EQ(run(*guest, {"prove"}).ending.code, 10) << "the guest finds what there is";
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(run(*guest, {"leave"}).ending.code, 0);
    EXPECT_EQ(run(*(i % 2 == 0 ? guest : other), {"look"}).ending.code, 0) << i;
  }
}

TEST_F(Hosts, GuestsThatEndBadlyLeaveNothing) {
  const Host one = host(1);
  const FunctionPtr hostile = install(one, "hostile"), look = install(one, "secrets");
  const std::vector<std::pair<std::vector<std::string>, std::string>> deeds = {
      {{"loop"}, "time"}, {{"sleep"}, "time"}, {{"grow"}, "memory"}, {{"recurse"}, "stack"}, {{"flood"}, "output"}};
  for (const auto& [words, limit] : deeds) {
    Limits limits;
    limits.time = 300ms;
    limits.engine.output_bytes = kMebi;
    limits.engine.memory_bytes = 64 * kMebi;
    const auto begin = std::chrono::steady_clock::now();
    expect_limit(run(*hostile, words, limits), limit);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 1300ms) << words[0];
    EXPECT_EQ(run(*look, {"look"}).ending.code, 0) << "after " << words[0];
  }
  const Outcome trapped = run(*hostile, {"trap"});
  EXPECT_EQ(trapped.ending.kind, kEndingTrap);
  EXPECT_EQ(run(*look, {"look"}).ending.code, 0);
}

TEST_F(Hosts, NeighboursAreNotHarmed) {
  const Host many = host(8);
  const FunctionPtr hostile = install(many, "hostile"), quiet = install(many, "secrets");
  std::atomic<bool> over = false;
  std::vector<std::jthread> threads;
  for (const char* deed : {"loop", "grow", "recurse", "flood"})
    threads.emplace_back([&, deed] {
      while (!over) {
        Limits limits;
        limits.time = 100ms;
        limits.engine.memory_bytes = 64 * kMebi;
        EXPECT_EQ(run(*hostile, {deed}, limits).ending.kind, kEndingLimit) << deed;
      }
    });
  for (int i = 0; i < 20; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(run(*quiet, {"look"}).ending.code, 0);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
  }
  over = true;
}

TEST_F(Hosts, RunsOfOneFunctionAreIndependent) {
  const Host many = host(8);
  const FunctionPtr guest = install(many, "hostile");
  std::vector<std::jthread> threads;
  for (int code = 0; code < 8; ++code)
    threads.emplace_back([&, code] {
      for (int i = 0; i < 200; ++i) EXPECT_EQ(run(*guest, {"exit", std::to_string(code)}).ending.code, code);
    });
}

TEST_F(Hosts, WithoutAFreeSlotAGuestIsRefused) {
  const Host one = host(1);
  const FunctionPtr guest = install(one, "hostile");
  Limits limits;
  limits.time = 500ms;
  const std::jthread waiting([&] { expect_limit(run(*guest, {"sleep"}, limits), "time"); });
  std::this_thread::sleep_for(150ms);
  const Outcome second = run(*guest, {"exit", "0"});
  EXPECT_EQ(second.ending.kind, kEndingRefused);
  EXPECT_NE(second.ending.message, "");
}

TEST_F(Hosts, WhatCompilersDoWrongIsSaid) {
  const auto file = FileMap::open(path("secrets"));
  const struct {
    std::string program;
    std::string said;
  } cases[] = {{"/bin/false", "the compiler died"}, {"/nowhere/tulle", "does not start"}};
  for (const auto& [program, said] : cases) {
    const auto compiled = compile((*file)->bytes(), {}, {.program = program});
    ASSERT_FALSE(compiled);
    EXPECT_EQ(compiled.error().kind, kEndingRefused);
    EXPECT_NE(compiled.error().message.find(said), std::string::npos) << compiled.error().message;
  }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // whose memory is not to be limited
  // Less memory than the compiler itself needs.
  const auto small = compile((*file)->bytes(), {}, {.program = TULLE_COMMAND, .memory_bytes = kMebi});
  ASSERT_FALSE(small);
  EXPECT_EQ(small.error().kind, kEndingRefused);
#endif
}

TEST_F(Hosts, AnInitialiserEndsInItsTime) {
  // (module (func (export "_start")) (func (export "tulle_init") loop br 0 end))
  const uint8_t wasm[] = {0,  'a', 's', 'm', 1,    0,   0,   0,   1,    4,    1,   0x60, 0,   0,   3,
                          3,  2,   0,   0,   7,    23,  2,   6,   '_',  's',  't', 'a',  'r', 't', 0,
                          0,  10,  't', 'u', 'l',  'l', 'e', '_', 'i',  'n',  'i', 't',  0,   1,   10,
                          12, 2,   2,   0,   0x0b, 7,   0,   3,   0x40, 0x0c, 0,   0x0b, 0x0b};
  Limits limits;
  limits.time = 200ms;
  const auto begin = std::chrono::steady_clock::now();
  const auto compiled = compile(std::as_bytes(std::span(wasm)), limits, {.program = TULLE_COMMAND});
  ASSERT_FALSE(compiled);
  EXPECT_EQ(limit_name(compiled.error().code), "time") << compiled.error().message;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1200ms);
}

}  // namespace
}  // namespace tulle::host
