// Reading preparation from options.
#include "cli/prepare.h"

#include <cmath>
#include <cstdlib>

#include "base/file_map.h"
#include "cli/npy.h"
#include "cli/verb.h"
#include "cli/zip.h"
#include "vision/labels.h"

namespace tulle::cli {
namespace {

/// The names in a label file appended to a model; none where it is missing or damaged.
std::vector<std::string> member_labels(const std::string& path, const std::string& member) {
  const auto file = FileMap::open(path);
  if (!file) return {};
  const auto text = find_in_zip((*file)->bytes(), member);
  return text ? parse_labels(*text, path).value_or(std::vector<std::string>()) : std::vector<std::string>();
}

}  // namespace

OptionList picture_options(PictureOptions& options) {
  const auto number = [](double least) {
    return [least](const std::string& text) {
      char* end = nullptr;
      const double x = std::abs(std::strtod(text.c_str(), &end));
      return end != text.c_str() && *end == '\0' && x >= least && x < 1e30
                 ? std::string()
                 : text + (least > 0 ? " is 0 or no number" : " is no number");
    };
  };
  return {
      {"--labels", &options.labels_file, "Names of the classes, one a line from class 0, or lines of number and name",
       "FILE"},
      {"--mean", &options.mean, "Subtracted from each pixel value 0-255: one number, or one a channel as R,G,B", "M",
       number(0)},
      {"--std", &options.std, "Divides what is left, like --mean", "S", number(1e-30)},
      {"--fit", &options.fit, "How a picture becomes the input's size: stretch, or the middle square", "HOW",
       one_of({"stretch", "square"})},
      {"--crop", &options.crop,
       "The middle square's side as a share of the shorter side, 0.01 to 1; asks for the square", "SHARE",
       between(0.01, 1.0)},
      {"--resample", &options.resample, "nearest, area, bilinear, bicubic or lanczos", "FILTER",
       one_of({"nearest", "area", "bilinear", "bicubic", "lanczos"})},
      {"--raw", &options.raw, "Feed the pixels' bytes unchanged, even to an int8 input"},
      {"--dump-input", &options.dump, "Write what the model is fed as .npy", "FILE"},
  };
}

Result<Preparation> preparation(const Model& model, const std::string& path, const PictureOptions& options) {
  TULLE_TRY(Preparation p, in_file(path, own_preparation(model)));
  if (!p.labels_member.empty()) p.labels = member_labels(path, p.labels_member);
  if (!options.mean.empty()) p.mean = options.mean;
  if (!options.std.empty()) p.std = options.std;
  if (!p.mean.empty() && p.std.empty()) p.std = {1};
  if (!p.std.empty() && p.mean.empty()) p.mean = {0};
  if (options.crop > 0) p.crop = options.crop, p.fit = Fit::kSquare;
  if (!options.fit.empty()) p.fit = options.fit == "square" ? Fit::kSquare : Fit::kStretch;
  if (!options.resample.empty()) p.filter = *parse_filter(options.resample);
  p.raw = options.raw;
  if (!options.labels_file.empty()) {
    TULLE_TRY(p.labels, read_labels(options.labels_file));
  }
  return p;
}

Result<void> dump_input(const Session& session, const std::string& path) {
  if (path.empty()) return {};
  const Tensor& tensor = session.input(0);
  return write_npy(path, tensor.dtype, tensor.shape, {tensor.data, tensor.bytes});
}

}  // namespace tulle::cli
