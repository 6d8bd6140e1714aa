// What TensorFlow Lite's own metadata says about a model: names of its classes, normalisation of its input.
#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"

namespace tulle::cli {

/// Everything empty where the model says nothing.
struct TfliteMetadata {
  std::vector<std::string> labels;
  std::vector<float> mean, std;  ///< of the pixels that go into input 0, for float inputs
};

/// Reads the entry TFLITE_METADATA of a model and the label file appended to the file at `path`: the first label file
/// that an output names, English before others. What is damaged or missing counts as not said.
TfliteMetadata read_tflite_metadata(const Model& model, const std::string& path);

}  // namespace tulle::cli
