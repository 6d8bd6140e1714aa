// loop_nn.wasm TYPE DIMS OUTPUT_BYTES RUNS: computes the host's model "model" again and again, on zeros, and prints how
// many nanoseconds each time took from the input to the output. TYPE is a wasi_nn_type, DIMS as in 1,224,224,3.
#include <stdio.h>
#include <time.h>

#include "c/wasi_nn.h"

#define MOST_DIMS 8

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static uint32_t element_bytes(int type) { return type == WASI_NN_F32 || type == WASI_NN_I32 ? 4 : 1; }

int main(int count, char** arguments) {
  if (count != 5) return 2;
  const int type = atoi(arguments[1]), runs = atoi(arguments[4]);
  uint32_t dims[MOST_DIMS], rank = 0, written, bytes = element_bytes(type);
  for (char* at = arguments[2]; rank < MOST_DIMS && *at != '\0'; at += *at == ',')
    bytes *= dims[rank++] = (uint32_t)strtoul(at, &at, 10);
  const uint32_t output_bytes = (uint32_t)strtoul(arguments[3], NULL, 10);
  void *input = calloc(bytes, 1), *output = malloc(output_bytes);
  wasi_nn_graph graph;
  wasi_nn_context context;
  wasi_nn_error error = wasi_nn_open("model", &graph, &context);
  const wasi_nn_tensor tensor = wasi_nn_tensor_of((wasi_nn_type)type, dims, rank, input);
  for (int i = 0; i < runs && error == WASI_NN_SUCCESS; ++i) {
    const long long begin = now();
    error = wasi_nn_set_input(context, 0, &tensor);
    if (error == WASI_NN_SUCCESS) error = wasi_nn_compute(context);
    if (error == WASI_NN_SUCCESS) error = wasi_nn_get_output(context, 0, output, output_bytes, &written);
    printf("%lld\n", now() - begin);
  }
  char why[1000];
  if (error != WASI_NN_SUCCESS) fprintf(stderr, "%s\n", wasi_nn_why(error, why, sizeof why));
  return (int)error;
}
