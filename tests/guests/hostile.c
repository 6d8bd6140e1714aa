// hostile.wasm DEED …: tries to outlive, outgrow or break its host in one way.
#include <wasi/api.h>

#include "deeds.h"
#include "deeds_files.h"
#include "nn.h"

EPHEMERAL(load_by_name)(const char* name, uint32_t size, uint32_t* graph);
EPHEMERAL(unload)(uint32_t graph);
EPHEMERAL(init_execution_context)(uint32_t graph, uint32_t* context);
EPHEMERAL(finalize_execution_context)(uint32_t context);
EPHEMERAL(set_input)(uint32_t context, uint32_t index, const struct NnTensor* tensor);
EPHEMERAL(compute)(uint32_t context);

// Time.
static volatile int changing;
static int loop(char** words) {
  for (;;) changing += words != NULL;
}
static int yield(char** words) {
  for (;;) changing += (int)__wasi_sched_yield() + (words != NULL);
}
static int sleep_long(char** words) {
  (void)words;
  sleep(3600);
  return kRefused;
}
static int read_input(char** words) {
  (void)words;
  return read(0, page, sizeof page) == 0 ? 0 : kRefused;
}
static int poll_input(char** words) {
  (void)words;
  const __wasi_subscription_t wanted = {.u = {.tag = __WASI_EVENTTYPE_FD_READ, .u.fd_read = {.file_descriptor = 0}}};
  __wasi_event_t event;
  __wasi_size_t count;
  return (int)__wasi_poll_oneoff(&wanted, &event, 1, &count);
}
static int poll_many(char** words) {
  const size_t count = (size_t)atoi(words[0]);
  __wasi_subscription_t* wanted = calloc(count, sizeof *wanted);
  __wasi_event_t* events = calloc(count, sizeof *events);
  if (wanted == NULL || events == NULL) return kRefused;
  for (size_t i = 0; i < count; ++i)
    wanted[i].u = (__wasi_subscription_u_t){
        .tag = __WASI_EVENTTYPE_CLOCK,
        .u.clock = {.id = __WASI_CLOCKID_MONOTONIC, .timeout = 3600ULL * 1000000000ULL, .precision = i}};
  __wasi_size_t got;
  return (int)__wasi_poll_oneoff(wanted, events, count, &got);
}
/// MIB: one call that takes the host long, again and again.
static int random_for_ever(char** words) {
  const size_t size = (size_t)atoi(words[0]) << 20;
  uint8_t* bytes = malloc(size);
  while (bytes != NULL && __wasi_random_get(bytes, size) == 0) {
  }
  return kRefused;
}
/// FILE MIB: the same with a file's bytes.
static int read_for_ever(char** words) {
  const size_t size = (size_t)atoi(words[1]) << 20;
  uint8_t* bytes = malloc(size);
  const int file = open(words[0], O_RDONLY);
  while (bytes != NULL && pread(file, bytes, size, 0) > 0) {
  }
  return kRefused;
}

// Memory and stack.
static int grow(char** words) {
  const int step = words[0] == NULL ? 16 : atoi(words[0]);
  for (;;) {
    const int at = (int)__builtin_wasm_memory_grow(0, (size_t)step);
    if (at < 0) return kRefused;
    memset((char*)((size_t)at * kPage), 1, (size_t)step * kPage);
  }
}
static int hold(char** words) {
  const size_t size = (size_t)atoi(words[0]) << 20;
  char* held = malloc(size);
  if (held == NULL) return kRefused;
  memset(held, 1, size);
  changing = held[size / 2];
  return 0;
}
static volatile int never = -1;
__attribute__((noinline)) static int deeper(int depth) { return depth == never ? 0 : deeper(depth + 1) + never; }
static int recurse(char** words) { return deeper(words == NULL); }
// Frames in memory run below its first byte before calls are too many.
__attribute__((noinline)) static int wide(int depth) {
  volatile char frame[kPage];
  frame[depth & 1] = 1;
  return depth == never ? 0 : wide(depth + 1) + frame[0];
}
static int frames(char** words) { return wide(words == NULL); }

