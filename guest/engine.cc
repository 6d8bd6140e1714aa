// The engine as a module: nothing but what the library has.
#include "tulle/tulle.h"
