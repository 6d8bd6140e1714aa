// A profile as one self-contained web page.
#pragma once

#include <string>

#include "cli/profile.h"

namespace tulle::cli {

/// The page: facts from `summary` (the object of bench --json), a flame chart of the run by operator and node, the
/// nodes in time order, and a table. Needs no network and no script library.
std::string profile_page(const Profile& profile, const Json& summary, const std::string& file, int session_graph);

}  // namespace tulle::cli
