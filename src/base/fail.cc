// What makes errors: text from a format, once for all kinds of arguments.
#include "base/result.h"

namespace tulle {

std::unexpected<Error> fail_with(ErrorCode code, fmt::string_view format, fmt::format_args args) {
  return std::unexpected(Error{code, fmt::vformat(format, args)});
}

void put_before(std::string& message, fmt::string_view place, fmt::format_args args) {
  message.insert(0, fmt::vformat(place, args) + ": ");
}

}  // namespace tulle
