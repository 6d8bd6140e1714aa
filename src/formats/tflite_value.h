// Tensors of .tflite files to and from Values.
#pragma once

#include "base/result.h"
#include "formats/tflite_source.h"
#include "formats/tflite_tables.h"
#include "formats/tflite_target.h"
#include "graph/graph.h"

namespace tulle::tflite {

/// Errors name what is wrong, not which tensor.
Result<Value> read_value(Source& source, const fbs::Tensor& tensor);
Result<flatbuffers::Offset<fbs::Tensor>> write_value(Target& target, const Value& value);

}  // namespace tulle::tflite
