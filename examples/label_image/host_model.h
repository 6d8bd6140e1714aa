// A host's model as a guest that labels pictures sees it: its inputs and outputs with memory for their data.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "c/wasi_nn.h"
#include "graph/tensor.h"
#include "vision/preparation.h"

namespace tulle {

/// An input or output.
struct HostTensor {
  std::string name, key;      ///< the tensor's, and the signature's for it; either will do
  DType dtype;                ///< float32, int8 or uint8
  Shape shape;                ///< with 1 where the model leaves a dimension free
  Quantization quantization;  ///< as a whole
  std::vector<std::byte> data;

  /// As set_input and set_output take it, and as the engine's own code does: views.
  wasi_nn_tensor record();
  Tensor view();
};

/// What a function of wasi-nn answered; errors tell what the host says about it.
Result<void> done(wasi_nn_error error);

/// wasi_nn_get_input_info or wasi_nn_get_output_info.
using Info = wasi_nn_error(wasi_nn_graph graph, uint32_t index, char* buffer, uint32_t size, uint32_t* written);
Result<HostTensor> describe(Info* info, wasi_nn_graph graph, uint32_t index);

/// How the model wants pictures: JSON as docs/metadata.md has it. Empty: stretched, and normalised by the input's type.
Result<Preparation> parse_preparation(const std::string& json);

}  // namespace tulle