// Output.
static int flood(char** words) { return write_for_ever(words[0] == NULL ? 1 : atoi(words[0])); }
/// One page as often as addresses can name it, in one call: more bytes than a number counts.
static int flood_parts(char** words) {
  enum { kParts = 70000 };
  (void)words;
  __wasi_ciovec_t* parts = malloc(kParts * sizeof *parts);
  fill_page();
  for (int i = 0; i < kParts; ++i) parts[i] = (__wasi_ciovec_t){(const uint8_t*)page, sizeof page};
  __wasi_size_t written = 1;
  while (written > 0 && __wasi_fd_write(1, parts, kParts, &written) == 0) {
  }
  return kRefused;
}
static int flood_nothing(char** words) {
  while (words != NULL) (void)!write(1, page, 0);
  return 0;
}

// Files: how many, how large, how many open.
static int allocate(char** words) {
  return __wasi_fd_allocate((__wasi_fd_t)create(words[0], 0), 0, 1ULL << 40) == 0 ? 0 : kRefused;
}

// Descriptors that change places.
static int file_as_output(char** words) {
  if (__wasi_fd_renumber((__wasi_fd_t)create(words[0], 0), 1) != 0) return kRefused;
  return write_for_ever(1);
}
static int output_as_file(char** words) {
  const int file = create(words[0], 0);
  if (__wasi_fd_renumber(1, (__wasi_fd_t)file) != 0) return kRefused;
  return write_for_ever(file);
}
static int error_as_output(char** words) {
  (void)words;
  if (__wasi_fd_renumber(2, 1) != 0) return kRefused;
  return write_for_ever(1);
}
static int closed_output(char** words) {
  close(1);
  return write_for_ever(create(words[0], 0));
}
/// Descriptors that are given back leave room for others, whichever way they go.
static int reopen(char** words) {
  int target = -1;
  for (int i = 0; i < atoi(words[1]); ++i) {
    const int file = open(words[0], O_RDONLY | O_DIRECTORY);
    if (file < 0) return kRefused;
    if (i == 0)
      target = file;
    else if (i % 2 == 0)
      close(file);
    else if (__wasi_fd_renumber((__wasi_fd_t)file, (__wasi_fd_t)target) != 0)
      return kRefused;
  }
  return 0;
}

// wasi-nn.
static int graph_of(const char* name, uint32_t* graph) { return load_by_name(name, strlen(name), graph); }
static int graphs(char** words) {
  uint32_t graph;
  for (int i = 0; i < atoi(words[1]); ++i)
    if (graph_of(words[0], &graph) != 0) return kRefused;
  return 0;
}
static int contexts(char** words) {
  uint32_t graph, context;
  if (graph_of(words[0], &graph) != 0) return kRefused;
  for (int i = 0; i < atoi(words[1]); ++i)
    if (init_execution_context(graph, &context) != 0) return kRefused;
  return 0;
}
/// Handles that are given back leave room for others.
static int handles(char** words) {
  for (int i = 0; i < atoi(words[1]); ++i) {
    uint32_t graph, context;
    if (graph_of(words[0], &graph) != 0 || init_execution_context(graph, &context) != 0) return kRefused;
    if (unload(graph) != 0 || finalize_execution_context(context) != 0) return kRefused;
  }
  return 0;
}
/// MODEL DIMENSION…: computes of zeros for ever, whatever the host says of it.
static int compute_for_ever(char** words) {
  uint32_t graph, context, rank = 0, dims[8];
  size_t size = sizeof(float);
  for (; words[rank + 1] != NULL && rank < 8; ++rank) size *= dims[rank] = (uint32_t)atoi(words[rank + 1]);
  if (graph_of(words[0], &graph) != 0 || init_execution_context(graph, &context) != 0) return kRefused;
  const struct NnTensor input = {dims, rank, kNnFloat32, calloc(1, size), size};
  if (set_input(context, 0, &input) != 0) return kRefused;
  for (;;) changing = compute(context);
}

