// curious.wasm DEED …: says what a guest can see and do; what it should not be able to it tries in every way.
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <wasi/api.h>

#include "deeds.h"
#include "nn.h"

EPHEMERAL(load_by_name)(const char* name, uint32_t size, uint32_t* graph);

enum { kFirstFolder = 3, kRandom = 16 };

extern char** environ;

static int lines(char** words) {
  for (; *words != NULL; ++words) puts(*words);
  return 0;
}
static int env(char** words) { return words == NULL ? 1 : lines(environ); }

static int copy(FILE* from) {
  char part[4096];
  if (from == NULL) return 1;
  for (size_t got; (got = fread(part, 1, sizeof part, from)) > 0;) fwrite(part, 1, got, stdout);
  return ferror(from) != 0;
}
static int input(char** words) { return words == NULL ? 1 : copy(stdin); }
static int cat(char** words) { return copy(fopen(words[0], "r")); }
static int write_file(char** words) {
  FILE* file = fopen(words[0], "w");
  return file == NULL || fputs(words[1], file) < 0 || fclose(file) != 0;
}
static int list(char** words) {
  DIR* folder = opendir(words[0]);
  if (folder == NULL) return 1;
  for (const struct dirent* entry; (entry = readdir(folder)) != NULL;) puts(entry->d_name);
  return 0;
}
/// The folders that are there from the start.
static int folders(char** words) {
  char name[300];
  __wasi_prestat_t found;
  for (__wasi_fd_t at = kFirstFolder; __wasi_fd_prestat_get(at, &found) == 0; ++at) {
    if (__wasi_fd_prestat_dir_name(at, (uint8_t*)name, found.u.dir.pr_name_len) != 0) return 1;
    printf("%.*s\n", (int)found.u.dir.pr_name_len, name);
  }
  return words == NULL;
}

static int model(char** words) {
  uint32_t graph;
  printf("%d\n", (int)load_by_name(words[0], strlen(words[0]), &graph));
  return 0;
}

/// Names what worked.
static void report(const char* way, __wasi_errno_t error) {
  if (error == 0) puts(way);
}

static __wasi_errno_t open_at(const char* path, __wasi_oflags_t flags, __wasi_rights_t rights, __wasi_fd_t* file) {
  return __wasi_path_open(kFirstFolder, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, path, flags, rights, rights, 0, file);
}

static __wasi_errno_t read_at(const char* path) {
  __wasi_fd_t file;
  return open_at(path, 0, __WASI_RIGHTS_FD_READ, &file);
}
static __wasi_errno_t write_at(const char* path) {
  __wasi_fd_t file;
  return open_at(path, __WASI_OFLAGS_CREAT, __WASI_RIGHTS_FD_WRITE, &file);
}
static __wasi_errno_t stat_at(const char* path) {
  __wasi_filestat_t stat;
  return __wasi_path_filestat_get(kFirstFolder, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, path, &stat);
}
static __wasi_errno_t touch_at(const char* path) {
  return __wasi_path_filestat_set_times(kFirstFolder, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, path, 1, 1,
                                        __WASI_FSTFLAGS_MTIM);
}
static const struct {
  const char* name;
  __wasi_errno_t (*go)(const char* path);
} kWays[] = {{"read", read_at}, {"write", write_at}, {"stat", stat_at}, {"touch", touch_at}};

/// WORDS are ways to "secret", which lies beside the folder, and what the links made here lead to. The folder holds
/// "plain", by which a test sees that the ways work at all.
static int escape(char** words) {
  static const char* const links[][2] = {
      {"../secret", "made"}, {"..", "made_up"}, {"/", "made_root"}, {"plain", "made_plain"}};
  for (size_t i = 0; i < sizeof links / sizeof *links; ++i)
    (void)__wasi_path_symlink(links[i][0], kFirstFolder, links[i][1]);
  for (; *words != NULL; ++words) {
    for (size_t i = 0; i < sizeof kWays / sizeof *kWays; ++i) {
      char said[600];
      snprintf(said, sizeof said, "%s %s", kWays[i].name, *words);
      report(said, kWays[i].go(*words));
    }
  }
  __wasi_fd_t file;
  report("create", open_at("../planted", __WASI_OFLAGS_CREAT, __WASI_RIGHTS_FD_WRITE, &file));
  report("make a folder", __wasi_path_create_directory(kFirstFolder, "../planted"));
  report("link to", __wasi_path_symlink("plain", kFirstFolder, "../planted"));
  report("link in", __wasi_path_link(kFirstFolder, 0, "../secret", kFirstFolder, "hard"));
  report("link out", __wasi_path_link(kFirstFolder, 0, "plain", kFirstFolder, "../planted"));
  report("follow in", __wasi_path_link(kFirstFolder, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, "made", kFirstFolder, "hard"));
  report("move in", __wasi_path_rename(kFirstFolder, "../secret", kFirstFolder, "stolen"));
  report("move out", __wasi_path_rename(kFirstFolder, "plain", kFirstFolder, "../planted"));
  report("move through", __wasi_path_rename(kFirstFolder, "plain", kFirstFolder, "made_up/planted"));
  report("remove", __wasi_path_unlink_file(kFirstFolder, "../secret"));
  report("remove through", __wasi_path_unlink_file(kFirstFolder, "made_up/secret"));
  report("remove a folder", __wasi_path_remove_directory(kFirstFolder, "../empty"));
  for (__wasi_fd_t other = kFirstFolder + 1; other < 200; ++other) {
    __wasi_prestat_t found;
    report("another folder", __wasi_fd_prestat_get(other, &found));
  }
  return 0;
}

