// Variables: resource variables by container and name, and which initialisers have run.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "graph/tensor.h"
#include "runtime/bytes.h"
#include "runtime/session.h"

namespace tulle {

class Variables {
 public:
  /// The handle of this variable, made on first use.
  int32_t handle(std::string_view container, std::string_view name);
  Result<Tensor> read(int32_t handle) const;
  Result<void> assign(int32_t handle, const Tensor& value, uint64_t limit);
  /// Forgets all contents; handles stay valid.
  void reset();
  uint64_t bytes() const;
  /// Graphs that CALL_ONCE has run.
  std::set<int>& initialised() { return initialised_; }

 private:
  struct Entry {
    std::string container, name;
    bool set = false;
    Tensor tensor;
    Bytes memory;
  };
  std::vector<Entry> entries_;
  std::set<int> initialised_;
};

}  // namespace tulle
