// Models: what a host offers to its guests by name, each file mapped and read once.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"
#include "runtime/session.h"

namespace tulle::host {

/// A model that is ready to make sessions of, and what they share.
struct Loaded {
  std::shared_ptr<const Model> model;
  std::shared_ptr<Constants> constants = make_constants();
};

/// Filled before guests run; then read from any thread. Names are opaque: no guest's word becomes a path.
class Models {
 public:
  /// Maps and reads a .tflite file. Files with the same bytes share one mapping. Errors are those of tflite::load, with
  /// the name before them; kInvalidArgument for a name that is taken.
  Result<void> add(const std::string& name, const std::string& path);
  /// Null where there is none.
  std::shared_ptr<const Loaded> find(std::string_view name) const;

 private:
  std::map<std::string, std::shared_ptr<const Loaded>, std::less<>> models_;
};

/// A model of bytes that a guest gave, which are taken over.
Result<std::shared_ptr<const Loaded>> load(std::vector<std::byte> bytes);

}  // namespace tulle::host
