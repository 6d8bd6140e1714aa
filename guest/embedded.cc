// The model inside a module that `tulle wasm-build` made, which writes into kEmbedded where it lies.
#include "tulle/tulle.h"

namespace {

struct Embedded {
  const void* bytes;
  size_t size;
};

}  // namespace

/// Volatile, since compilers do not know who writes it.
extern "C" const volatile Embedded tulle_embedded_model;
const volatile Embedded tulle_embedded_model = {nullptr, 0};

/// The bytes of the model's file, which stay where they are, and how many they are.
extern "C" TULLE_API const void* tulle_embedded_bytes(size_t* size) {
  *size = tulle_embedded_model.size;
  return tulle_embedded_model.bytes;
}

/// Reads that model, in place. Errors are those of tulle_model_load_memory; `error` may be null.
extern "C" TULLE_API tulle_status tulle_model_embedded(tulle_model** model, tulle_error* error) {
  return tulle_model_load_memory(tulle_embedded_model.bytes, tulle_embedded_model.size, model, error);
}
