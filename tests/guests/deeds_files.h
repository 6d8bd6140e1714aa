// What hostile guests of both kinds do to files: how many there are, how large they become, how many are open.
#pragma once

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { kRefused = 90, kPage = 65536 };  // what a deed answers that the host did not let happen

static char page[kPage];

static void fill_page(void) {
  memset(page, 'x', sizeof page);
  page[sizeof page - 1] = '\n';
}
static int write_for_ever(int descriptor) {
  fill_page();
  while (write(descriptor, page, sizeof page) > 0) {
  }
  return kRefused;
}
static const char* in_folder(const char* folder, int number) {
  static char path[300];
  snprintf(path, sizeof path, "%s/made%d", folder, number);
  return path;
}
static int create(const char* folder, int number) {
  return open(in_folder(folder, number), O_CREAT | O_RDWR | O_TRUNC, 0600);
}
static int files(char** words) {
  for (int i = 0; i < atoi(words[1]); ++i) {
    const int file = create(words[0], i);
    if (file < 0) return kRefused;
    close(file);
  }
  return 0;
}
static int folders(char** words) {
  for (int i = 0; i < atoi(words[1]); ++i)
    if (mkdir(in_folder(words[0], i), 0700) != 0) return kRefused;
  return 0;
}
static int symlinks(char** words) {
  for (int i = 0; i < atoi(words[1]); ++i)
    if (symlink("nowhere", in_folder(words[0], i)) != 0) return kRefused;
  return 0;
}
static int links(char** words) {
  char first[300];
  close(create(words[0], 0));
  strcpy(first, in_folder(words[0], 0));
  for (int i = 1; i < atoi(words[1]); ++i)
    if (link(first, in_folder(words[0], i)) != 0) return kRefused;
  return 0;
}
static int descriptors(char** words) {
  for (int i = 0; i < atoi(words[1]); ++i)
    if (open(words[0], O_RDONLY | O_DIRECTORY) < 0) return kRefused;
  return 0;
}
static int disk(char** words) { return write_for_ever(create(words[0], 0)); }
/// The same page of the same file again and again: the disk holds little, and is worn out.
static int rewrite(char** words) {
  const int file = create(words[0], 0);
  while (lseek(file, 0, SEEK_SET) == 0 && write(file, page, sizeof page) > 0) {
  }
  return kRefused;
}
static int pwrite_apart(char** words) {
  const int file = create(words[0], 0);
  for (off_t at = 0; pwrite(file, page, sizeof page, at) > 0; at += 16 * (off_t)kPage) {
  }
  return kRefused;
}
static int append(char** words) {
  const int file = open(in_folder(words[0], 0), O_CREAT | O_WRONLY | O_APPEND, 0600);
  return write_for_ever(file);
}
static int truncate_up(char** words) { return ftruncate(create(words[0], 0), 1LL << 40) == 0 ? 0 : kRefused; }
