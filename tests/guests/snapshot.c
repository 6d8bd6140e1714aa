// snapshot*.wasm: prints as JSON what its initialiser saw and left, and what is new in this instance.
// INIT is the initialiser's name; RESEED has the host call for new seeds.
#include <stdint.h>
#include <stdio.h>
#include <wasi/api.h>

#ifndef INIT
#define INIT "tulle_init"
#endif

enum { kTable = 50000 };

static int inits, reseeds;
static uint64_t seen;       ///< random bytes of the initialiser
static uint64_t state = 1;  ///< of the guest's own generator
static uint32_t table[kTable];
static __wasi_size_t words, variables, folder_error = -1;

static uint64_t fresh(void) {
  uint64_t value = 0;
  (void)__wasi_random_get((uint8_t*)&value, sizeof value);
  return value;
}

static uint64_t next(void) { return state = state * 6364136223846793005ULL + 1442695040888963407ULL; }

__attribute__((export_name(INIT))) void initialise(void) {
  __wasi_size_t size;
  __wasi_prestat_t folder;
  ++inits;
  state = seen = fresh();
  for (uint32_t i = 0; i < kTable; ++i) table[i] = i * i;
  // What one run was granted is nothing that all later ones should know.
  (void)__wasi_args_sizes_get(&words, &size);
  (void)__wasi_environ_sizes_get(&variables, &size);
  folder_error = __wasi_fd_prestat_get(3, &folder);
}

#ifdef RESEED
__attribute__((export_name("tulle_reseed"))) void reseed(void) {
  ++reseeds;
  state ^= fresh();
}
#endif

int main(void) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < kTable; ++i) sum += table[i];
  printf(
      "{\"inits\": %d, \"reseeds\": %d, \"sum\": %u, \"seen\": \"%016llx\", \"fresh\": \"%016llx\", \"next\": "
      "\"%016llx\", ",
      inits, reseeds, (unsigned)sum, (unsigned long long)seen, (unsigned long long)fresh(), (unsigned long long)next());
  printf("\"words\": %u, \"variables\": %u, \"folder\": %s}\n", (unsigned)words, (unsigned)variables,
         folder_error == 0 ? "true" : "false");
  inits += 100;  // of this instance alone
  return 0;
}
