// wasi-nn for guests in C and C++: the module wasi_ephemeral_nn as docs/wasi-nn.md tells it, and short cuts over it.
// This header is all there is. A function that is not called is not imported, so a guest that keeps to the first six
// runs on any host of wasi-nn.
//
// Functions answer an error, WASI_NN_SUCCESS where there is none, and put results where they are told to. Sizes count
// bytes. Names need no zero behind them. Data are copied, but for what set_output names.
#ifndef TULLE_WASI_NN_H
#define TULLE_WASI_NN_H

#ifndef __wasm32__
#error "wasi_nn.h is for guests: compile for wasm32-wasi"
#endif

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum wasi_nn_error {
  WASI_NN_SUCCESS = 0,
  WASI_NN_INVALID_ARGUMENT = 1,  ///< no such handle or index, bad address, shape, type or size; an input is not set
  WASI_NN_INVALID_ENCODING = 2,
  WASI_NN_MISSING_MEMORY = 3,         ///< the guest exports no memory
  WASI_NN_BUSY = 4,                   ///< the context is at work in another thread
  WASI_NN_RUNTIME_ERROR = 5,          ///< the model failed; an output before a compute; too much memory; too late
  WASI_NN_UNSUPPORTED_OPERATION = 6,  ///< a kind of model, operator or target that the host does not have
  WASI_NN_TOO_LARGE = 7,              ///< the buffer is too small: *written says how large it has to be
  WASI_NN_NOT_FOUND = 8               ///< no model, input or output of that name
} wasi_nn_error;

/// Numbers since August 2023. Types that have none (int8, bool, …) travel as the bytes they are, as U8.
typedef enum wasi_nn_type {
  WASI_NN_F16 = 0,
  WASI_NN_F32 = 1,
  WASI_NN_F64 = 2,
  WASI_NN_U8 = 3,
  WASI_NN_I32 = 4,
  WASI_NN_I64 = 5
} wasi_nn_type;

typedef enum wasi_nn_encoding {
  WASI_NN_OPENVINO = 0,
  WASI_NN_ONNX = 1,
  WASI_NN_TENSORFLOW = 2,
  WASI_NN_PYTORCH = 3,
  WASI_NN_TENSORFLOW_LITE = 4,
  WASI_NN_AUTODETECT = 5  ///< by the model's first bytes
} wasi_nn_encoding;

typedef enum wasi_nn_target { WASI_NN_CPU = 0, WASI_NN_GPU = 1, WASI_NN_TPU = 2 } wasi_nn_target;

typedef uint32_t wasi_nn_graph;    ///< a loaded model
typedef uint32_t wasi_nn_context;  ///< a user of a model, with inputs and outputs of its own

/// For last_error: whatever call it was that failed last.
#define WASI_NN_ANY_CONTEXT UINT32_MAX

/// A part of a model. Models of TensorFlow Lite have one.
typedef struct wasi_nn_part {
  const void* data;
  uint32_t size;
} wasi_nn_part;

/// What goes in, or the place for what comes out: rows are contiguous, the last dimension moves fastest.
typedef struct wasi_nn_tensor {
  const uint32_t* dims;
  uint32_t rank;  ///< of dims
  uint8_t type;   ///< a wasi_nn_type
  uint8_t unused[3];
  void* data;  ///< only read by set_input
  uint32_t size;
} wasi_nn_tensor;

/// The host reads these where they lie.
typedef char wasi_nn_part_is_8_bytes[sizeof(wasi_nn_part) == 8 ? 1 : -1];
typedef char wasi_nn_tensor_is_20_bytes[sizeof(wasi_nn_tensor) == 20 ? 1 : -1];

