// component_models.wasm DEED …: models by wasi:nn, and its resources made, dropped and hoarded.
//
// An INPUT is four words: name, type by WIT's number, dimensions such as 1x8x8x1, and a file of the data.
#include "nn.h"

enum { kMebi = 1 << 20, kMostInputs = 16, kMostRank = 8, kInputWords = 4 };

static struct List text(const char* words) { return (struct List){(void*)words, strlen(words)}; }

/// The whole of a file; without data where there is none.
static struct List file_of(const char* path) {
  FILE* const file = fopen(path, "rb");
  if (file == NULL) return (struct List){NULL, 0};
  (void)fseek(file, 0, SEEK_END);
  const size_t size = (size_t)ftell(file);
  rewind(file);
  char* const data = malloc(size + 1);
  const size_t read = fread(data, 1, size, file);
  (void)fclose(file);
  return (struct List){data, read};
}

static int say_error(Handle error) {
  static const char* const names[] = {
      "invalid-argument", "invalid-encoding", "timeout",  "runtime-error", "unsupported-operation",
      "too-large",        "not-found",        "security", "unknown"};
  struct List words;
  error_data(error, &words);
  printf("error %s: %.*s\n", names[error_code(error)], (int)words.size, (const char*)words.data);
  free(words.data);
  error_drop(error);
  return 0;
}

/// The tensor of an input's four words.
static Handle tensor_of(char** words) {
  uint32_t dims[kMostRank], rank = 0;
  for (char* at = words[2]; *at != '\0' && rank < kMostRank; at += *at == 'x')
    dims[rank++] = (uint32_t)strtoul(at, &at, 10);
  const struct List data = file_of(words[3]);
  const Handle tensor = tensor_new(dims, rank, (uint32_t)atoi(words[1]), data.data, data.size);
  free(data.data);
  return tensor;
}

static size_t inputs_of(char** words, struct NamedTensor* inputs) {
  size_t count = 0;
  for (; words[0] != NULL && count < kMostInputs; words += kInputWords)
    inputs[count++] = (struct NamedTensor){text(words[0]), tensor_of(words)};
  return count;
}

/// A line an output: name, type, dimensions and bytes. Drops the tensors.
static void say_outputs(const struct List* outputs) {
  struct NamedTensor* const all = outputs->data;
  for (size_t i = 0; i < outputs->size; ++i) {
    struct List dims, data;
    tensor_dimensions(all[i].tensor, &dims);
    tensor_data(all[i].tensor, &data);
    printf("%.*s %u ", (int)all[i].name.size, (const char*)all[i].name.data, tensor_type(all[i].tensor));
    for (size_t d = 0; d < dims.size; ++d) printf("%s%u", d == 0 ? "" : "x", ((uint32_t*)dims.data)[d]);
    printf(" ");
    for (size_t b = 0; b < data.size; ++b) printf("%02x", ((uint8_t*)data.data)[b]);
    printf("\n");
    tensor_drop(all[i].tensor);
    free(dims.data);
    free(data.data);
    free(all[i].name.data);
  }
  free(all);
}

/// Computes and says what came of it; whether it worked.
static bool compute(Handle context, char** words) {
  struct NamedTensor inputs[kMostInputs];
  struct Result done;
  context_compute(context, inputs, inputs_of(words, inputs), &done);
  if (done.failed)
    say_error(done.of.value);
  else
    say_outputs(&done.of.list);
  return !done.failed;
}

static int run_graph(const struct Result* graph, char** words) {
  struct Result context;
  if (graph->failed) return say_error(graph->of.value);
  graph_init(graph->of.value, &context);
  if (context.failed) {
    say_error(context.of.value);
  } else {
    compute(context.of.value, words);
    context_drop(context.of.value);
  }
  graph_drop(graph->of.value);
  return 0;
}

static struct Result by_name(const char* name) {
  struct Result graph;
  graph_load_by_name(name, strlen(name), &graph);
  return graph;
}

/// MODEL INPUT…
static int run(char** words) {
  const struct Result graph = by_name(words[0]);
  return run_graph(&graph, words + 1);
}

/// FILE ENCODING TARGET PARTS INPUT…: of the file so many parts, each the whole of it.
static int load(char** words) {
  const struct List model = file_of(words[0]);
  const size_t count = (size_t)atoi(words[3]);
  struct List* const parts = calloc(count + 1, sizeof *parts);
  for (size_t i = 0; i < count; ++i) parts[i] = model;
  struct Result graph;
  graph_load(parts, count, (uint32_t)atoi(words[1]), (uint32_t)atoi(words[2]), &graph);
  free(parts);
  free(model.data);
  return run_graph(&graph, words + 4);
}

