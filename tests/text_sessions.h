// Sessions of models that tests write in the text form.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "graph/text.h"
#include "runtime/session.h"

namespace tulle {

/// A model in the text form without its first lines, and without the empty buffer where it has no other.
inline std::shared_ptr<const Model> model(const std::string& text) {
  const size_t at =
      text.find("\nbuffer 0") == std::string::npos ? std::min(text.find("\nbuffer 1"), text.size()) : std::string::npos;
  auto parsed =
      parse("tulle 1\nmodel\n" +
            (at == std::string::npos ? text : text.substr(0, at) + "\nbuffer 0 bytes[]" + text.substr(at)) + "\n");
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
  return parsed ? std::make_shared<const Model>(*std::move(parsed)) : nullptr;
}

inline std::unique_ptr<Session> session(const std::shared_ptr<const Model>& model, SessionOptions options = {}) {
  auto made = Session::create(model, std::move(options));
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return made ? *std::move(made) : nullptr;
}

/// y = relu(x + 1) * x, and the sum itself.
inline constexpr const char* kSmall = R"(
graph 0 "main" inputs=[%0] outputs=[%4,%2]
  %0 "x" : float32[?,4]
  %1 "one" : float32[] buffer=1
  %2 "sum" : float32[?,4] = ADD (%0, %1) AddOptions {fused_activation_function=NONE}
  %3 "relu" : float32[?,4] = RELU (%2)
  %4 "y" : float32[?,4] = MUL (%3, %0) MulOptions {fused_activation_function=NONE}
signature "double" inputs=["in"=%0] outputs=["product"=%4,"sum"=%2]
buffer 0 bytes[]
buffer 1 bytes[0000803f])";

}  // namespace tulle