#define WASI_NN_IMPORT(function) \
  __attribute__((import_module("wasi_ephemeral_nn"), import_name(#function))) wasi_nn_error wasi_nn_##function

// What every host has.

WASI_NN_IMPORT(load)
(const wasi_nn_part* parts, uint32_t count, wasi_nn_encoding encoding, wasi_nn_target target, wasi_nn_graph* graph);
/// A model that the host offers. NOT_FOUND where it does not.
WASI_NN_IMPORT(load_by_name)(const char* name, uint32_t length, wasi_nn_graph* graph);
WASI_NN_IMPORT(init_execution_context)(wasi_nn_graph graph, wasi_nn_context* context);
/// An input stays set until it is set again. Where the model leaves a dimension free, the tensor's holds from now on.
WASI_NN_IMPORT(set_input)(wasi_nn_context context, uint32_t index, const wasi_nn_tensor* tensor);
WASI_NN_IMPORT(compute)(wasi_nn_context context);
/// Copies an output of the last compute. TOO_LARGE copies nothing; size 0 asks for the size by that.
WASI_NN_IMPORT(get_output)
(wasi_nn_context context, uint32_t index, void* buffer, uint32_t size, uint32_t* written);

// What some hosts have; Tulle has all.

/// Take a handle away at once. A context's outputs can be had after its graph was unloaded, but nothing new.
WASI_NN_IMPORT(unload)(wasi_nn_graph graph);
WASI_NN_IMPORT(finalize_execution_context)(wasi_nn_context context);
/// Settings are JSON: {"threads": 2}.
WASI_NN_IMPORT(load_by_name_with_config)
(const char* name, uint32_t length, const char* settings, uint32_t settings_length, wasi_nn_graph* graph);
/// A name is the signature's or the tensor's.
WASI_NN_IMPORT(set_input_by_name)
(wasi_nn_context context, const char* name, uint32_t length, const wasi_nn_tensor* tensor);
WASI_NN_IMPORT(get_output_by_name)
(wasi_nn_context context, const char* name, uint32_t length, void* buffer, uint32_t size, uint32_t* written);
/// From now on each compute writes the output to tensor->data, which has to stay there as long.
WASI_NN_IMPORT(set_output)(wasi_nn_context context, uint32_t index, const wasi_nn_tensor* tensor);
WASI_NN_IMPORT(set_output_by_name)
(wasi_nn_context context, const char* name, uint32_t length, const wasi_nn_tensor* tensor);
/// One step of a model with state, and the end of what it remembers.
WASI_NN_IMPORT(compute_single)(wasi_nn_context context);
WASI_NN_IMPORT(get_output_single)
(wasi_nn_context context, uint32_t index, void* buffer, uint32_t size, uint32_t* written);
WASI_NN_IMPORT(fini_single)(wasi_nn_context context);
/// The message, without a zero behind it, of the context's last call that failed.
WASI_NN_IMPORT(last_error)(wasi_nn_context context, char* buffer, uint32_t size, uint32_t* written);
WASI_NN_IMPORT(get_input_count)(wasi_nn_graph graph, uint32_t* count);
WASI_NN_IMPORT(get_output_count)(wasi_nn_graph graph, uint32_t* count);
/// JSON, without a zero behind it: {"name": "x", "key": "x", "dtype": "int8", "shape": [1,8,8,1], "scale": 0.5,
/// "zero_point": -128}. A dimension that the model leaves free is -1; key is null without a signature, scale 0 where
/// nothing is quantised.
WASI_NN_IMPORT(get_input_info)(wasi_nn_graph graph, uint32_t index, char* buffer, uint32_t size, uint32_t* written);
WASI_NN_IMPORT(get_output_info)(wasi_nn_graph graph, uint32_t index, char* buffer, uint32_t size, uint32_t* written);

#undef WASI_NN_IMPORT

// Short cuts. Here names end with a zero.

/// A model of the host, and one user of it. Where the latter fails, the model is loaded all the same.
static inline wasi_nn_error wasi_nn_open(const char* name, wasi_nn_graph* graph, wasi_nn_context* context) {
  const wasi_nn_error error = wasi_nn_load_by_name(name, (uint32_t)strlen(name), graph);
  return error != WASI_NN_SUCCESS ? error : wasi_nn_init_execution_context(*graph, context);
}

/// A tensor over these dimensions and data, whose size follows from them.
static inline wasi_nn_tensor wasi_nn_tensor_of(wasi_nn_type type, const uint32_t* dims, uint32_t rank,
                                               const void* data) {
  static const uint8_t bytes[] = {2, 4, 8, 1, 4, 8};
  wasi_nn_tensor tensor = {dims, rank, (uint8_t)type, {0, 0, 0}, (void*)data, bytes[type]};
  for (uint32_t i = 0; i < rank; ++i) tensor.size *= dims[i];
  return tensor;
}

static inline wasi_nn_error wasi_nn_set_f32(wasi_nn_context context, uint32_t index, const uint32_t* dims,
                                            uint32_t rank, const float* data) {
  const wasi_nn_tensor tensor = wasi_nn_tensor_of(WASI_NN_F32, dims, rank, data);
  return wasi_nn_set_input(context, index, &tensor);
}
static inline wasi_nn_error wasi_nn_set_f32_by_name(wasi_nn_context context, const char* name, const uint32_t* dims,
                                                    uint32_t rank, const float* data) {
  const wasi_nn_tensor tensor = wasi_nn_tensor_of(WASI_NN_F32, dims, rank, data);
  return wasi_nn_set_input_by_name(context, name, (uint32_t)strlen(name), &tensor);
}

/// Also for int8 and bool.
static inline wasi_nn_error wasi_nn_set_u8(wasi_nn_context context, uint32_t index, const uint32_t* dims, uint32_t rank,
                                           const void* data) {
  const wasi_nn_tensor tensor = wasi_nn_tensor_of(WASI_NN_U8, dims, rank, data);
  return wasi_nn_set_input(context, index, &tensor);
}
static inline wasi_nn_error wasi_nn_set_u8_by_name(wasi_nn_context context, const char* name, const uint32_t* dims,
                                                   uint32_t rank, const void* data) {
  const wasi_nn_tensor tensor = wasi_nn_tensor_of(WASI_NN_U8, dims, rank, data);
  return wasi_nn_set_input_by_name(context, name, (uint32_t)strlen(name), &tensor);
}

/// Bytes that an output has after a compute.
static inline wasi_nn_error wasi_nn_output_size(wasi_nn_context context, uint32_t index, uint32_t* size) {
  const wasi_nn_error error = wasi_nn_get_output(context, index, NULL, 0, size);
  return error == WASI_NN_TOO_LARGE ? WASI_NN_SUCCESS : error;
}

/// An output in memory of its own, to be freed; null where it can't be had, or there is no memory.
static inline void* wasi_nn_fetch(wasi_nn_context context, uint32_t index, uint32_t* size) {
  if (wasi_nn_output_size(context, index, size) != WASI_NN_SUCCESS) return NULL;
  void* data = malloc(*size != 0 ? *size : 1);
  if (data == NULL || wasi_nn_get_output(context, index, data, *size, size) == WASI_NN_SUCCESS) return data;
  free(data);
  return NULL;
}

/// What an error means.
static inline const char* wasi_nn_error_text(wasi_nn_error error) {
  static const char* const texts[] = {"success",       "invalid argument", "invalid encoding", "missing memory", "busy",
                                      "runtime error", "not supported",    "too large",        "not found"};
  return (uint32_t)error < sizeof texts / sizeof *texts ? texts[error] : "unknown error";
}

/// What the host says about the last failure, put into the buffer where it fits, else what the error means.
static inline const char* wasi_nn_why(wasi_nn_error error, char* buffer, uint32_t size) {
  uint32_t length = 0;
  if (size == 0 || wasi_nn_last_error(WASI_NN_ANY_CONTEXT, buffer, size - 1, &length) != WASI_NN_SUCCESS || length == 0)
    return wasi_nn_error_text(error);
  buffer[length] = '\0';
  return buffer;
}

#ifdef __cplusplus
}
#endif

#endif
