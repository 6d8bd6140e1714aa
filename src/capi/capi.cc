// The C API over the runtime: handles, and errors as status and text. Arguments are checked here, once.
#include <algorithm>
#include <atomic>
#include <cstring>

#include "formats/tflite.h"
#include "runtime/constants.h"
#include "runtime/session.h"
#include "tulle/tulle.h"

struct tulle_model {
  std::shared_ptr<const tulle::Model> model;
  std::shared_ptr<tulle::Constants> constants;
  std::atomic<bool> has_sessions{false};
};

struct tulle_session {
  std::unique_ptr<tulle::Session> session;
  std::shared_ptr<const tulle::Model> model;
  std::string error;
};

namespace {

using tulle::Error;
using tulle::ErrorCode;
using tulle::Result;

constexpr tulle_status kStatus[] = {TULLE_INVALID_FILE, TULLE_UNSUPPORTED,   TULLE_INVALID_ARGUMENT,
                                    TULLE_NOT_FOUND,    TULLE_OUT_OF_MEMORY, TULLE_CANCELLED,
                                    TULLE_DEADLINE,     TULLE_RUNTIME,       TULLE_IO};
static_assert(static_cast<int>(ErrorCode::kIo) + 1 == std::size(kStatus));
static_assert(TULLE_MAX_RANK == tulle::kMaxRank);
static_assert(static_cast<int>(tulle::DType::kFloat8E5M2) == TULLE_FLOAT8_E5M2);

tulle_status status(ErrorCode code) { return kStatus[static_cast<int>(code)]; }

tulle_status report(const Error& error, tulle_error* out) {
  const tulle_status code = status(error.code);
  if (out != nullptr) {
    out->status = code;
    const size_t length = std::min(error.message.size(), sizeof(out->message) - 1);
    std::memcpy(out->message, error.message.data(), length);
    out->message[length] = '\0';
  }
  return code;
}

tulle_status report(tulle_session* session, const Error& error) {
  session->error = error.message;
  return status(error.code);
}

tulle_status report(tulle_session* session, const Result<void>& result) {
  return result ? TULLE_OK : report(session, result.error());
}

Error invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

tulle_status publish(Result<std::shared_ptr<const tulle::Model>> loaded, tulle_model** model, tulle_error* error) {
  *model = nullptr;
  if (!loaded) return report(loaded.error(), error);
  *model = new tulle_model{*std::move(loaded), tulle::make_constants()};
  return TULLE_OK;
}

bool has(std::span<const tulle::Port> ports, int32_t i) { return i >= 0 && static_cast<size_t>(i) < ports.size(); }

tulle_status no_port(tulle_session* session, const char* what, int32_t i) {
  return report(session, invalid(std::string("there is no ") + what + " " + std::to_string(i)));
}

void describe(const tulle::Port& port, const tulle::Tensor& tensor, tulle_tensor* out) {
  *out = {};
  out->name = port.name.c_str();
  out->dtype = static_cast<tulle_dtype>(tensor.dtype);
  out->rank = tensor.shape.rank();
  std::copy(tensor.shape.begin(), tensor.shape.end(), out->shape);
  if (tensor.quantization != nullptr && tensor.quantization->per_tensor()) {
    out->scale = tensor.scale();
    out->zero_point = tensor.zero_point();
  }
  out->data = tensor.data;
  out->bytes = tensor.bytes;
}

int32_t find(std::span<const tulle::Port> ports, const char* name) {
  const auto found =
      std::find_if(ports.begin(), ports.end(), [&](const tulle::Port& port) { return port.name == name; });
  return name == nullptr || found == ports.end() ? -1 : static_cast<int32_t>(found - ports.begin());
}

}  // namespace

const char* tulle_version(void) { return TULLE_VERSION; }

const char* tulle_dtype_name(tulle_dtype dtype) {
  return dtype >= 0 && dtype < tulle::kDTypeCount ? tulle::name(static_cast<tulle::DType>(dtype)).data() : "unknown";
}

tulle_status tulle_model_load_file(const char* path, tulle_model** model, tulle_error* error) {
  if (path == nullptr || model == nullptr) return report(invalid("path and model must not be null"), error);
  return publish(tulle::tflite::load(path), model, error);
}

