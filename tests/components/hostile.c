// component_hostile.wasm DEED …: tries to outlive, outgrow or break its host in one way.
#include "../guests/deeds_files.h"
#include "preview2.h"

extern char** environ;

// Time and memory.
static volatile int changing;
static int loop(char** words) {
  for (;;) changing += words != NULL;
}
static int sleep_long(char** words) {
  (void)words;
  sleep(3600);
  return kRefused;
}
static int read_input(char** words) {
  (void)words;
  return read(0, page, sizeof page) == 0 ? 0 : kRefused;
}
static int grow(char** words) {
  for (;;)
    if (__builtin_wasm_memory_grow(0, words == NULL ? 1 : 16) == SIZE_MAX) return kRefused;
}
static volatile int never = -1;
__attribute__((noinline)) static int deeper(int depth) { return depth == never ? 0 : deeper(depth + 1) + never; }
static int recurse(char** words) { return deeper(words == NULL); }
/// SIZE: one call.
static int random_bytes(char** words) {
  struct List bytes;
  get_random_bytes(strtoull(words[0], NULL, 0), &bytes);
  return 0;
}

// Output.
static int flood(char** words) { return write_for_ever(atoi(words[0])); }

// Files by the C library. FOLDER COUNT
/// What there is already is made again, which makes nothing.
static int same_again(char** words) {
  (void)mkdir(in_folder(words[0], 0), 0700);
  for (int i = 0; i < atoi(words[1]); ++i)
    if (mkdir(in_folder(words[0], 0), 0700) == 0 || symlink("nowhere", in_folder(words[0], 0)) == 0) return kRefused;
  return 0;
}
static int reopen(char** words) {
  for (int i = 0; i < atoi(words[1]); ++i) {
    const int file = create(words[0], 0);
    if (file < 0 || write(file, page, 1) != 1 || lseek(file, 0, SEEK_SET) != 0 || read(file, page, 1) != 1 ||
        close(file) != 0)
      return kRefused;
  }
  return 0;
}

// Files by the interfaces themselves, in the first folder that is granted.
static Handle first_folder(void) {
  struct List preopens;
  get_directories(&preopens);
  return preopens.size == 0 ? 0 : ((struct Preopen*)preopens.data)[0].folder;
}
static Handle file_in(Handle folder, const char* name, uint32_t open, uint32_t flags) {
  struct Result file;
  open_at(folder, 0, name, strlen(name), open, flags, &file);
  if (file.failed) exit(kRefused);
  return file.of.value;
}
/// COUNT: folders that were granted are asked for and given back, which makes no room for files.
static int preopens(char** words) {
  for (int i = 0; i < atoi(words[0]); ++i) descriptor_drop(first_folder());
  const Handle folder = first_folder();
  for (int i = 0; i < atoi(words[0]); ++i) file_in(folder, "made", kCreate, kWrite);
  return 0;
}
/// COUNT WAY: files that only streams keep open.
static int streams(char** words) {
  const Handle folder = first_folder();
  for (int i = 0; i < atoi(words[0]); ++i) {
    const Handle file = file_in(folder, "made", kCreate, kRead | kWrite);
    struct Result stream;
    switch (words[1][0]) {
      case 'r': read_via_stream(file, 0, &stream); break;
      case 'w': write_via_stream(file, 0, &stream); break;
      default: append_via_stream(file, &stream);
    }
    if (stream.failed) return kRefused;
    descriptor_drop(file);
  }
  return 0;
}
/// COUNT: as many readers of one file, each with what it has read.
static int readers(char** words) {
  const Handle file = file_in(first_folder(), "big", 0, kRead);
  for (int i = 0; i < atoi(words[0]); ++i) {
    struct Result stream, bytes;
    read_via_stream(file, 0, &stream);
    if (stream.failed) return kRefused;
    stream_read(stream.of.value, kPage, &bytes);
  }
  return 0;
}
static int listings(char** words) {
  const Handle folder = first_folder();
  for (int i = 0; i < atoi(words[0]); ++i) {
    struct Result entries;
    read_directory(folder, &entries);
    if (entries.failed) return kRefused;
  }
  return 0;
}
/// COUNT: what was dropped leaves room.
static int opened_and_dropped(char** words) {
  const Handle folder = first_folder();
  for (int i = 0; i < atoi(words[0]); ++i) {
    struct Result in, out, entries;
    const Handle file = file_in(folder, "made", kCreate, kRead | kWrite);
    read_via_stream(file, 0, &in);
    write_via_stream(file, 0, &out);
    read_directory(folder, &entries);
    if (in.failed || out.failed || entries.failed) return kRefused;
    input_drop(in.of.value);
    descriptor_drop(file);
    output_drop(out.of.value);
    entries_drop(entries.of.value);
  }
  return 0;
}
/// WAY: more than the disk may have, in one call.
static int at_once(char** words) {
  struct Result stream, done;
  write_via_stream(file_in(first_folder(), "made", kCreate, kWrite), 0, &stream);
  if (words[0][0] == 'z')
    stream_write_zeroes(stream.of.value, 1ULL << 40, &done);
  else
    stream_write(stream.of.value, calloc(1, 64 * kPage), 64 * kPage, &done);
  return 0;
}
/// Of one file into another, for ever.
static int splice(char** words) {
  (void)words;
  const Handle folder = first_folder();
  struct Result in, out;
  struct WideResult moved = {false, {0}};
  append_via_stream(file_in(folder, "made", kCreate, kWrite), &out);
  while (!moved.failed) {
    const Handle big = file_in(folder, "big", 0, kRead);
    read_via_stream(big, 0, &in);
    stream_splice(out.of.value, in.of.value, UINT64_MAX, &moved);
    input_drop(in.of.value);
    descriptor_drop(big);
  }
  return kRefused;
}
/// COUNT: all of one stream, which nobody drops.
static int pollables(char** words) {
  const Handle file = file_in(first_folder(), "big", 0, kRead);
  struct Result stream;
  read_via_stream(file, 0, &stream);
  for (int i = 0; i < atoi(words[0]); ++i) stream_subscribe(stream.of.value);
  return 0;
}
/// A stream that is looked at goes before who looks.
static int orphan(char** words) {
  (void)words;
  struct Result stream;
  read_via_stream(file_in(first_folder(), "big", 0, kRead), 0, &stream);
  stream_subscribe(stream.of.value);
  input_drop(stream.of.value);
  return 0;
}

