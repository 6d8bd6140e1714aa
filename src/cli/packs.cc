// The cache is a folder of packs, named after what they are for; the least recently used ones go where it grows large.
#include "cli/packs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "cli/verb.h"
#include "host/cache_folder.h"
#include "kernels/kernels.h"
#include "runtime/constants.h"

namespace tulle::cli {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kWorthwhile = 1'000'000;         ///< bytes of packed weights; less is packed in no time
constexpr uint64_t kMostBytes = uint64_t{2} << 30;  ///< of the cache

void warn(const std::string& message) { std::fprintf(stderr, "tulle: warning: %s\n", harmless(message, "").c_str()); }

}  // namespace

Packs::Packs(const PackOptions& options, const Model& model) {
  given_ = options.file;
  const fs::path cache = host::cache_folder("packs");
  if (given_.empty() && (options.no_cache || cache.empty())) return;
  // Beside each pack of the cache, which is named by what the model holds, a link that is named by the file it came
  // from.
  const FileState& file = model.origin.file;
  const fs::path link = cache / fmt::format("{:x}-{:x}-{}.link", file.device, file.inode, kernels::kLayoutVersion);
  if (given_.empty() && host::is_ours(cache)) link_ = link;
  const auto target = pack_target(model, given_.empty() ? link_ : given_);
  if (!target) {
    if (!given_.empty()) warn(fmt::format("{}: not used: {}", given_, target.error().message));
    return;
  }
  target_ = *target;
  if (given_.empty())
    cached_ = cache / fmt::format("{:016x}-{}-{}.pack", target->model_hash, target->set, kernels::kLayoutVersion);
  if (!cached_.empty() && !host::is_ours(cache)) return;
  auto pack = Pack::open(given_.empty() ? cached_ : given_, *target);
  if (pack) {
    constants_->use(*std::move(pack), *target);
    if (!cached_.empty()) {
      ::utimensat(AT_FDCWD, cached_.c_str(), nullptr, 0);
      link_file();
    }
  } else if (!given_.empty()) {
    warn(fmt::format("{}; the run goes on without it", pack.error().message));
  }
}

void Packs::keep(const Session& session) const {
  if (const std::string damage = constants_->damage(); !given_.empty() && !damage.empty())
    warn(fmt::format("{}: {}; packed anew", given_, damage));
  const MemoryReport memory = session.memory();
  const uint64_t bytes = memory.packed_bytes + memory.mapped_bytes;
  if (cached_.empty() || memory.packed_bytes == 0 || bytes < kWorthwhile || bytes > kMostBytes) return;
  std::fflush(stdout);
  const fs::path folder = fs::path(cached_).parent_path();
  if (!host::make_folder(folder) || !constants_->write(cached_, *target_)) return;
  link_file();
  host::trim_folder(folder, ".pack", kMostBytes);
}

void Packs::link_file() const {
  const fs::path name = fs::path(cached_).filename();
  std::error_code missing;
  if (link_.empty() || fs::read_symlink(link_, missing) == name) return;
  const std::string made = fmt::format("{}.{}", link_, ::getpid());  // takes the place of an older one at once
  if (::symlink(name.c_str(), made.c_str()) == 0 && ::rename(made.c_str(), link_.c_str()) != 0) ::unlink(made.c_str());
}

}  // namespace tulle::cli
