// Arrays in and out of a session: files given on the command line, seeded random inputs.
#pragma once

#include <string>
#include <vector>

#include "cli/npy.h"
#include "cli/verb.h"

namespace tulle::cli {

/// An input or output of a session as it is named on the command line.
struct NamedPort {
  std::string name;
  int position;  ///< among the session's own
};

/// With a signature its names in its order, else the graph's own.
struct Ports {
  std::vector<NamedPort> inputs, outputs;
};
Ports name_ports(const Session& session, const std::string& signature);

/// Reads "NAME_OR_POSITION=FILE.npy" arguments into the session's inputs, resizing an input whose array has another
/// shape; returns which inputs are set. A name is the port's or the tensor's own. STRING inputs take a .json file.
/// Errors name the argument or file.
Result<std::vector<bool>> set_inputs(Session& session, const Ports& ports, const std::vector<std::string>& arguments,
                                     const std::string& model);

/// Fills every input that `set` does not mark with values from a seeded generator (SplitMix64, one stream an input):
/// float types in [-1, 1), integers over their whole range (int32 and wider 0…127), bool 0 or 1.
Result<void> randomise_inputs(Session& session, uint64_t seed, const std::vector<bool>& set = {});

/// Gives input i of `to` what input i of `from` holds: its bytes where the types are the same, else its reals in the
/// other type. Resizes where shapes differ.
Result<void> copy_input(const Session& from, Session& to, int i);

}  // namespace tulle::cli
