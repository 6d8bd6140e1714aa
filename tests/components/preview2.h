// Of WASI 0.2 what the C library has no way to, by its canonical names. In a component the version is the adapter's.
#pragma once

#include "abi.h"

#define WASI(interface, function) IMPORT("wasi:" interface "@0.2.0", function)

enum { kCreate = 1, kRead = 1, kWrite = 2 };

struct Preopen {
  Handle folder;
  struct List name;
};

WASI("filesystem/preopens", "get-directories") void get_directories(struct List* preopens);
WASI("filesystem/types", "[method]descriptor.open-at")
void open_at(Handle folder, uint32_t follow, const char* path, size_t size, uint32_t open, uint32_t flags,
             struct Result* file);
WASI("filesystem/types", "[method]descriptor.read-via-stream")
void read_via_stream(Handle file, uint64_t at, struct Result* stream);
WASI("filesystem/types", "[method]descriptor.write-via-stream")
void write_via_stream(Handle file, uint64_t at, struct Result* stream);
WASI("filesystem/types", "[method]descriptor.append-via-stream")
void append_via_stream(Handle file, struct Result* stream);
WASI("filesystem/types", "[method]descriptor.read-directory")
void read_directory(Handle folder, struct Result* entries);
WASI("filesystem/types", "[resource-drop]descriptor") void descriptor_drop(Handle file);
WASI("filesystem/types", "[resource-drop]directory-entry-stream") void entries_drop(Handle entries);

WASI("io/streams", "[method]input-stream.read") void stream_read(Handle stream, uint64_t size, struct Result* bytes);
WASI("io/streams", "[method]input-stream.subscribe") Handle stream_subscribe(Handle stream);
WASI("io/streams", "[resource-drop]input-stream") void input_drop(Handle stream);
WASI("io/streams", "[method]output-stream.write")
void stream_write(Handle stream, const void* data, size_t size, struct Result* done);
WASI("io/streams", "[method]output-stream.write-zeroes")
void stream_write_zeroes(Handle stream, uint64_t size, struct Result* done);
WASI("io/streams", "[method]output-stream.blocking-splice")
void stream_splice(Handle to, Handle from, uint64_t size, struct WideResult* moved);
WASI("io/streams", "[resource-drop]output-stream") void output_drop(Handle stream);

WASI("random/random", "get-random-bytes") void get_random_bytes(uint64_t size, struct List* bytes);
WASI("sockets/tcp-create-socket", "create-tcp-socket") void create_tcp_socket(uint32_t family, struct Result* socket);
WASI("sockets/udp-create-socket", "create-udp-socket") void create_udp_socket(uint32_t family, struct Result* socket);
