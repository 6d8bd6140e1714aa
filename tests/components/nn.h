// wasi:nn by its canonical names.
#pragma once

#include "abi.h"

#define NN(interface, function) IMPORT("wasi:nn/" interface "@0.2.0-rc-2024-10-28", function)

enum { kFp16, kFp32, kFp64, kBf16, kU8, kI32, kI64, kTypes };
enum { kTensorFlow = 2, kTensorFlowLite = 4, kGgml = 5, kAutodetect = 6 };

struct NamedTensor {
  struct List name;
  Handle tensor;
};

NN("tensor", "[constructor]tensor")
Handle tensor_new(const uint32_t* dims, size_t rank, uint32_t type, const void* data, size_t size);
NN("tensor", "[method]tensor.dimensions") void tensor_dimensions(Handle tensor, struct List* dims);
NN("tensor", "[method]tensor.ty") uint32_t tensor_type(Handle tensor);
NN("tensor", "[method]tensor.data") void tensor_data(Handle tensor, struct List* data);
NN("tensor", "[resource-drop]tensor") void tensor_drop(Handle tensor);

NN("errors", "[method]error.code") uint32_t error_code(Handle error);
NN("errors", "[method]error.data") void error_data(Handle error, struct List* words);
NN("errors", "[resource-drop]error") void error_drop(Handle error);

NN("graph", "load")
void graph_load(const struct List* parts, size_t count, uint32_t encoding, uint32_t target, struct Result* graph);
NN("graph", "load-by-name") void graph_load_by_name(const char* name, size_t size, struct Result* graph);
NN("graph", "[method]graph.init-execution-context") void graph_init(Handle graph, struct Result* context);
NN("graph", "[resource-drop]graph") void graph_drop(Handle graph);

NN("inference", "[method]graph-execution-context.compute")
void context_compute(Handle context, const struct NamedTensor* inputs, size_t count, struct Result* outputs);
NN("inference", "[resource-drop]graph-execution-context") void context_drop(Handle context);
