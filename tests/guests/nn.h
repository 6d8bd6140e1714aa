// What guests of the tests import of wasi-nn, declared here so that a mistake in the guests' own header is seen.
#pragma once

#include <stdint.h>

#define NN_IMPORT(module, function) __attribute__((import_module(#module), import_name(#function)))
#define EPHEMERAL(function) NN_IMPORT(wasi_ephemeral_nn, function) int32_t function

struct NnTensor {
  const uint32_t* dims;
  uint32_t rank;
  uint32_t type;  // one byte, and three that mean nothing
  const void* data;
  uint32_t size;
};

enum { kNnFloat32 = 1, kNnUint8 = 3 };