/// Whatever changes a folder that holds "plain", "other" and an empty "sub".
static int change(char** words) {
  __wasi_fd_t file;
  const __wasi_rights_t write_rights = __WASI_RIGHTS_FD_WRITE;
  report("create", open_at("created", __WASI_OFLAGS_CREAT, write_rights, &file));
  report("create to read", open_at("made", __WASI_OFLAGS_CREAT, __WASI_RIGHTS_FD_READ, &file));
  report("open to write", open_at("plain", 0, write_rights, &file));
  report("open for both", open_at("plain", 0, __WASI_RIGHTS_FD_READ | write_rights, &file));
  report("empty", open_at("plain", __WASI_OFLAGS_TRUNC, write_rights, &file));
  report("make a folder", __wasi_path_create_directory(kFirstFolder, "folder"));
  report("symlink", __wasi_path_symlink("plain", kFirstFolder, "symlink"));
  report("link", __wasi_path_link(kFirstFolder, 0, "plain", kFirstFolder, "link"));
  report("touch", __wasi_path_filestat_set_times(kFirstFolder, 0, "plain", 1, 1, __WASI_FSTFLAGS_MTIM));
  report("rename", __wasi_path_rename(kFirstFolder, "plain", kFirstFolder, "renamed"));
  report("remove", __wasi_path_unlink_file(kFirstFolder, "other"));
  report("remove a folder", __wasi_path_remove_directory(kFirstFolder, "sub"));
  return words == NULL;
}

/// Through a descriptor that is open to read.
static int change_read(char** words) {
  __wasi_fd_t file;
  if (open_at("plain", 0, __WASI_RIGHTS_FD_READ, &file) != 0) return 1;
  const __wasi_ciovec_t part = {(const uint8_t*)"x", 1};
  __wasi_size_t written;
  report("write", __wasi_fd_write(file, &part, 1, &written));
  report("pwrite", __wasi_fd_pwrite(file, &part, 1, 0, &written));
  report("size", __wasi_fd_filestat_set_size(file, 0));
  report("allocate", __wasi_fd_allocate(file, 0, 100));
  return words == NULL;
}

static int network(char** words) {
  char room[16];
  const __wasi_ciovec_t out = {(const uint8_t*)room, sizeof room};
  const __wasi_iovec_t in = {(uint8_t*)room, sizeof room};
  __wasi_size_t size;
  __wasi_roflags_t flags;
  for (__wasi_fd_t at = 0; at < 10; ++at) {
    __wasi_fd_t socket;
    report("accept", __wasi_sock_accept(at, 0, &socket));
    report("receive", __wasi_sock_recv(at, &in, 1, 0, &size, &flags));
    report("send", __wasi_sock_send(at, &out, 1, 0, &size));
    report("shut down", __wasi_sock_shutdown(at, __WASI_SDFLAGS_RD));
  }
  return words == NULL;
}

/// Nanoseconds since 1970, and whether the other clock goes on.
static int clocks(char** words) {
  __wasi_timestamp_t now, before, after;
  if (__wasi_clock_time_get(__WASI_CLOCKID_REALTIME, 1, &now) != 0 ||
      __wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &before) != 0)
    return 1;
  do {
    if (__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &after) != 0) return 1;
  } while (after == before);
  printf("%llu\n", (unsigned long long)now);
  return words == NULL || after < before;
}

static int random_bytes(char** words) {
  unsigned char bytes[kRandom];
  if (__wasi_random_get(bytes, sizeof bytes) != 0) return 1;
  for (size_t i = 0; i < sizeof bytes; ++i) printf("%02x", bytes[i]);
  puts("");
  return words == NULL;
}

static const struct Deed deeds[] = {
    {"args", lines},
    {"env", env},
    {"stdin", input},
    {"cat", cat},
    {"write", write_file},
    {"list", list},
    {"folders", folders},
    {"model", model},
    {"escape", escape},
    {"change", change},
    {"change_read", change_read},
    {"network", network},
    {"clock", clocks},
    {"random", random_bytes},
    {NULL, NULL},
};

int main(int count, char** arguments) {
  if (count == 1) return lines(arguments);  // its own name
  return act(deeds, arguments);
}
