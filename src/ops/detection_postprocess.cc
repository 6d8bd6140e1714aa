// TFLite_Detection_PostProcess: the best boxes of a detector, their classes and scores, and how many there are.
#include "ops/detection_postprocess.ref.h"

#include <algorithm>

#include "ops/custom_options.h"
#include "ops/recurrent.h"

namespace tulle::ops {
namespace {

enum { kBoxes, kScores, kAnchors };
enum { kCorners, kClasses, kScoresOut, kCount };

struct Options {
  tulle_detection detection = {};
  bool by_class;
};

Result<Options> options(const Site& site) {
  TULLE_TRY(const CustomOptions options, CustomOptions::read(site));
  Options read;
  tulle_detection& d = read.detection;
  TULLE_TRY(d.classes, options.count(site, "num_classes"));
  TULLE_TRY(d.most, options.count(site, "max_detections"));
  TULLE_TRY(d.most_classes, options.count(site, "max_classes_per_detection"));
  TULLE_TRY(d.most_per_class, options.count(site, "detections_per_class", 100));
  TULLE_TRY(d.score_limit, options.real(site, "nms_score_threshold"));
  TULLE_TRY(d.overlap_limit, options.real(site, "nms_iou_threshold"));
  TULLE_TRY(d.y_scale, options.real(site, "y_scale"));
  TULLE_TRY(d.x_scale, options.real(site, "x_scale"));
  TULLE_TRY(d.h_scale, options.real(site, "h_scale"));
  TULLE_TRY(d.w_scale, options.real(site, "w_scale"));
  read.by_class = options.flag("use_regular_nms");
  if (d.classes < 1 || d.most_classes < 1)
    return site.invalid("{} classes and {} of a detection, expected 1 or more", d.classes, d.most_classes);
  if (read.by_class && (d.most < 1 || d.most_per_class < 1))
    return site.invalid("{} detections and {} of a class, expected 1 or more", d.most, d.most_per_class);
  if (!(d.overlap_limit > 0 && d.overlap_limit <= 1))
    return site.invalid("nms_iou_threshold is {}, outside 0…1", d.overlap_limit);

  const Shape &boxes = site.in(kBoxes).shape, &scores = site.in(kScores).shape, &anchors = site.in(kAnchors).shape;
  if (boxes.rank() != 3 || boxes[0] != 1 || boxes[2] < 4)
    return site.invalid("input 0 has shape {}, expected [1,?,4]", to_string(boxes));
  d.boxes = boxes[1];
  if (anchors != Shape{d.boxes, 4})
    return site.invalid("input 2 has shape {}, expected [{},4]", to_string(anchors), d.boxes);
  if (scores.rank() != 3 || scores[0] != 1 || scores[1] != d.boxes ||
      (scores[2] != d.classes && scores[2] - 1 != d.classes))
    return site.invalid("input 1 has shape {}, expected [1,{},{}] or one class more", to_string(scores), d.boxes,
                        d.classes);
  d.columns = scores[2];
  return read;
}

Result<void> shape(Site& site) {
  TULLE_TRY(const Options options, tulle::ops::options(site));
  const int64_t rows = int64_t{options.detection.most} * options.detection.most_classes;
  if (rows > kMaxElements)
    return site.invalid("{} detections of {} classes are too many", options.detection.most,
                        options.detection.most_classes);
  const auto count = static_cast<int32_t>(rows);
  TULLE_CHECK(site.set_shape(kCorners, {1, count, 4}));
  TULLE_CHECK(site.set_shape(kClasses, {1, count}));
  TULLE_CHECK(site.set_shape(kScoresOut, {1, count}));
  return site.set_shape(kCount, {1});
}

/// Reads elements of a tensor as reals.
struct Reals {
  DType dtype;
  float scale, zero_point;