// Traps.
static int trap(char** words) {
  if (words != NULL) __builtin_trap();
  return 0;
}
static int abort_now(char** words) {
  if (words != NULL) abort();
  return 0;
}
static volatile int zero;
static int divide(char** words) { return (words != NULL) / zero; }
static int outside(char** words) {
  const size_t end = __builtin_wasm_memory_size(0) * kPage;
  return *(volatile char*)(end + (words == NULL));
}
static int wrong_type(char** words) {
  double (*volatile other)(double) = (double (*)(double))(void (*)(void))trap;
  return (int)other(words == NULL);
}
static volatile double large = 1e30;
static int convert(char** words) { return __builtin_wasm_trunc_s_i32_f64(large) + (words == NULL); }

/// N: a call with an address or a size that is not in memory.
static int pointer(char** words) {
  void* const end = (void*)(__builtin_wasm_memory_size(0) * kPage - 2);
  __wasi_ciovec_t* const parts = end;
  const __wasi_ciovec_t part = {end, UINT32_MAX};
  const __wasi_iovec_t into = {end, UINT32_MAX};
  __wasi_size_t size;
  uint32_t number;
  const struct NnTensor tensor = {end, 1, kNnFloat32, end, UINT32_MAX};
  switch (atoi(words[0])) {
    case 0: return (int)__wasi_fd_write(1, parts, 1, &size);
    case 1: return (int)__wasi_fd_write(1, &part, 1, &size);
    case 2: return (int)__wasi_fd_write(1, &part, UINT32_MAX, &size);
    case 3: return (int)__wasi_fd_read(0, &into, 1, &size);
    case 4: return (int)__wasi_random_get(end, UINT32_MAX);
    case 5: return (int)__wasi_clock_time_get(0, 0, end);
    case 6: return (int)__wasi_poll_oneoff(end, end, UINT32_MAX, end);
    case 7: return (int)__wasi_args_get(end, end);
    case 8: return (int)__wasi_environ_get(end, end);
    case 9: return (int)__wasi_fd_prestat_dir_name(3, end, UINT32_MAX);
    case 10: return (int)__wasi_fd_readdir(3, end, UINT32_MAX, 0, &size);
    case 11: return (int)__wasi_fd_fdstat_get(1, end);
    case 12: return load_by_name(end, UINT32_MAX, &number);
    case 13: return load_by_name("sum", 3, end);
    case 14: return init_execution_context(0, end);
    case 15: return set_input(0, 0, &tensor);
    case 16: return set_input(0, 0, end);
    default: return kRefused;
  }
}

static int leave(char** words) { exit(atoi(words[0])); }

static const struct Deed deeds[] = {
    {"loop", loop},
    {"yield", yield},
    {"sleep", sleep_long},
    {"read", read_input},
    {"poll", poll_input},
    {"poll_many", poll_many},
    {"random", random_for_ever},
    {"read_file", read_for_ever},
    {"grow", grow},
    {"hold", hold},
    {"recurse", recurse},
    {"frames", frames},
    {"flood", flood},
    {"flood_parts", flood_parts},
    {"flood_nothing", flood_nothing},
    {"files", files},
    {"folders", folders},
    {"symlinks", symlinks},
    {"links", links},
    {"disk", disk},
    {"rewrite", rewrite},
    {"pwrite", pwrite_apart},
    {"truncate", truncate_up},
    {"allocate", allocate},
    {"append", append},
    {"descriptors", descriptors},
    {"file_as_output", file_as_output},
    {"output_as_file", output_as_file},
    {"error_as_output", error_as_output},
    {"closed_output", closed_output},
    {"reopen", reopen},
    {"graphs", graphs},
    {"contexts", contexts},
    {"handles", handles},
    {"compute", compute_for_ever},
    {"trap", trap},
    {"abort", abort_now},
    {"divide", divide},
    {"outside", outside},
    {"wrong_type", wrong_type},
    {"convert", convert},
    {"pointer", pointer},
    {"exit", leave},
    {NULL, NULL},
};

int main(int count, char** arguments) {
  (void)count;
  return act(deeds, arguments);
}