// What nobody granted.
static int sockets(char** words) {
  for (int i = 0; i < atoi(words[0]); ++i) {
    struct Result tcp, udp;
    create_tcp_socket(0, &tcp);
    create_udp_socket(0, &udp);
    if (!tcp.failed || !udp.failed) return kRefused;
  }
  return 0;
}
static int given(char** words) {
  struct List all;
  get_directories(&all);
  printf("%zu folders\n", all.size);
  for (char** each = environ; *each != NULL; ++each) puts(*each);
  for (; *words != NULL; ++words) {
    const int file = open(*words, O_RDONLY);
    if (file >= 0) puts(*words);
  }
  return 0;
}
/// FOLDER: what changes it that is let happen.
static int change(char** words) {
  char plain[300], made[300];
  snprintf(plain, sizeof plain, "%s/plain", words[0]);
  snprintf(made, sizeof made, "%s/made", words[0]);
  if (open(made, O_CREAT | O_WRONLY, 0600) >= 0) puts("create");
  if (open(plain, O_WRONLY) >= 0) puts("write");
  if (open(plain, O_RDONLY | O_TRUNC) >= 0) puts("truncate");
  if (mkdir(made, 0700) == 0) puts("folder");
  if (symlink("nowhere", made) == 0) puts("symlink");
  if (link(plain, made) == 0) puts("link");
  if (rename(plain, made) == 0) puts("rename");
  if (unlink(plain) == 0) puts("remove");
  return 0;
}
static int cat(char** words) {
  const int file = open(words[0], O_RDONLY);
  for (ssize_t size; (size = read(file, page, sizeof page)) != 0;)
    if (size < 0 || write(1, page, (size_t)size) != size) return 1;
  return 0;
}

// Ends.
static int trap(char** words) {
  if (words != NULL) __builtin_trap();
  return 0;
}
static int leave(char** words) { exit(atoi(words[0])); }
static int answer(char** words) { return atoi(words[0]); }

static const struct Deed deeds[] = {
    {"loop", loop},
    {"sleep", sleep_long},
    {"read", read_input},
    {"grow", grow},
    {"recurse", recurse},
    {"random", random_bytes},
    {"flood", flood},
    {"files", files},
    {"folders", folders},
    {"symlinks", symlinks},
    {"links", links},
    {"same_again", same_again},
    {"descriptors", descriptors},
    {"reopen", reopen},
    {"disk", disk},
    {"rewrite", rewrite},
    {"pwrite", pwrite_apart},
    {"append", append},
    {"truncate", truncate_up},
    {"preopens", preopens},
    {"streams", streams},
    {"readers", readers},
    {"listings", listings},
    {"opened_and_dropped", opened_and_dropped},
    {"at_once", at_once},
    {"splice", splice},
    {"pollables", pollables},
    {"orphan", orphan},
    {"sockets", sockets},
    {"given", given},
    {"change", change},
    {"cat", cat},
    {"trap", trap},
    {"exit", leave},
    {"answer", answer},
    {NULL, NULL},
};

int main(int count, char** arguments) {
  (void)count;
  act_and_exit(deeds, arguments);
}
