// Guests that do what their first argument says.
#pragma once

#include <stdio.h>
#include <string.h>

struct Deed {
  const char* name;
  int (*act)(char** words);  ///< the words after the deed's, a null behind them; answers the exit code
};

enum { kNoSuchDeed = 99 };

static int act(const struct Deed* deeds, char** argv) {
  for (; argv[0] != NULL && argv[1] != NULL && deeds->name != NULL; ++deeds)
    if (strcmp(deeds->name, argv[1]) == 0) return deeds->act(argv + 2);
  fprintf(stderr, "no such deed\n");
  return kNoSuchDeed;
}
