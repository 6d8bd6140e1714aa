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
#include "kernels/kernels.h"
#include "runtime/constants.h"

namespace tulle::cli {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kWorthwhile = 1'000'000;         ///< bytes of packed weights; less is packed in no time
constexpr uint64_t kMostBytes = uint64_t{2} << 30;  ///< of the cache

/// The folder of the cache; empty where there is no place for one.
fs::path folder() {
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return fs::path(value != nullptr ? value : "");
  };
  if (const fs::path own = set("TULLE_CACHE"); !own.empty()) return own / "packs";
  if (const fs::path cache = set("XDG_CACHE_HOME"); cache.is_absolute()) return cache / "tulle/packs";
  if (const fs::path home = set("HOME"); home.is_absolute()) return home / ".cache/tulle/packs";
  return {};
}

/// Whether a folder is there that nobody else can put files into.
bool is_ours(const fs::path& folder) {
  struct stat status;
  return ::lstat(folder.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == ::geteuid() &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/// Makes the folder and those above it that are missing, for the user alone.
bool make_folder(const fs::path& folder) {
  fs::path made;
  for (const fs::path& part : folder) {
    made /= part;
    ::mkdir(made.c_str(), 0700);
  }
  return is_ours(folder);
}

/// Removes what was used longest ago until the rest takes no more than it may.
void trim(const fs::path& folder) {
  struct File {
    fs::path path;
    fs::file_time_type used;
    uint64_t bytes;
  };
  std::vector<File> files;
  uint64_t sum = 0;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone, no_file;  // another process may be at work here, too
    if (at->is_symlink(gone)) {
      if (!fs::exists(at->path(), no_file)) ::unlink(at->path().c_str());
      continue;
    }
    const File file{at->path(), at->last_write_time(gone), at->file_size(no_file)};
    if (gone || no_file || file.path.filename().string().find(".pack") == std::string::npos) continue;
    sum += file.bytes;
    files.push_back(file);
  }
  std::ranges::sort(files, {}, &File::used);
  for (size_t i = 0; i < files.size() && sum > kMostBytes; ++i) {
    ::unlink(files[i].path.c_str());
    sum -= files[i].bytes;
  }
}

void warn(const std::string& message) { std::fprintf(stderr, "tulle: warning: %s\n", harmless(message, "").c_str()); }

}  // namespace

Packs::Packs(const PackOptions& options, const Model& model) {
  given_ = options.file;
  const fs::path cache = folder();
  if (given_.empty() && (options.no_cache || cache.empty())) return;
  // Beside each pack of the cache, which is named by what the model holds, a link that is named by the file it came
  // from.
  const FileState& file = model.origin.file;
  const fs::path link = cache / fmt::format("{:x}-{:x}-{}.link", file.device, file.inode, kernels::kLayoutVersion);
  if (given_.empty() && is_ours(cache)) link_ = link;
  const auto target = pack_target(model, given_.empty() ? link_ : given_);
  if (!target) {
    if (!given_.empty()) warn(fmt::format("{}: not used: {}", given_, target.error().message));
    return;
  }
  target_ = *target;
  if (given_.empty())
    cached_ = cache / fmt::format("{:016x}-{}-{}.pack", target->model_hash, target->set, kernels::kLayoutVersion);
  if (!cached_.empty() && !is_ours(cache)) return;
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
  if (!make_folder(folder) || !constants_->write(cached_, *target_)) return;
  link_file();
  trim(folder);
}

void Packs::link_file() const {
  const fs::path name = fs::path(cached_).filename();
  std::error_code missing;
  if (link_.empty() || fs::read_symlink(link_, missing) == name) return;
  const std::string made = fmt::format("{}.{}", link_, ::getpid());  // takes the place of an older one at once
  if (::symlink(name.c_str(), made.c_str()) == 0 && ::rename(made.c_str(), link_.c_str()) != 0) ::unlink(made.c_str());
}

}  // namespace tulle::cli
