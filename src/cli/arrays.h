// Arrays in and out of a session: files given on the command line, seeded random inputs, results as .npy and JSON.
#pragma once

#include <string>
#include <vector>

#include "cli/npy.h"
#include "runtime/session.h"

namespace tulle::cli {

/// Reads "NAME_OR_POSITION=FILE.npy" arguments into the session's inputs, resizing an input whose array has another shape.
/// STRING inputs take a .json file: an array of strings, nested as the shape is. Errors name the argument.
Result<void> set_inputs(Session& session, const std::vector<std::string>& arguments);

/// Fills every input that `set` does not mark with values from a seeded generator (SplitMix64, one stream an input):
/// float types in [-1, 1), integers over their whole range (int32 and wider 0…127), bool 0 or 1.
Result<void> randomise_inputs(Session& session, uint64_t seed, const std::vector<bool>& set = {});

/// A tensor's elements in a type that .npy has: packed types widened, everything else as it is. With `dequantize`,
/// quantised integers become float32 reals.
Result<Array> to_array(const Tensor& tensor, bool dequantize);

/// The strings of a STRING tensor; an error where its table is malformed.
Result<std::vector<std::string>> strings(const Tensor& tensor);

}  // namespace tulle::cli
