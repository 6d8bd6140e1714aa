// Loads a model, fills its first input with zeros, runs it and times it node by node.
#include <algorithm>
#include <cstdio>
#include <tulle/tulle.hpp>

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: first_inference MODEL.tflite\n"), 2;
  const auto model = tulle::api::Model::load(argv[1]);
  if (!model) return std::fprintf(stderr, "%s\n", model.error().message.c_str()), 3;
  auto session = tulle::api::Session::create(*model, {.time_nodes = true});
  if (!session) return std::fprintf(stderr, "%s\n", session.error().message.c_str()), 3;

  const auto input = session->input(0);
  std::ranges::fill(input->as<std::byte>(), std::byte{0});
  if (const auto done = session->run(); !done) return std::fprintf(stderr, "%s\n", done.error().message.c_str()), 3;
  const auto output = session->output(0);
  std::printf("%s -> %s: %zu bytes\n", input->name, output->name, output->bytes);
  for (const tulle_timing& timing : session->timings())
    std::printf("%4d %-20s %8lld ns\n", timing.node, timing.op, static_cast<long long>(timing.nanoseconds));
}
