// A timeline for trace viewers (Perfetto, chrome://tracing).
#pragma once

#include "cli/profile.h"

namespace tulle::cli {

/// What bench has timed, in milliseconds from its start.
struct Timeline {
  double load_ms = 0, prepare_ms = 0;
  Sample first, usual;  ///< the first run, and one of the later ones
};

/// Chrome's trace event format. Spans follow each other without the gaps between them; the nodes of a run begin where
/// the run does.
std::string trace_json(const Session& session, const Profile& profile, const Timeline& times, const std::string& file);

}  // namespace tulle::cli
