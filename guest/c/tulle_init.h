// A program whose beginning is done once, when the host installs it.
//
//   static void prepare(void) { … }     reads tables, packs weights, runs once to be warm
//   TULLE_INIT(prepare)                 in one source file of the program, which has main as ever
//
// Link with -nostartfiles: the macro has a _start of its own. A host that takes snapshots runs constructors and prepare
// once and keeps the memory. Every instance begins with that memory, in main. Other hosts do all of it at each start.
//
// While prepare runs there are a clock and random bytes, but no arguments, variables, input, folders or models of the
// host; wasi-nn's handles would not live on, and its functions trap. main finds all of them as they are for its own
// instance. What prepare took from the clock or from random bytes is the same in all instances, unless it is made anew:
//
//   TULLE_RESEED(seed)                  seed runs in every new instance, before main
#ifndef TULLE_TULLE_INIT_H
#define TULLE_TULLE_INIT_H

#include <stdlib.h>
#include <wasi/api.h>
#include <wasi/libc-environ.h>
#include <wasi/libc.h>

#ifdef __cplusplus
#define TULLE_GUEST_EXPORT(name) extern "C" __attribute__((export_name(#name))) void name(void)
extern "C" {
#else
#define TULLE_GUEST_EXPORT(name) __attribute__((export_name(#name))) void name(void)
#endif

/// The C library's, as its own start files use them. A program that calls constructors by itself gets no code around
/// its exports that would call them again.
void __wasm_call_ctors(void);
void __wasm_call_dtors(void);
int __main_void(void);

/// There only where the program uses folders or variables; the first not in all versions.
__attribute__((weak)) void __wasilibc_reset_preopens(void);
__attribute__((weak)) int __wasilibc_register_preopened_fd(int fd, const char* prefix);
__attribute__((weak)) void __wasilibc_deinitialize_environ(void);
__attribute__((weak)) void __wasilibc_maybe_reinitialize_environ_eagerly(void);

/// The folders of this instance, for a C library that lists them in a constructor.
static inline void tulle_guest_find_folders(void) {
  __wasi_prestat_t found;
  for (__wasi_fd_t fd = 3; __wasi_fd_prestat_get(fd, &found) == __WASI_ERRNO_SUCCESS; ++fd) {
    const __wasi_size_t length = found.u.dir.pr_name_len;
    char* name = (char*)malloc(length + 1);
    if (name == NULL || __wasi_fd_prestat_dir_name(fd, (uint8_t*)name, length) != __WASI_ERRNO_SUCCESS) abort();
    name[length] = '\0';
    if (__wasilibc_register_preopened_fd(fd, name) != 0) abort();
    free(name);
  }
}

/// Lets the C library forget what it learnt about the host while the snapshot was made.
static inline void tulle_guest_forget_host(void) {
  if (__wasilibc_reset_preopens)
    __wasilibc_reset_preopens();
  else if (__wasilibc_register_preopened_fd)
    tulle_guest_find_folders();
  if (__wasilibc_deinitialize_environ) {
    __wasilibc_deinitialize_environ();
    __wasilibc_maybe_reinitialize_environ_eagerly();
  }
}

static inline void tulle_guest_run_main(void) {
  const int code = __main_void();
  if (code != 0) exit(code);
  __wasm_call_dtors();
}

#define TULLE_INIT(function)       \
  TULLE_GUEST_EXPORT(tulle_init);  \
  TULLE_GUEST_EXPORT(tulle_start); \
  TULLE_GUEST_EXPORT(_start);      \
  void tulle_init(void) {          \
    __wasm_call_ctors();           \
    function();                    \
  }                                \
  void tulle_start(void) {         \
    tulle_guest_forget_host();     \
    tulle_guest_run_main();        \
  }                                \
  void _start(void) {              \
    tulle_init();                  \
    tulle_guest_run_main();        \
  }

#define TULLE_RESEED(function)      \
  TULLE_GUEST_EXPORT(tulle_reseed); \
  void tulle_reseed(void) { function(); }

#ifdef __cplusplus
}
#endif

#endif
