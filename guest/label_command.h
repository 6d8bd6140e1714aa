// What the programs that label pictures share: how they read a picture, and the five lines that come out.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "vision/picture.h"

namespace tulle {

inline constexpr int kUsage = 2, kBadInput = 3;

/// The picture in a file; "-" is standard input.
Result<Picture> picture_of(const std::string& path);

/// The best classes, a line each: rank, score with six digits after the point, label.
std::string five_lines(const std::vector<float>& scores, const std::vector<std::string>& labels);

/// Prints the lines, or in one line of standard error what is wrong; answers the exit code.
int print(const char* program, const Result<std::string>& lines);

}  // namespace tulle
