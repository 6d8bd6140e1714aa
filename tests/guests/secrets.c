// secrets.wasm leave|look: writes a secret over all the memory it can reach and ends; or looks for one in memory that
// should be fresh. Prints how many bytes it went over.
#include <stddef.h>
#include <stdint.h>

#include "deeds.h"

enum { kPage = 65536, kGrown = 64, kFound = 10 };

static volatile uint64_t globals[1000];
extern char __heap_base;

/// Only ever an immediate of the code, never a value in memory unless left there.
static uint64_t secret(void) { return 0x5EC2E7D0C0DEF00DULL; }

static volatile uint64_t* at_page(size_t page) { return (volatile uint64_t*)(page * kPage); }

static int leave(char** words) {
  const size_t old = __builtin_wasm_memory_size(0);
  if (__builtin_wasm_memory_grow(0, kGrown) != old) return 1;
  for (size_t i = 0; i < sizeof globals / sizeof *globals; ++i) globals[i] = secret();
  // From where neither the stack nor the library's data lie to the last byte.
  const size_t first = ((size_t)&__heap_base + 7) / 8 * 8;
  for (size_t at = first; at < (old + kGrown) * kPage; at += 8) *(volatile uint64_t*)at = secret();
  volatile uint64_t frames[2000];
  for (size_t i = 0; i < 2000; ++i) frames[i] = secret();
  // Printing would need memory that is a secret now.
  return words == NULL || frames[1999] != secret();
}

static int look(char** words) {
  const size_t old = __builtin_wasm_memory_size(0);
  if (__builtin_wasm_memory_grow(0, kGrown) != old) return 1;
  for (size_t at = 0; at < (old + kGrown) * kPage; at += 8)
    if (*(volatile uint64_t*)at == secret()) return kFound;
  for (const volatile uint64_t* at = at_page(old); at < at_page(old + kGrown); ++at)
    if (*at != 0) return kFound + 1;
  printf("%zu\n", (old + kGrown) * kPage);
  return words == NULL;
}

/// What `look` says where there is something to find.
static int prove(char** words) {
  globals[500] = secret();
  return look(words);
}

static const struct Deed deeds[] = {{"leave", leave}, {"look", look}, {"prove", prove}, {NULL, NULL}};

int main(int count, char** arguments) {
  (void)count;
  return act(deeds, arguments);
}
