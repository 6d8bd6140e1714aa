// The schema's description as data. In a file of its own, lest compilers count on what it says: `tulle wasm-build` puts
// a part of it there (tflite_schema_part.h).
#include "formats/tflite_schema.h"

#include "tflite_bfbs_generated.h"

namespace tulle::tflite {

std::span<const uint8_t> schema_bytes() { return {fbs::ModelBinarySchema::data(), fbs::ModelBinarySchema::size()}; }

}  // namespace tulle::tflite
