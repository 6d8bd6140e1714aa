// How the component model's values lie in memory: what imports take and leave there.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "../guests/deeds.h"

#define IMPORT(interface, function) __attribute__((import_module(interface), import_name(function)))

typedef uint32_t Handle;

struct List {
  void* data;
  size_t size;
};

/// A result of a handle, a number or a list, and of an error that is a handle or a number.
struct Result {
  bool failed;
  union {
    uint32_t value;
    struct List list;
    uint8_t code;
  } of;
};

struct WideResult {
  bool failed;
  union {
    uint64_t value;
    uint32_t code;
  } of;
};

/// Calls constructors. That it is named keeps the linker from having each export call them, among which is the one
/// below, which may call nothing of the host's.
extern void __wasm_call_ctors(void);

/// Memory for what the host gives.
__attribute__((export_name("cabi_realloc"))) void* cabi_realloc(void* old, size_t old_size, size_t align, size_t size) {
  (void)old_size;
  (void)align;
  void* const data = realloc(old, size);
  if (data == NULL && size != 0) abort();
  return data;
}

static void act_and_exit(const struct Deed* deeds, char** arguments) {
  __wasm_call_ctors();
  exit(act(deeds, arguments));
}
