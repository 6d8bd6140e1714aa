// Packed weights from run to run: the file that --pack names, and the cache that the command keeps by itself.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "runtime/pack.h"
#include "runtime/session.h"

namespace tulle::cli {

struct PackOptions {
  std::string file;  ///< of --pack
  bool no_cache = false;
};

/// Where the packed weights of one run come from, and where they stay for the next.
class Packs {
 public:
  Packs() = default;
  /// Opens the pack that is given or, without one, the cache's. One that is given and refused is a line on standard
  /// error; the run goes on without it.
  Packs(const PackOptions& options, const Model& model);

  /// For SessionOptions.
  const std::shared_ptr<Constants>& constants() const { return constants_; }
  /// To be called when the answer is printed: puts what the session packed into the cache, where it takes a megabyte
  /// or more and was not all there. What goes wrong in that is nobody's concern. Damage in a pack that was given is a
  /// line on standard error.
  void keep(const Session& session) const;

 private:
  std::shared_ptr<Constants> constants_ = make_constants();
  /// Makes the cache's link of the model's file name the pack.
  void link_file() const;

  std::optional<PackTarget> target_;
  std::string given_, cached_;  ///< the file in use; the file in the cache, empty where that is not to be used
  std::string link_;            ///< the cache's link of the model's file; empty where there is no place for it
};

}  // namespace tulle::cli
