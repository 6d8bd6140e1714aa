// loop_engine.wasm MODEL RUNS: runs a model with the engine inside the module, on zeros, and prints how many
// nanoseconds each run took.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "formats/tflite.h"
#include "runtime/session.h"

namespace {

tulle::Result<void> loop(const char* path, int runs) {
  TULLE_TRY(const auto model, tulle::tflite::load(path));
  TULLE_TRY(const auto session, tulle::Session::create(model));
  TULLE_CHECK(session->set_input(0, std::vector<std::byte>(session->input(0).bytes)));
  for (int i = 0; i < runs; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    TULLE_CHECK(session->run());
    const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - begin;
    std::printf("%lld\n", static_cast<long long>(took.count()));
  }
  return {};
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const auto done = loop(arguments[1], std::atoi(arguments[2]));
  if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return done ? 0 : 3;
}