  explicit Reals(const Tensor& tensor)
      : dtype(tensor.dtype), scale(tensor.scale()), zero_point(static_cast<float>(tensor.zero_point())) {}
  void read(const Io& io, int input, int64_t first, int64_t count, float* reals) const {
    switch (dtype) {
      case DType::kUint8: return decode(io.in<uint8_t>(input) + first, count, reals);
      case DType::kInt8: return decode(io.in<int8_t>(input) + first, count, reals);
      default: std::copy_n(io.in<float>(input) + first, count, reals);
    }
  }
  void decode(const auto* codes, int64_t count, float* reals) const {
    for (int64_t i = 0; i < count; ++i) reals[i] = (static_cast<float>(codes[i]) - zero_point) * scale;
  }
};

/// Puts hit `row` with its best classes into the rows of the outputs that are its own.
void emit(const Io& io, const tulle_detection& d, const float* corners, const float* scores, const tulle_hit& hit,
          int64_t row) {
  const float* of_box = scores + int64_t{hit.box} * d.columns + d.columns - d.classes;
  int32_t c = hit.class_index;
  for (int64_t at = row * d.most_classes; at < (row + 1) * d.most_classes && c >= 0; ++at) {
    std::copy_n(corners + 4 * int64_t{hit.box}, 4, io.out<float>(kCorners) + 4 * at);
    io.out<float>(kClasses)[at] = static_cast<float>(c);
    io.out<float>(kScoresOut)[at] = of_box[c];
    c = tulle_next_class(of_box, d.classes, c);
  }
}

Result<Kernel> prepare(Site& site) {
  for (int i : {kBoxes, kScores, kAnchors}) TULLE_CHECK(need_weight_scale(site, i));
  TULLE_TRY(const Options options, tulle::ops::options(site));
  const tulle_detection d = options.detection;
  const auto boxes = static_cast<uint64_t>(d.boxes);
  const uint64_t most = options.by_class ? std::min<uint64_t>(d.most, boxes * static_cast<uint64_t>(d.classes)) : 0;
  const int corners_at = site.scratch(boxes * 4 * sizeof(float));
  const int scores_at = site.scratch(boxes * d.columns * sizeof(float));
  const int hits_at = site.scratch(boxes * sizeof(tulle_hit));
  const int merged_at = site.scratch(most * sizeof(tulle_hit)), spare_at = site.scratch(most * sizeof(tulle_hit));
  return [=, by_class = options.by_class, box_size = site.in(kBoxes).shape[2], box_reals = Reals(site.in(kBoxes)),
          score_reals = Reals(site.in(kScores)), anchor_reals = Reals(site.in(kAnchors)),
          where = site.where()](const Io& io) -> Result<void> {
    auto* corners = reinterpret_cast<float*>(io.scratch[corners_at]);
    auto* scores = reinterpret_cast<float*>(io.scratch[scores_at]);
    auto* hits = reinterpret_cast<tulle_hit*>(io.scratch[hits_at]);
    for (int32_t b = 0; b < d.boxes; ++b) {
      float box[4], anchor[4], *corner = corners + 4 * int64_t{b};
      box_reals.read(io, kBoxes, int64_t{b} * box_size, 4, box);
      anchor_reals.read(io, kAnchors, int64_t{b} * 4, 4, anchor);
      tulle_ref_decode_box(&d, box, anchor, corner);
      if (corner[0] > corner[2] || corner[1] > corner[3])
        return run_error(where, fmt::format("box {} has a negative size", b));
    }
    score_reals.read(io, kScores, 0, int64_t{d.boxes} * d.columns, scores);
    for (int i : {kCorners, kClasses, kScoresOut}) std::fill_n(io.out<float>(i), io.outputs[i]->elements(), 0.0f);

    auto* found = hits;
    int32_t count;
    if (by_class) {
      found = reinterpret_cast<tulle_hit*>(io.scratch[merged_at]);
      count = tulle_ref_detect_by_class(&d, corners, scores, hits, found,
                                        reinterpret_cast<tulle_hit*>(io.scratch[spare_at]));
      for (int32_t i = 0; i < count; ++i) {
        std::copy_n(corners + 4 * int64_t{found[i].box}, 4, io.out<float>(kCorners) + 4 * int64_t{i});
        io.out<float>(kClasses)[i] = static_cast<float>(found[i].class_index);
        io.out<float>(kScoresOut)[i] = found[i].score;
      }
    } else {
      count = tulle_ref_detect_by_box(&d, corners, scores, hits);
      for (int32_t i = 0; i < count; ++i) emit(io, d, corners, scores, found[i], i);
    }
    *io.out<float>(kCount) = static_cast<float>(count);
    return {};
  };
}

}  // namespace

extern const Op op_detection_postprocess = {
    .types = "T T A > f32 f32 f32 f32 : T=f32 u8 i8 A=f32 u8 i8",
    .shape = shape,
    .prepare = prepare,
};

}  // namespace tulle::ops
