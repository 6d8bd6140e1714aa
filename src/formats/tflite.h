// The .tflite format: read and write.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace tulle::tflite {

/// Reads a model without touching or copying its weights: buffers are views that `owner` keeps alive. Works for any
/// bytes: whatever is wrong with them comes back as an error that names what and where. The result is verified.
Result<Model> read(std::span<const std::byte> bytes, std::shared_ptr<const void> owner);

/// Opens and maps a file, and reads it.
Result<std::shared_ptr<const Model>> load(const std::string& path);

/// The model as the bytes of a file; read gives an equal model back.
Result<std::vector<std::byte>> write(const Model& model);

}  // namespace tulle::tflite