tulle_status tulle_model_load_memory(const void* bytes, size_t size, tulle_model** model, tulle_error* error) {
  if ((bytes == nullptr && size > 0) || model == nullptr)
    return report(invalid("bytes and model must not be null"), error);
  auto read = tulle::tflite::read({static_cast<const std::byte*>(bytes), size}, nullptr);
  if (!read) return report(read.error(), error);
  return publish(std::make_shared<const tulle::Model>(*std::move(read)), model, error);
}

void tulle_model_release(tulle_model* model) { delete model; }

tulle_status tulle_model_use_pack(tulle_model* model, const char* path, tulle_error* error) {
  if (model == nullptr || path == nullptr) return report(invalid("model and path must not be null"), error);
  if (model->has_sessions) return report(invalid("a pack is to be given before the first session is created"), error);
  const auto target = tulle::pack_target(*model->model, path);
  if (!target) return report(target.error(), error);
  auto pack = tulle::Pack::open(path, *target);
  if (!pack) return report(pack.error(), error);
  model->constants->use(*std::move(pack), *target);
  return TULLE_OK;
}

tulle_status tulle_model_write_pack(tulle_model* model, const char* path, tulle_error* error) {
  if (model == nullptr || path == nullptr) return report(invalid("model and path must not be null"), error);
  const auto target = tulle::pack_target(*model->model);
  if (!target) return report(target.error(), error);
  const auto written = model->constants->write(path, *target);
  return written ? TULLE_OK : report(written.error(), error);
}

int32_t tulle_model_signature_count(const tulle_model* model) {
  return static_cast<int32_t>(model->model->signatures.size());
}
const char* tulle_model_signature_key(const tulle_model* model, int32_t i) {
  return i >= 0 && i < tulle_model_signature_count(model) ? model->model->signatures[i].key.c_str() : nullptr;
}
int32_t tulle_model_graph_count(const tulle_model* model) { return static_cast<int32_t>(model->model->graphs.size()); }
int32_t tulle_model_node_count(const tulle_model* model, int32_t graph) {
  return graph >= 0 && graph < tulle_model_graph_count(model)
             ? static_cast<int32_t>(model->model->graphs[graph].nodes.size())
             : 0;
}
const char* tulle_model_node_op(const tulle_model* model, int32_t graph, int32_t node) {
  return node >= 0 && node < tulle_model_node_count(model, graph)
             ? op_name(model->model->graphs[graph].nodes[node]).data()
             : nullptr;
}
const void* tulle_model_metadata(const tulle_model* model, const char* name, size_t* size) {
  const auto bytes = name == nullptr ? std::span<const std::byte>() : model->model->find_metadata(name);
  if (size != nullptr) *size = bytes.size();
  return bytes.empty() ? nullptr : bytes.data();
}

tulle_status tulle_session_create(tulle_model* model, const tulle_session_options* options, tulle_session** session,
                                  tulle_error* error) {
  if (model == nullptr || session == nullptr) return report(invalid("model and session must not be null"), error);
  *session = nullptr;
  model->has_sessions = true;
  tulle::SessionOptions wanted;
  wanted.constants = model->constants;
  if (options != nullptr) {
    if (options->signature != nullptr) wanted.signature = options->signature;
    if (options->threads > 0) wanted.threads = options->threads;
    if (options->memory_limit > 0) wanted.memory_limit = options->memory_limit;
    wanted.time_nodes = options->time_nodes != 0;
  }
  auto made = tulle::Session::create(model->model, std::move(wanted));
  if (!made) return report(made.error(), error);
  *session = new tulle_session{*std::move(made), model->model, {}};
  return TULLE_OK;
}

void tulle_session_release(tulle_session* session) { delete session; }
const char* tulle_session_error(const tulle_session* session) { return session->error.c_str(); }

