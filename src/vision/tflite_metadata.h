// What TensorFlow Lite's own metadata says about a model: names of its classes, normalisation of its input.
#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"

namespace tulle {

/// Everything empty where the model says nothing.
struct TfliteMetadata {
  std::string labels_file;       ///< a member of the archive appended to the model
  std::vector<float> mean, std;  ///< of the pixels that go into input 0, for float inputs
};

/// Reads the entry TFLITE_METADATA of a model. The label file is the first that an output names, English before others.
/// What is damaged or missing counts as not said.
TfliteMetadata read_tflite_metadata(const Model& model);

}  // namespace tulle
