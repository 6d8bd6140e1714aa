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

}  // namespace tulle
