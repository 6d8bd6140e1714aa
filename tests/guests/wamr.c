// wamr*.wasm: runs small nets by name and checks their numbers: of 0 to 24 on 5x5 the sum, the largest and the mean,
// the mean of codes, what goes through unchanged, and two outputs. With LEGACY over wasi_nn as WAMR had it first,
// otherwise over wasi_ephemeral_nn.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn.h"

enum { kMost = 25 };

#ifdef LEGACY
/// This interface has floats alone, knows their number by the shape, and counts in them.
struct Dims {
  const uint32_t* dims;
  uint32_t rank;
};
struct Tensor {
  const struct Dims* dims;
  uint32_t type;
  const void* data;
};
#define DOOR(function) NN_IMPORT(wasi_nn, function) int32_t function
DOOR(get_output)(uint32_t context, uint32_t index, void* data, uint32_t* size);
DOOR(set_input)(uint32_t context, uint32_t index, const struct Tensor* tensor);
#else
#define DOOR EPHEMERAL
DOOR(get_output)(uint32_t context, uint32_t index, void* data, uint32_t most, uint32_t* size);
DOOR(set_input)(uint32_t context, uint32_t index, const struct NnTensor* tensor);
#endif
DOOR(load_by_name)(const char* name, uint32_t size, uint32_t* graph);
DOOR(init_execution_context)(uint32_t graph, uint32_t* context);
DOOR(compute)(uint32_t context);

/// What a model makes of 0, 1, 2, …: output i of `outputs` has `count` values, first[i] + step[i] * k.
struct Net {
  const char* name;
  uint32_t height, width;
  float scale;  ///< of codes, 0 where there are none
  int outputs;
  uint32_t count;
  float first[2], step[2], tolerance;
};
static const struct Net kNets[] = {
    {"sum", 5, 5, 0, 1, 1, {300}, {0}, 1e-4F},          {"max", 5, 5, 0, 1, 1, {24}, {0}, 1e-4F},
    {"average", 5, 5, 0, 1, 1, {12}, {0}, 1e-4F},       {"quantized", 5, 5, 0.0941176489F, 1, 1, {11.95F}, {0}, 0.01F},
    {"mult_dimension", 3, 3, 0, 1, 9, {0}, {1}, 1e-6F}, {"mult_outputs", 4, 4, 0, 2, 4, {24, 6}, {4, 1}, 1e-4F},
};

static int32_t give(uint32_t context, const struct Net* net, const float* values) {
  const uint32_t dims[] = {1, net->height, net->width, 1}, count = net->height * net->width;
#ifdef LEGACY
  const struct Dims list = {dims, 4};
  (void)count;
  return set_input(context, 0, &(struct Tensor){&list, 0xABCDEF00U | kNnFloat32, values});
#else
  uint8_t codes[kMost];
  for (uint32_t i = 0; net->scale > 0 && i < count; ++i) codes[i] = (uint8_t)(values[i] / net->scale);
  const struct NnTensor floats = {dims, 4, 0xABCDEF00U | kNnFloat32, values, count * sizeof(float)};
  const struct NnTensor bytes = {dims, 4, 0xABCDEF00U | kNnUint8, codes, count};
  return set_input(context, 0, net->scale > 0 ? &bytes : &floats);
#endif
}

static int32_t take(uint32_t context, const struct Net* net, uint32_t index, float* values, uint32_t* count) {
  *count = kMost;
#ifdef LEGACY
  (void)net;
  return get_output(context, index, values, count);
#else
  uint8_t codes[kMost];
  if (net->scale == 0) {
    const int32_t error = get_output(context, index, values, kMost * sizeof(float), count);
    *count /= sizeof(float);
    return error;
  }
  const int32_t error = get_output(context, index, codes, kMost, count);
  for (uint32_t i = 0; error == 0 && i < *count; ++i) values[i] = (float)codes[i] * net->scale;
  return error;
#endif
}

/// 0, or what went wrong.
static int check(const struct Net* net) {
  uint32_t graph, context, count;
  float values[kMost];
  for (int i = 0; i < kMost; ++i) values[i] = (float)i;
  if (load_by_name(net->name, strlen(net->name), &graph) != 0) return 1;
  if (init_execution_context(graph, &context) != 0) return 2;
  if (give(context, net, values) != 0) return 3;
  if (compute(context) != 0) return 4;
  for (int i = 0; i < net->outputs; ++i) {
    if (take(context, net, (uint32_t)i, values, &count) != 0) return 5;
    if (count != net->count) return 6;
    for (uint32_t k = 0; k < count; ++k)
      if (!(fabsf(values[k] - (net->first[i] + net->step[i] * (float)k)) <= net->tolerance)) return 7;
  }
  return 0;
}

int main(void) {
  int wrong = 0;
  for (size_t i = 0; i < sizeof kNets / sizeof *kNets; ++i) {
    const int error = check(&kNets[i]);
    printf("%s %d\n", kNets[i].name, error);
    wrong += error != 0;
  }
  return wrong;
}
