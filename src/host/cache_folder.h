// The folder where the command keeps what it can make again, for one user alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace tulle::host {

/// $TULLE_CACHE/NAME, $XDG_CACHE_HOME/tulle/NAME or ~/.cache/tulle/NAME; empty where there is no place for one.
std::filesystem::path cache_folder(std::string_view name);

/// Whether a folder is there that nobody else can put files into.
bool is_ours(const std::filesystem::path& folder);

/// Makes the folder and those above it that are missing, for the user alone; whether it is_ours() then.
bool make_folder(const std::filesystem::path& folder);

/// Removes the files whose names have `part` in them that were used longest ago, until the rest takes no more than
/// `most` bytes, and links that lead nowhere.
void trim_folder(const std::filesystem::path& folder, std::string_view part, uint64_t most);

}  // namespace tulle::host