/// What tensors are made of, they tell.
static int round_trip(char** words) {
  (void)words;
  for (uint32_t type = 0; type < kTypes; ++type)
    for (uint32_t rank = 0; rank <= 3; ++rank) {
      const uint32_t made[] = {type, UINT32_MAX, 7};
      uint8_t bytes[256];
      for (size_t i = 0; i < sizeof bytes; ++i) bytes[i] = (uint8_t)i;
      const size_t size = rank * 85;
      const Handle tensor = tensor_new(made, rank, type, bytes, size);
      struct List dims, data;
      tensor_dimensions(tensor, &dims);
      tensor_data(tensor, &data);
      if (tensor_type(tensor) != type || dims.size != rank || data.size != size ||
          memcmp(data.data, bytes, size) != 0 || memcmp(dims.data, made, rank * sizeof *made) != 0)
        return 1;
      free(dims.data);
      free(data.data);
      tensor_drop(tensor);
    }
  return 0;
}

/// MODEL INPUT…: again and again in two contexts, then without inputs, and after the graph is gone.
static int lives(char** words) {
  const struct Result graph = by_name(words[0]);
  struct Result first, second;
  graph_init(graph.of.value, &first);
  graph_init(graph.of.value, &second);
  if (graph.failed || first.failed || second.failed) return 1;
  char* none[] = {NULL};
  compute(second.of.value, none);
  compute(first.of.value, words + 1);
  compute(second.of.value, words + 1);
  compute(first.of.value, none);
  graph_drop(graph.of.value);
  compute(first.of.value, words + 1);
  compute(first.of.value, none);
  context_drop(first.of.value);
  context_drop(second.of.value);
  return run(words);
}

/// MODEL INPUT…: a tensor that was given away is not there any more, whatever came of it.
static int moved(char** words) {
  const struct Result graph = by_name(words[0]);
  struct Result context, done;
  graph_init(graph.of.value, &context);
  struct NamedTensor inputs[kMostInputs];
  context_compute(context.of.value, inputs, inputs_of(words + 1, inputs), &done);
  return (int)tensor_type(inputs[0].tensor);
}

/// COUNT MODEL INPUT…: all there is, made and dropped again.
static int churn(char** words) {
  static char zeros[1 << 16];
  const uint32_t dims[] = {sizeof zeros};
  const struct List data = file_of(words[5]);
  for (int i = 0; i < atoi(words[0]); ++i) {
    tensor_drop(tensor_new(dims, 1, kU8, zeros, sizeof zeros));
    const struct Result missing = by_name("none"), graph = by_name(words[1]);
    struct Result context, done;
    graph_init(graph.of.value, &context);
    if (!missing.failed || graph.failed || context.failed) return 1;
    error_drop(missing.of.value);
    const struct NamedTensor stranger = {text("stranger"), tensor_new(dims, 1, kU8, zeros, sizeof zeros)};
    context_compute(context.of.value, &stranger, 1, &done);
    if (!done.failed) return 1;
    error_drop(done.of.value);
    struct NamedTensor input = {text(words[2]), tensor_of(words + 2)};
    context_compute(context.of.value, &input, 1, &done);
    if (done.failed) return 1;
    struct NamedTensor* const outputs = done.of.list.data;
    for (size_t o = 0; o < done.of.list.size; ++o) {
      tensor_drop(outputs[o].tensor);
      free(outputs[o].name.data);
    }
    free(outputs);
    if (i % 2 == 0) graph_drop(graph.of.value);  // before its context, and after
    context_drop(context.of.value);
    if (i % 2 != 0) graph_drop(graph.of.value);
  }
  free(data.data);
  return 0;
}

