// A guest of wasi-nn for tests: a memory that they write, and calls of a door's functions by name.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "formats/tflite.h"
#include "host/guest_memory.h"
#include "text_sessions.h"

namespace tulle::host {

/// A model whose output is its input, of any type.
inline std::string identity(const std::string& type) {
  return "graph 0 \"main\" inputs=[%0] outputs=[%1]\n  %0 \"x\" : " + type + "[2,3]\n  %1 \"y\" : " + type +
         "[2,3] = RESHAPE (%0) ReshapeOptions {new_shape=[2,3]}\n";
}

inline std::span<const std::byte> bytes_of(const std::vector<float>& values) {
  return std::as_bytes(std::span(values));
}

class Guest {
 public:
  explicit Guest(NnLimits limits = {}, std::shared_ptr<const Models> models = nullptr, size_t size = 1 << 20)
      : memory(size), nn(std::move(models), limits) {}

  uint32_t room(uint32_t bytes) {
    top_ = (top_ + 7) / 8 * 8 + 1;  // never aligned
    const uint32_t at = top_;
    top_ += bytes;
    EXPECT_LE(top_, memory.size());
    return at;
  }
  uint32_t put(std::span<const std::byte> bytes) {
    const uint32_t at = room(static_cast<uint32_t>(bytes.size()));
    if (!bytes.empty()) std::memcpy(&memory[at], bytes.data(), bytes.size());
    return at;
  }
  template <class T>
  uint32_t put_all(const std::vector<T>& values) {
    return put(std::as_bytes(std::span(values)));
  }
  uint32_t put_text(std::string_view text) { return put(std::as_bytes(std::span(text))); }
  uint32_t word(uint32_t at) const { return word_in(memory, at); }
  void set_word(uint32_t at, uint32_t word) { put_word(std::span(memory).subspan(at), word); }
  std::span<const std::byte> bytes_at(uint32_t at, size_t size) const { return std::span(memory).subspan(at, size); }
  std::vector<float> floats_at(uint32_t at, size_t count) const {
    std::vector<float> values(count);
    std::memcpy(values.data(), &memory[at], count * sizeof(float));
    return values;
  }

  int32_t call(const DoorFunction& function, std::span<const uint32_t> arguments) {
    EXPECT_EQ(static_cast<size_t>(function.parameters), arguments.size()) << function.name;
    NnCall call{nn, memory};
    const int32_t answer = function.call(call, arguments.data());
    over_limit = call.over_limit;
    return answer;
  }
  template <class... Args>
  int32_t operator()(std::string_view name, Args... args) {
    const std::array<uint32_t, sizeof...(Args)> arguments{static_cast<uint32_t>(args)...};
    const auto found = std::ranges::find(door, name, &DoorFunction::name);
    if (found == door.end()) {
      ADD_FAILURE() << "no function " << name;
      return -1;
    }
    return call(*found, arguments);
  }

  uint32_t tensor(std::vector<uint32_t> dims, uint8_t type, std::span<const std::byte> data) {
    const uint32_t dims_at = put_all(dims), data_at = put(data);
    return record(dims_at, static_cast<uint32_t>(dims.size()), type, data_at, static_cast<uint32_t>(data.size()));
  }
  uint32_t record(uint32_t dims_at, uint32_t rank, uint8_t type, uint32_t data_at, uint32_t size) {
    return put_all<uint32_t>({dims_at, rank, 0xABCDEF00U | type, data_at, size});
  }

  /// A model in the text form as load() takes it: its one part.
  uint32_t parts(const std::string& text) {
    const auto bytes = tflite::write(*model(text)).value();
    const uint32_t at = put(bytes);
    return put_all<uint32_t>({at, static_cast<uint32_t>(bytes.size())});
  }
  /// A graph of it; its handle, or what load answered as a failure.
  int32_t load(const std::string& text, uint32_t encoding = 4, uint32_t target = 0) {
    const uint32_t list = parts(text), out = room(4);
    const int32_t answer = (*this)("load", list, 1, encoding, target, out);
    return answer == 0 ? static_cast<int32_t>(word(out)) : -answer;
  }
  uint32_t context(uint32_t graph) {
    const uint32_t out = room(4);
    EXPECT_EQ((*this)("init_execution_context", graph, out), 0) << error();
    return word(out);
  }
  std::string error(uint32_t context = UINT32_MAX) {
    const uint32_t size = room(4), at = room(500);
    EXPECT_EQ((*this)("last_error", context, at, 500, size), 0);
    return std::string(reinterpret_cast<const char*>(&memory[at]), word(size));
  }
  std::vector<float> floats(uint32_t context, uint32_t index) {
    const uint32_t size = room(4), at = room(256);
    EXPECT_EQ((*this)("get_output", context, index, at, 256, size), 0) << error();
    return floats_at(at, word(size) / sizeof(float));
  }

  std::vector<std::byte> memory;
  Nn nn;
  std::span<const DoorFunction> door = ephemeral_functions();
  bool over_limit = false;

 private:
  uint32_t top_ = 512;
};

}  // namespace tulle::host
