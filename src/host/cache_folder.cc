// Folders below the user's cache.
#include "host/cache_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace tulle::host {

namespace fs = std::filesystem;

fs::path cache_folder(std::string_view name) {
  const auto set = [](const char* variable) {
    const char* value = std::getenv(variable);
    return fs::path(value != nullptr ? value : "");
  };
  if (const fs::path own = set("TULLE_CACHE"); !own.empty()) return own / name;
  if (const fs::path cache = set("XDG_CACHE_HOME"); cache.is_absolute()) return cache / "tulle" / name;
  if (const fs::path home = set("HOME"); home.is_absolute()) return home / ".cache/tulle" / name;
  return {};
}

bool is_ours(const fs::path& folder) {
  struct stat status;
  return ::lstat(folder.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == ::geteuid() &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool make_folder(const fs::path& folder) {
  fs::path made;
  for (const fs::path& part : folder) {
    made /= part;
    ::mkdir(made.c_str(), 0700);
  }
  return is_ours(folder);
}

void trim_folder(const fs::path& folder, std::string_view part, uint64_t most) {
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
    if (gone || no_file || file.path.filename().string().find(part) == std::string::npos) continue;
    sum += file.bytes;
    files.push_back(file);
  }
  std::ranges::sort(files, {}, &File::used);
  for (size_t i = 0; i < files.size() && sum > most; ++i) {
    ::unlink(files[i].path.c_str());
    sum -= files[i].bytes;
  }
}

}  // namespace tulle::host