/// COUNT MODEL: tensors of a mebibyte, or of as much in dimensions, errors, graphs and contexts that nobody drops.
static int keep_tensors(char** words) {
  const uint32_t dims[] = {kMebi};
  void* const data = calloc(1, kMebi);
  for (int i = 0; i < atoi(words[0]); ++i) tensor_new(dims, 1, kU8, data, kMebi);
  return 0;
}
static int keep_dimensions(char** words) {
  const uint32_t* const dims = calloc(1, kMebi);
  for (int i = 0; i < atoi(words[0]); ++i) tensor_new(dims, kMebi / sizeof *dims, kU8, NULL, 0);
  return 0;
}
static int keep_small_tensors(char** words) {
  for (int i = 0; i < atoi(words[0]); ++i) tensor_new(NULL, 0, kU8, NULL, 0);
  return 0;
}
static int keep_errors(char** words) {
  for (int i = 0; i < atoi(words[0]); ++i) by_name("none");
  return 0;
}
/// COUNT MODEL: each with as many words as the model's names.
static int keep_long_errors(char** words) {
  const struct Result graph = by_name(words[1]);
  struct Result context, done;
  graph_init(graph.of.value, &context);
  for (int i = 0; i < atoi(words[0]); ++i) {
    const struct NamedTensor stranger = {text("stranger"), tensor_new(NULL, 0, kU8, NULL, 0)};
    context_compute(context.of.value, &stranger, 1, &done);
  }
  return 0;
}
static int keep_graphs(char** words) {
  for (int i = 0; i < atoi(words[0]); ++i) by_name(words[1]);
  return 0;
}
static int keep_contexts(char** words) {
  const struct Result graph = by_name(words[1]);
  struct Result context;
  for (int i = 0; i < atoi(words[0]); ++i) graph_init(graph.of.value, &context);
  return 0;
}

/// COUNT: one call with the same mebibyte in so many parts.
static int overlap(char** words) {
  const size_t count = (size_t)atoi(words[0]);
  struct List* const parts = calloc(count, sizeof *parts);
  char* const data = calloc(1, kMebi);
  for (size_t i = 0; i < count; ++i) parts[i] = (struct List){data, kMebi};
  struct Result graph;
  graph_load(parts, count, kAutodetect, 0, &graph);
  return say_error(graph.of.value);
}

/// MODEL INPUT…: whatever the host says of it.
static int compute_for_ever(char** words) {
  const struct Result graph = by_name(words[0]);
  struct Result context, done;
  graph_init(graph.of.value, &context);
  for (;;) {
    struct NamedTensor inputs[kMostInputs];
    context_compute(context.of.value, inputs, inputs_of(words + 1, inputs), &done);
  }
}

/// N: a handle that is not there, or is another resource's.
static int stranger(char** words) {
  const Handle tensor = tensor_new(NULL, 0, kU8, NULL, 0);
  struct Result result;
  switch (atoi(words[0])) {
    case 0: return (int)tensor_type(tensor + 1000);
    case 1: graph_init(tensor, &result); return 0;
    case 2: tensor_drop(tensor); return (int)tensor_type(tensor);
    case 3:
      tensor_drop(tensor);
      tensor_drop(tensor);
      return 0;
    case 4: return (int)tensor_type(tensor_new(NULL, 0, kTypes, NULL, 0));
    case 5: return (int)tensor_type(tensor_new(NULL, 0, kU8, (void*)0xFFFFFFF0, 256));
    case 6: return (int)tensor_type(tensor_new((void*)0xFFFFFFF0, UINT32_MAX, kU8, NULL, 0));
    case 7: graph_load_by_name((void*)0xFFFFFFF0, 256, &result); return 0;
    case 8: graph_load_by_name("\xff\xfe", 2, &result); return 0;
    case 9: graph_load(NULL, 0, 99, 0, &result); return 0;
    default: return 0;
  }
}

/// CODE, which WASI can say since 0.2.12.
IMPORT("wasi:cli/exit@0.2.0", "exit-with-code") void exit_with_code(uint32_t code);
static int leave(char** words) {
  exit_with_code((uint32_t)atoi(words[0]));
  return 0;
}

static const struct Deed deeds[] = {
    {"run", run},
    {"load", load},
    {"round_trip", round_trip},
    {"lives", lives},
    {"moved", moved},
    {"churn", churn},
    {"tensors", keep_tensors},
    {"dimensions", keep_dimensions},
    {"small_tensors", keep_small_tensors},
    {"errors", keep_errors},
    {"long_errors", keep_long_errors},
    {"graphs", keep_graphs},
    {"contexts", keep_contexts},
    {"overlap", overlap},
    {"compute", compute_for_ever},
    {"stranger", stranger},
    {"exit", leave},
    {NULL, NULL},
};

int main(int count, char** arguments) {
  (void)count;
  act_and_exit(deeds, arguments);
}
