// Tulle's C++ API (C++23): the C API with owners, std::expected and spans. Header only, so that nothing but the C ABI
// has to agree between the library's compiler and yours. See tulle.h for what each call does, its errors and its
// threads.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tulle/tulle.h"

namespace tulle::api {

struct Error {
  tulle_status status;
  std::string message;  ///< one line: node, operator, tensor, what was expected and found
};

template <class T>
using Result = std::expected<T, Error>;

/// An input or output: a view that its Session owns. Shape: outermost dimension first; real = scale * (q - zero_point).
struct Tensor : tulle_tensor {
  std::span<const int32_t> dims() const { return {shape, static_cast<size_t>(rank)}; }
  /// The elements as T; T must be the C++ type of `dtype`.
  template <class T>
  std::span<T> as() const {
    return {static_cast<T*>(data), bytes / sizeof(T)};
  }
};

/// A loaded, checked model. Copies share it.
class Model {
 public:
  /// Maps and checks a .tflite file.
  static Result<Model> load(const std::string& path) {
    tulle_model* model = nullptr;
    tulle_error error;
    if (tulle_model_load_file(path.c_str(), &model, &error) != TULLE_OK)
      return std::unexpected(Error{error.status, error.message});
    return Model(model);
  }
  /// The same for bytes, which must outlive the model and its sessions.
  static Result<Model> load(std::span<const std::byte> bytes) {
    tulle_model* model = nullptr;
    tulle_error error;
    if (tulle_model_load_memory(bytes.data(), bytes.size(), &model, &error) != TULLE_OK)
      return std::unexpected(Error{error.status, error.message});
    return Model(model);
  }

  /// Takes packed weights out of a file; before the first session.
  Result<void> use_pack(const std::string& path) { return pack(tulle_model_use_pack, path); }
  /// Writes what sessions have packed so far.
  Result<void> write_pack(const std::string& path) { return pack(tulle_model_write_pack, path); }

  std::vector<std::string> signatures() const {
    std::vector<std::string> keys;
    for (int32_t i = 0; i < tulle_model_signature_count(handle_.get()); ++i)
      keys.emplace_back(tulle_model_signature_key(handle_.get(), i));
    return keys;
  }
  /// The bytes of a metadata entry; empty where there is none. Valid as long as the model.
  std::string_view metadata(const std::string& name) const {
    size_t size = 0;
    const void* bytes = tulle_model_metadata(handle_.get(), name.c_str(), &size);
    return {static_cast<const char*>(bytes), size};
  }
  tulle_model* handle() const { return handle_.get(); }

 private:
  explicit Model(tulle_model* model) : handle_(model, tulle_model_release) {}
  Result<void> pack(tulle_status (*call)(tulle_model*, const char*, tulle_error*), const std::string& path) {
    tulle_error error;
    if (call(handle_.get(), path.c_str(), &error) != TULLE_OK)
      return std::unexpected(Error{error.status, error.message});
    return {};
  }
  std::shared_ptr<tulle_model> handle_;
};

struct Options {
  std::string signature;
  int threads = 1;
  uint64_t memory_limit = 0;  ///< bytes; 0: 4 GiB
  bool time_nodes = false;
};

/// A model made runnable. One thread at a time uses it, but for cancel.
class Session {
 public:
  static Result<Session> create(const Model& model, const Options& options = {}) {
    const tulle_session_options c{options.signature.empty() ? nullptr : options.signature.c_str(), options.threads,
                                  options.memory_limit, options.time_nodes ? 1 : 0};
    tulle_session* session = nullptr;
    tulle_error error;
    if (tulle_session_create(model.handle(), &c, &session, &error) != TULLE_OK)
      return std::unexpected(Error{error.status, error.message});
    return Session(session);
  }

  int input_count() const { return tulle_session_input_count(handle_.get()); }
  int output_count() const { return tulle_session_output_count(handle_.get()); }
  Result<Tensor> input(int i) { return tensor(tulle_session_input, i); }
  Result<Tensor> output(int i) { return tensor(tulle_session_output, i); }
  Result<Tensor> input(const std::string& name) { return input(tulle_session_find_input(handle_.get(), name.c_str())); }
  Result<Tensor> output(const std::string& name) {
    return output(tulle_session_find_output(handle_.get(), name.c_str()));
  }

  Result<void> resize(int i, std::span<const int32_t> shape) {
    return done(tulle_session_resize(handle_.get(), i, shape.data(), static_cast<int32_t>(shape.size())));
  }
  template <class T>
  Result<void> set_input(int i, std::span<const T> values) {
    return done(tulle_session_set_input(handle_.get(), i, values.data(), values.size_bytes()));
  }
  template <class T>
  Result<void> bind_input(int i, std::span<T> memory) {
    return done(tulle_session_bind_input(handle_.get(), i, memory.data(), memory.size_bytes()));
  }
  template <class T>
  Result<void> bind_output(int i, std::span<T> memory) {
    return done(tulle_session_bind_output(handle_.get(), i, memory.data(), memory.size_bytes()));
  }

  Result<void> run() { return done(tulle_session_run(handle_.get())); }
  void cancel() { tulle_session_cancel(handle_.get()); }
  void set_time_limit(std::chrono::nanoseconds limit) { tulle_session_set_time_limit(handle_.get(), limit.count()); }
  void reset_variables() { tulle_session_reset_variables(handle_.get()); }

  std::vector<tulle_timing> timings() {
    std::vector<tulle_timing> timings(static_cast<size_t>(tulle_session_timing_count(handle_.get())));
    for (size_t i = 0; i < timings.size(); ++i)
      tulle_session_timing(handle_.get(), static_cast<int32_t>(i), &timings[i]);
    return timings;
  }
  tulle_memory memory() const {
    tulle_memory memory;
    tulle_session_memory(handle_.get(), &memory);
    return memory;
  }

 private:
  explicit Session(tulle_session* session) : handle_(session, tulle_session_release) {}
  Result<void> done(tulle_status status) const {
    if (status != TULLE_OK) return std::unexpected(Error{status, tulle_session_error(handle_.get())});
    return {};
  }
  Result<Tensor> tensor(tulle_status (*describe)(tulle_session*, int32_t, tulle_tensor*), int i) {
    Tensor tensor;
    if (const auto result = done(describe(handle_.get(), i, &tensor)); !result) return std::unexpected(result.error());
    return tensor;
  }

  std::unique_ptr<tulle_session, void (*)(tulle_session*)> handle_;
};

}  // namespace tulle::api
