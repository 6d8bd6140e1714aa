/* Non-maximum suppression: picks boxes by falling score and drops, or lowers the score of, those that overlap a picked
 * one. */
#ifndef TULLE_OPS_NON_MAX_SUPPRESSION_REF_H
#define TULLE_OPS_NON_MAX_SUPPRESSION_REF_H

#include <math.h>
#include <stdint.h>

struct tulle_candidate {
  int32_t box;
  float score;
  int32_t compared; /* picked boxes it was compared with */
};

/* Heaps by score. Among equal scores the order is that of the standard library's heap, by which the reference goes. */
static inline void tulle_heap_rise(struct tulle_candidate* heap, int32_t hole, int32_t top,
                                   struct tulle_candidate value) {
  int32_t parent = (hole - 1) / 2;
  while (hole > top && heap[parent].score < value.score) {
    heap[hole] = heap[parent];
    hole = parent;
    parent = (hole - 1) / 2;
  }
  heap[hole] = value;
}

static inline void tulle_heap_push(struct tulle_candidate* heap, int32_t* count, struct tulle_candidate value) {
  tulle_heap_rise(heap, (*count)++, 0, value);
}

static inline struct tulle_candidate tulle_heap_pop(struct tulle_candidate* heap, int32_t* count) {
  const struct tulle_candidate top = heap[0];
  const int32_t length = --*count;
  if (length == 0) return top;
  const struct tulle_candidate last = heap[length];
  int32_t hole = 0;
  while (hole < (length - 1) / 2) {
    int32_t child = 2 * hole + 2;
    if (heap[child].score < heap[child - 1].score) --child;
    heap[hole] = heap[child];
    hole = child;
  }
  if (length % 2 == 0 && hole == (length - 2) / 2) {
    heap[hole] = heap[length - 1];
    hole = length - 1;
  }
  tulle_heap_rise(heap, hole, 0, last);
  return top;
}

static inline float tulle_min_f32(float a, float b) { return b < a ? b : a; }
static inline float tulle_max_f32(float a, float b) { return a < b ? b : a; }

/* Intersection over union of boxes [y1, x1, y2, x2] given by any two opposite corners; 0 where one has no area. */
static inline float tulle_ref_overlap_f32(const float* a, const float* b) {
  const float a_y0 = tulle_min_f32(a[0], a[2]), a_y1 = tulle_max_f32(a[0], a[2]);
  const float a_x0 = tulle_min_f32(a[1], a[3]), a_x1 = tulle_max_f32(a[1], a[3]);
  const float b_y0 = tulle_min_f32(b[0], b[2]), b_y1 = tulle_max_f32(b[0], b[2]);
  const float b_x0 = tulle_min_f32(b[1], b[3]), b_x1 = tulle_max_f32(b[1], b[3]);
  const float a_area = (a_y1 - a_y0) * (a_x1 - a_x0), b_area = (b_y1 - b_y0) * (b_x1 - b_x0);
  if (a_area <= 0.0f || b_area <= 0.0f) return 0.0f;
  const float shared = tulle_max_f32(tulle_min_f32(a_y1, b_y1) - tulle_max_f32(a_y0, b_y0), 0.0f) *
                       tulle_max_f32(tulle_min_f32(a_x1, b_x1) - tulle_max_f32(a_x0, b_x0), 0.0f);
  const float all = a_area + b_area - shared;
  return all == 0.0f ? 0.0f : shared / all;
}

/* Returns how many of `most` were picked. scores_out may be null; scratch takes box_count candidates. A sigma above 0
   lowers scores by overlap. */
static inline int32_t tulle_ref_non_max_suppression(const float* boxes, const float* scores, int32_t box_count,
                                                    int32_t most, float overlap_limit, float score_limit, float sigma,
                                                    int32_t* picked, float* scores_out, struct tulle_candidate* heap) {
  int32_t waiting = 0, count = 0;
  for (int32_t i = 0; i < box_count; ++i) {
    const struct tulle_candidate candidate = {i, scores[i], 0};
    if (scores[i] > score_limit) tulle_heap_push(heap, &waiting, candidate);
  }
  if (most > waiting) most = waiting;
  const float scale = sigma > 0.0f ? -0.5f / sigma : 0.0f;
  while (count < most && waiting > 0) {
    struct tulle_candidate next = tulle_heap_pop(heap, &waiting);
    const float score = next.score;
    int dropped = 0;
    for (int32_t j = count - 1; j >= next.compared; --j) {
      const float overlap = tulle_ref_overlap_f32(boxes + 4 * (int64_t)next.box, boxes + 4 * (int64_t)picked[j]);
      dropped = overlap >= overlap_limit;
      if (dropped) break;
      if (sigma > 0.0f) next.score *= expf(scale * overlap * overlap);
      if (next.score <= score_limit) break;
    }
    next.compared = count;
    if (dropped) continue;
    if (next.score == score) {
      picked[count] = next.box;
      if (scores_out) scores_out[count] = next.score;
      ++count;
    }
    /* A picked box goes back, too, as in the reference: its overlap with itself drops it the next time, unless it has
       no area or the limit is above 1. */
    if (next.score > score_limit) tulle_heap_push(heap, &waiting, next);
  }
  return count;
}

#endif
