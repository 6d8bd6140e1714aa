// The check of a STRING tensor's layout.
#include "ops/string_tensor.h"

namespace tulle::ops {

bool holds_strings(const Tensor& tensor) {
  const int64_t count = tensor.elements();
  if (tensor.bytes == 0) return count == 0;
  const int64_t header = string_header_bytes(count);
  if (static_cast<int64_t>(tensor.bytes) < header || tensor.as<const int32_t>()[0] != count) return false;
  const int32_t* offsets = tensor.as<const int32_t>() + 1;
  int64_t last = header;
  for (int64_t i = 0; i <= count; ++i) {
    if (offsets[i] < last || offsets[i] > static_cast<int64_t>(tensor.bytes)) return false;
    last = offsets[i];
  }
  return true;
}

}  // namespace tulle::ops