int32_t tulle_session_input_count(const tulle_session* session) {
  return static_cast<int32_t>(session->session->inputs().size());
}
int32_t tulle_session_output_count(const tulle_session* session) {
  return static_cast<int32_t>(session->session->outputs().size());
}
int32_t tulle_session_find_input(const tulle_session* session, const char* name) {
  return find(session->session->inputs(), name);
}
int32_t tulle_session_find_output(const tulle_session* session, const char* name) {
  return find(session->session->outputs(), name);
}

tulle_status tulle_session_input(tulle_session* session, int32_t i, tulle_tensor* tensor) {
  if (!has(session->session->inputs(), i) || tensor == nullptr) return no_port(session, "input", i);
  if (auto prepared = session->session->prepare(); !prepared) return report(session, prepared);
  describe(session->session->inputs()[i], session->session->input(i), tensor);
  return TULLE_OK;
}

tulle_status tulle_session_output(tulle_session* session, int32_t i, tulle_tensor* tensor) {
  if (!has(session->session->outputs(), i) || tensor == nullptr) return no_port(session, "output", i);
  if (auto prepared = session->session->prepare(); !prepared) return report(session, prepared);
  describe(session->session->outputs()[i], session->session->output(i), tensor);
  return TULLE_OK;
}

tulle_status tulle_session_resize(tulle_session* session, int32_t i, const int32_t* shape, int32_t rank) {
  if (!has(session->session->inputs(), i)) return no_port(session, "input", i);
  if (rank < 0 || rank > TULLE_MAX_RANK || (shape == nullptr && rank > 0))
    return report(session, invalid("a shape has 0 to 8 dimensions"));
  const auto dims = tulle::Shape::from({shape, static_cast<size_t>(rank)});
  if (!dims) return report(session, invalid("a shape has no negative dimensions"));
  return report(session, session->session->resize(i, *dims));
}

tulle_status tulle_session_set_input(tulle_session* session, int32_t i, const void* bytes, size_t size) {
  if (!has(session->session->inputs(), i)) return no_port(session, "input", i);
  if (bytes == nullptr && size > 0) return report(session, invalid("bytes must not be null"));
  return report(session, session->session->set_input(i, {static_cast<const std::byte*>(bytes), size}));
}

tulle_status tulle_session_bind_input(tulle_session* session, int32_t i, void* data, size_t size) {
  if (!has(session->session->inputs(), i)) return no_port(session, "input", i);
  return report(session, session->session->bind_input(i, static_cast<std::byte*>(data), size));
}

tulle_status tulle_session_bind_output(tulle_session* session, int32_t i, void* data, size_t size) {
  if (!has(session->session->outputs(), i)) return no_port(session, "output", i);
  return report(session, session->session->bind_output(i, static_cast<std::byte*>(data), size));
}

tulle_status tulle_session_prepare(tulle_session* session) { return report(session, session->session->prepare()); }
tulle_status tulle_session_run(tulle_session* session) { return report(session, session->session->run()); }
void tulle_session_cancel(tulle_session* session) { session->session->cancel(); }
void tulle_session_set_time_limit(tulle_session* session, int64_t nanoseconds) {
  session->session->set_time_limit(std::chrono::nanoseconds(std::max<int64_t>(nanoseconds, 0)));
}
void tulle_session_reset_variables(tulle_session* session) { session->session->reset_variables(); }

int32_t tulle_session_timing_count(const tulle_session* session) {
  return static_cast<int32_t>(session->session->timings().size());
}
tulle_status tulle_session_timing(tulle_session* session, int32_t i, tulle_timing* timing) {
  const auto timings = session->session->timings();
  if (i < 0 || static_cast<size_t>(i) >= timings.size() || timing == nullptr) return no_port(session, "timing", i);
  const tulle::NodeTiming& entry = timings[i];
  // Both the list of operators and the file end their names with a zero.
  const char* op = op_name(session->model->graphs[entry.graph].nodes[entry.node]).data();  // NOLINT(bugprone-*)
  *timing = {entry.graph, entry.node, op, entry.time.count()};
  return TULLE_OK;
}
void tulle_session_memory(const tulle_session* session, tulle_memory* memory) {
  const tulle::MemoryReport report = session->session->memory();
  *memory = {report.arena_bytes, report.lower_bound_bytes, report.folded_bytes, report.variable_bytes};
}
