/* Detection post-processing: boxes from their offsets to anchors, then non-maximum suppression over class scores. */
#ifndef TULLE_OPS_DETECTION_POSTPROCESS_REF_H
#define TULLE_OPS_DETECTION_POSTPROCESS_REF_H

#include <math.h>
#include <stdint.h>

struct tulle_detection {
  int32_t boxes, classes;
  int32_t columns; /* scores of a box: classes, after one of the background where there is one more */
  int32_t most, most_classes, most_per_class; /* detections; classes of a detection; detections of a class */
  float score_limit, overlap_limit;
  float y_scale, x_scale, h_scale, w_scale;
};

struct tulle_hit {
  float score;
  int32_t box, class_index;
};

/* corners = [y0, x0, y1, x1] of a box given by [y, x, height, width] relative to an anchor of the same form */
static inline void tulle_ref_decode_box(const struct tulle_detection* d, const float* box, const float* anchor,
                                        float* corners) {
  const double h = (double)anchor[2], w = (double)anchor[3];
  const float y = (float)((double)box[0] / (double)d->y_scale * h + (double)anchor[0]);
  const float x = (float)((double)box[1] / (double)d->x_scale * w + (double)anchor[1]);
  const float half_h = (float)(0.5 * exp((double)box[2] / (double)d->h_scale) * h);
  const float half_w = (float)(0.5 * exp((double)box[3] / (double)d->w_scale) * w);
  corners[0] = y - half_h;
  corners[1] = x - half_w;
  corners[2] = y + half_h;
  corners[3] = x + half_w;
}

static inline float tulle_ref_corner_overlap_f32(const float* a, const float* b) {
  const float a_area = (a[2] - a[0]) * (a[3] - a[1]), b_area = (b[2] - b[0]) * (b[3] - b[1]);
  if (a_area <= 0.0f || b_area <= 0.0f) return 0.0f;
  const float y0 = a[0] < b[0] ? b[0] : a[0], x0 = a[1] < b[1] ? b[1] : a[1];
  const float y1 = b[2] < a[2] ? b[2] : a[2], x1 = b[3] < a[3] ? b[3] : a[3];
  const float height = y1 - y0 < 0.0f ? 0.0f : y1 - y0, width = x1 - x0 < 0.0f ? 0.0f : x1 - x0;
  return height * width / (a_area + b_area - height * width);
}

/* Whether hit a goes before hit b: by falling score, then by box. */
static inline int tulle_hit_before(const struct tulle_hit* a, const struct tulle_hit* b) {
  return a->score > b->score || (a->score == b->score && a->box < b->box);
}

static inline void tulle_sort_hits(struct tulle_hit* hits, int32_t count) {
  int32_t start = count / 2, end = count;
  while (end > 1) { /* heap sort: the hit that goes last on top */
    struct tulle_hit moved;
    if (start > 0) {
      moved = hits[--start];
    } else {
      moved = hits[--end];
      hits[end] = hits[0];
    }
    int32_t hole = start;
    for (int32_t child; (child = 2 * hole + 1) < end; hole = child) {
      if (child + 1 < end && tulle_hit_before(&hits[child], &hits[child + 1])) ++child;
      if (!tulle_hit_before(&moved, &hits[child])) break;
      hits[hole] = hits[child];
    }
    hits[hole] = moved;
  }
}

/* Sorts the hits and keeps the first `most` that overlap none before them too much; returns how many. */
static inline int32_t tulle_ref_suppress(const struct tulle_detection* d, const float* corners, struct tulle_hit* hits,
                                         int32_t count, int32_t most) {
  int32_t kept = 0;
  tulle_sort_hits(hits, count);
  for (int32_t i = 0; i < count && kept < most; ++i) {
    int32_t j = 0;
    while (j < kept && !(tulle_ref_corner_overlap_f32(corners + 4 * (int64_t)hits[j].box,
                                                      corners + 4 * (int64_t)hits[i].box) > d->overlap_limit))
      ++j;
    if (j == kept) hits[kept++] = hits[i];
  }
  return kept;
}

/* Every class on its own: the best hits of all classes, at most d->most. merged and spare take d->most hits or
   boxes * classes if that is less; hits takes `boxes`. Returns how many merged holds. */
static inline int32_t tulle_ref_detect_by_class(const struct tulle_detection* d, const float* corners,
                                                const float* scores, struct tulle_hit* hits, struct tulle_hit* merged,
                                                struct tulle_hit* spare) {
  int32_t total = 0;
  for (int32_t c = 0; c < d->classes; ++c) {
    int32_t count = 0;
    for (int32_t b = 0; b < d->boxes; ++b) {
      const float score = scores[(int64_t)b * d->columns + d->columns - d->classes + c];
      const struct tulle_hit hit = {score, b, c};
      if (score >= d->score_limit) hits[count++] = hit;
    }
    count = tulle_ref_suppress(d, corners, hits, count, d->most_per_class < d->most ? d->most_per_class : d->most);
    int32_t i = 0, j = 0, n = 0;
    for (; n < d->most && (i < total || j < count); ++n) /* of equal scores the earlier class goes first */
      spare[n] = j == count || (i < total && merged[i].score >= hits[j].score) ? merged[i++] : hits[j++];
    total = n;
    for (n = 0; n < total; ++n) merged[n] = spare[n];
  }
  return total;
}

/* The best class of each box decides: hits takes `boxes`. Returns how many it holds. */
static inline int32_t tulle_ref_detect_by_box(const struct tulle_detection* d, const float* corners,
                                              const float* scores, struct tulle_hit* hits) {
  int32_t count = 0;
  for (int32_t b = 0; b < d->boxes; ++b) {
    const float* row = scores + (int64_t)b * d->columns + d->columns - d->classes;
    struct tulle_hit hit = {row[0], b, 0};
    for (int32_t c = 1; c < d->classes; ++c)
      if (row[c] > hit.score) {
        hit.score = row[c];
        hit.class_index = c;
      }
    if (hit.score >= d->score_limit) hits[count++] = hit;
  }
  return tulle_ref_suppress(d, corners, hits, count, d->most);
}

/* The class that comes after `last` in a row of scores when ordered by falling score, then by class; -1 where none
 * does. */
static inline int32_t tulle_next_class(const float* row, int32_t classes, int32_t last) {
  int32_t next = -1;
  for (int32_t c = 0; c < classes; ++c) {
    if (!(row[c] < row[last] || (row[c] == row[last] && c > last))) continue;
    if (next < 0 || row[c] > row[next]) next = c;
  }
  return next;
}

#endif
