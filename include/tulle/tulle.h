/* Tulle's C API: load a model, make sessions over it, run them.
 *
 * Ownership: what a _load_ or _create_ function gives is released with the matching _release_ function, once. A session
 * keeps its model alive by itself. Pointers to names and tensors belong to the object they were asked of; each function
 * says how long they are valid.
 * Threads: a model may be used from any number of threads. A session is used by one thread at a time, but for
 * tulle_session_cancel. Sessions over one model share its weights and run at the same time.
 * Errors: functions return TULLE_OK or what kind of failure it was; the text is in the tulle_error given, or asked of
 * the session. Nothing prints, throws, aborts or keeps global state.
 */
#ifndef TULLE_TULLE_H
#define TULLE_TULLE_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define TULLE_API __attribute__((visibility("default")))
#else
#define TULLE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define TULLE_MAX_RANK 8

typedef enum tulle_status {
  TULLE_OK = 0,
  TULLE_INVALID_FILE = 1,     /* the bytes are not a well-formed model */
  TULLE_UNSUPPORTED = 2,      /* well-formed, but there is no kernel for an operator or type in it */
  TULLE_INVALID_ARGUMENT = 3, /* the call does not fit the model: a shape, a size, a null pointer */
  TULLE_NOT_FOUND = 4,        /* no such file, input, output or signature */
  TULLE_OUT_OF_MEMORY = 5,    /* over the session's memory limit, or the system refused */
  TULLE_CANCELLED = 6,        /* tulle_session_cancel was called */
  TULLE_DEADLINE = 7,         /* the time limit of the session passed */
  TULLE_RUNTIME = 8,          /* the values make an operator impossible (an index out of range) */
  TULLE_IO = 9                /* the system failed to read a file */
} tulle_status;

/* Element types; numbers are those of .tflite files. Types below 8 bits are packed, low bits first. */
typedef enum tulle_dtype {
  TULLE_FLOAT32 = 0,
  TULLE_FLOAT16 = 1,
  TULLE_INT32 = 2,
  TULLE_UINT8 = 3,
  TULLE_INT64 = 4,
  TULLE_STRING = 5, /* int32 count, count + 1 int32 offsets, the bytes */
  TULLE_BOOL = 6,
  TULLE_INT16 = 7,
  TULLE_COMPLEX64 = 8,
  TULLE_INT8 = 9,
  TULLE_FLOAT64 = 10,
  TULLE_COMPLEX128 = 11,
  TULLE_UINT64 = 12,
  TULLE_RESOURCE = 13,
  TULLE_VARIANT = 14,
  TULLE_UINT32 = 15,
  TULLE_UINT16 = 16,
  TULLE_INT4 = 17,
  TULLE_BFLOAT16 = 18,
  TULLE_INT2 = 19,
  TULLE_UINT4 = 20,
  TULLE_FLOAT8_E4M3FN = 21,
  TULLE_FLOAT8_E5M2 = 22
} tulle_dtype;

/* Room for the text of an error, given by the caller. The message is one line, cut where it is longer. */
typedef struct tulle_error {
  tulle_status status;
  char message[1000];
} tulle_error;

typedef struct tulle_model tulle_model;
typedef struct tulle_session tulle_session;

/* An input or output as it is at the moment. */
typedef struct tulle_tensor {
  const char* name; /* valid as long as the session */
  tulle_dtype dtype;
  int32_t rank;                  /* 0 for a scalar */
  int32_t shape[TULLE_MAX_RANK]; /* outermost first; elements lie in row-major order */
  float scale;                   /* real = scale * (integer - zero_point); 0 where not quantised as a whole */
  int64_t zero_point;
  void* data; /* valid until the session is resized, rebound or released; null before the first run
                 where the shape hangs on the inputs' values */
  size_t bytes;
} tulle_tensor;

typedef struct tulle_session_options {
  const char* signature; /* which signature to run; null: the main graph */
  int32_t threads;       /* at most this many threads work on a run; 0: one */
  uint64_t memory_limit; /* most bytes of activations, scratch and computed constants; 0: 4 GiB */
  int32_t time_nodes;    /* not 0: tulle_session_timing tells the time of each node */
} tulle_session_options;

typedef struct tulle_timing {
  int32_t graph, node; /* position in the model */
  const char* op;      /* "CONV_2D", or the name of the custom operator; valid as long as the model */
  int64_t nanoseconds; /* in the last run */
} tulle_timing;

typedef struct tulle_memory {
  uint64_t arena_bytes;       /* planned memory of activations and scratch */
  uint64_t lower_bound_bytes; /* the most bytes live at one moment: no plan can need less */
  uint64_t folded_bytes;      /* constants computed and weights packed ahead of time, but for those in a pack */
  uint64_t variable_bytes;    /* resource variables */
} tulle_memory;

/* "0.1.0". */
TULLE_API const char* tulle_version(void);
/* "float32", "int8", …; "unknown" for a number that is no type. */
TULLE_API const char* tulle_dtype_name(tulle_dtype dtype);

/* Reads and checks a .tflite file. The file is mapped: it must not be shortened while the model lives. Works for any
 * bytes; what is wrong with them comes back as TULLE_INVALID_FILE with the place. `error` may be null. */
TULLE_API tulle_status tulle_model_load_file(const char* path, tulle_model** model, tulle_error* error);
/* The same for a file in memory. The bytes are not copied: they must stay, unchanged, until the model and all of its
 * sessions are released, and should be aligned to 16. */
TULLE_API tulle_status tulle_model_load_memory(const void* bytes, size_t size, tulle_model** model, tulle_error* error);
/* Null is allowed. */
TULLE_API void tulle_model_release(tulle_model* model);

/* Lets sessions take weights out of a file that tulle_model_write_pack or `tulle pack` wrote, mapped, instead of
 * packing them. To be called before the first session is created. A file that was written for another model,
 * instruction set or version of the library, or that is damaged, is refused with TULLE_INVALID_FILE and the reason, one
 * that is not there with TULLE_NOT_FOUND; then everything is as before. Weights that are missing in it or damaged are
 * packed as without it. The file must not be changed in place or shortened while the model or a session of it lives;
 * writing it anew by the function below does neither. Reads the whole model file. `error` may be null. */
TULLE_API tulle_status tulle_model_use_pack(tulle_model* model, const char* path, tulle_error* error);
/* Writes the weights that sessions of the model have packed so far, and those of the pack in use. The file appears
 * under its name when it is whole. TULLE_IO where it can't be written, TULLE_UNSUPPORTED where TULLE_ISA is reference,
 * which packs nothing. `error` may be null. */
TULLE_API tulle_status tulle_model_write_pack(tulle_model* model, const char* path, tulle_error* error);

TULLE_API int32_t tulle_model_signature_count(const tulle_model* model);
/* The key of signature i, valid as long as the model; null where there is no such signature. */
TULLE_API const char* tulle_model_signature_key(const tulle_model* model, int32_t i);
/* Number of graphs, and of nodes in graph `graph` (0 where there is no such graph). */
TULLE_API int32_t tulle_model_graph_count(const tulle_model* model);
TULLE_API int32_t tulle_model_node_count(const tulle_model* model, int32_t graph);
/* The name of the operator of a node, valid as long as the model; null where there is no such node. */
TULLE_API const char* tulle_model_node_op(const tulle_model* model, int32_t graph, int32_t node);
/* The bytes of a metadata entry, valid as long as the model; null where there is none of this name. */
TULLE_API const void* tulle_model_metadata(const tulle_model* model, const char* name, size_t* size);

/* Prepares a session: infers shapes, plans memory, prepares kernels. One TULLE_UNSUPPORTED error lists all nodes for
 * which there is no kernel. `options` may be null. */
TULLE_API tulle_status tulle_session_create(tulle_model* model, const tulle_session_options* options,
                                            tulle_session** session, tulle_error* error);
/* Null is allowed. Bound memory of the caller is not touched. */
TULLE_API void tulle_session_release(tulle_session* session);
/* The text of the last failure of a call on this session; valid until the next call on it. */
TULLE_API const char* tulle_session_error(const tulle_session* session);

TULLE_API int32_t tulle_session_input_count(const tulle_session* session);
TULLE_API int32_t tulle_session_output_count(const tulle_session* session);
/* The position of the input or output of this name (the signature's name for it where there is one); -1: none. */
TULLE_API int32_t tulle_session_find_input(const tulle_session* session, const char* name);
TULLE_API int32_t tulle_session_find_output(const tulle_session* session, const char* name);
/* Describes input or output i. Inputs may be filled through `data`, and keep their contents from run to run. */
TULLE_API tulle_status tulle_session_input(tulle_session* session, int32_t i, tulle_tensor* tensor);
TULLE_API tulle_status tulle_session_output(tulle_session* session, int32_t i, tulle_tensor* tensor);

/* Gives input i another shape; the session prepares again at the next call that needs it. Where the model cannot take
 * the shape, that call fails and says which node objects. */
TULLE_API tulle_status tulle_session_resize(tulle_session* session, int32_t i, const int32_t* shape, int32_t rank);
/* Copies bytes into input i; their number must be that of its tensor (STRING: any well-formed string tensor). */
TULLE_API tulle_status tulle_session_set_input(tulle_session* session, int32_t i, const void* bytes, size_t size);
/* Uses the caller's memory for input or output i from now on, without copying; null goes back to the session's own. It
 * is as large as the tensor, aligned to 16, and lives until rebound or released. Outputs of unknown shape can't be
 * bound. */
TULLE_API tulle_status tulle_session_bind_input(tulle_session* session, int32_t i, void* data, size_t size);
TULLE_API tulle_status tulle_session_bind_output(tulle_session* session, int32_t i, void* data, size_t size);

/* Prepares after resizing; run does it by itself. */
TULLE_API tulle_status tulle_session_prepare(tulle_session* session);
/* One inference. Allocates nothing unless shapes changed or hang on values. */
TULLE_API tulle_status tulle_session_run(tulle_session* session);
/* From any thread: the run in progress, or else the next one, ends with TULLE_CANCELLED before its next node. */
TULLE_API void tulle_session_cancel(tulle_session* session);
/* Later runs end with TULLE_DEADLINE before the first node that would start after this many nanoseconds; 0: no limit.
 */
TULLE_API void tulle_session_set_time_limit(tulle_session* session, int64_t nanoseconds);
/* Zeroes variables and forgets resource variables; initialisers run again. */
TULLE_API void tulle_session_reset_variables(tulle_session* session);

/* Times of the last run where options.time_nodes was set: count, and entry i in execution order. */
TULLE_API int32_t tulle_session_timing_count(const tulle_session* session);
TULLE_API tulle_status tulle_session_timing(tulle_session* session, int32_t i, tulle_timing* timing);
TULLE_API void tulle_session_memory(const tulle_session* session, tulle_memory* memory);

#ifdef __cplusplus
}
#endif

#endif
