#include "reduction.h"

#include <math.h>
#include <string.h>

#include "elements.h"
#include "kernel_targets.h"
#include "parallel.h"

// A run of RUN elements is summed in LANES float lanes, then added to a double.
enum { LANES = 16, RUN = 64 * LANES };

FOR_EACH_INSTRUCTION_SET
static double sum_run(const float *x, size_t n) {
  float lanes[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int l = 0; l < LANES; l++) lanes[l] += x[i + l];
  double total = 0;
  for (int l = 0; l < LANES; l++) total += lanes[l];
  for (; i < n; i++) total += x[i];
  return total;
}

double ckernels_sum(const float *x, size_t count) {
  double total = 0;
  for (size_t first = 0; first < count; first += RUN)
    total += sum_run(x + first, count - first < RUN ? count - first : RUN);
  return total;
}

FOR_EACH_INSTRUCTION_SET
static double sum_squares_run(const float *x, size_t n) {
  double lanes[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int l = 0; l < LANES; l++) lanes[l] += (double)x[i + l] * x[i + l];
  double total = 0;
  for (int l = 0; l < LANES; l++) total += lanes[l];
  for (; i < n; i++) total += (double)x[i] * x[i];
  return total;
}

double ckernels_sum_of_squares(const float *x, size_t count) {
  double total = 0;
  for (size_t first = 0; first < count; first += RUN)
    total += sum_squares_run(x + first, count - first < RUN ? count - first : RUN);
  return total;
}

typedef struct {
  const void *x;
  size_t middle, inner;
  float *result;
  bool half;
} middle_arguments;

INLINE void sum_column_elements(const void *x, size_t middle, size_t inner, float *r, bool half) {
  enum { COLUMNS = 256 };
  for (size_t first = 0; first < inner; first += COLUMNS) {
    size_t n = inner - first < COLUMNS ? inner - first : COLUMNS;
    double total[COLUMNS] = {0};
    for (size_t m = 0; m < middle; m++)
      for (size_t i = 0; i < n; i++) total[i] += element(x, m * inner + first + i, half);
    for (size_t i = 0; i < n; i++) r[first + i] = (float)total[i];
  }
}

FOR_EACH_INSTRUCTION_SET
static void sum_columns(const void *x, size_t middle, size_t inner, float *r, bool half) {
#define CALL(half) sum_column_elements(x, middle, inner, r, half)
  FOR_ELEMENT_TYPE(half, CALL);
#undef CALL
}

static void sum_middle_one(size_t o, void *context) {
  const middle_arguments *w = context;
  const void *x = from_element(w->x, o * w->middle * w->inner, w->half);
  float *r = w->result + o * w->inner;
  if (w->inner == 1 && !w->half) {
    *r = (float)ckernels_sum(x, w->middle);
  } else {
    sum_columns(x, w->middle, w->inner, r, w->half);
  }
}

void ckernels_sum_middle(const void *x, size_t outer, size_t middle, size_t inner, ckernels_element_type type,
                         float *result) {
  middle_arguments w = {x, middle, inner, result, type == CKERNELS_BFLOAT16};
  ckernels_parallel_for(outer, sum_middle_one, &w);
}

static void repeat_middle_one(size_t o, void *context) {
  const middle_arguments *w = context;
  const float *x = (const float *)w->x + o * w->inner;
  float *r = w->result + o * w->middle * w->inner;
  for (size_t m = 0; m < w->middle; m++) {
    if (w->inner == 1) {
      r[m] = *x;
    } else {
      memcpy(r + m * w->inner, x, w->inner * sizeof(float));
    }
  }
}

void ckernels_repeat_middle(const float *x, size_t outer, size_t middle, size_t inner, float *result) {
  middle_arguments w = {x, middle, inner, result, false};
  ckernels_parallel_for(outer, repeat_middle_one, &w);
}

typedef struct {
  const void *a, *b;
  const float *guide;
  float scale;
  size_t first_plane, planes, pixels, inner;
  void *result;
  double *totals;
  bool half;
} l1_arguments;

INLINE double l1_elements(const void *a, const void *b, const float *guide, size_t pixels, size_t inner, bool half) {
#define DIFFERENCE(i) fabsf(element(a, i, half) - element(b, i, half))
  double total = 0;
  size_t step = RUN / inner;
  for (size_t first = 0; first < pixels; first += step) {
    size_t n = pixels - first < step ? pixels - first : step, at = first * inner;
    float lanes[LANES] = {0};
    if (!guide || inner == 1) {
      size_t i = 0, count = n * inner;
      for (; i + LANES <= count; i += LANES)
        for (size_t l = 0; l < LANES; l++)
          lanes[l] += DIFFERENCE(at + i + l) * (guide ? 1 + guide[first + i + l] : 1);
      for (; i < count; i++) lanes[0] += DIFFERENCE(at + i) * (guide ? 1 + guide[first + i] : 1);
    } else {
      for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < inner; l++) lanes[l] += DIFFERENCE(at + i * inner + l) * (1 + guide[first + i]);
    }
    for (int l = 0; l < LANES; l++) total += lanes[l];
  }
  return total;
#undef DIFFERENCE
}

FOR_EACH_INSTRUCTION_SET
static double l1_plane(const void *a, const void *b, const float *guide, size_t pixels, size_t inner, bool half) {
  return half ? l1_elements(a, b, guide, pixels, inner, true) : l1_elements(a, b, guide, pixels, inner, false);
}

static const float *guide_of(const l1_arguments *w, size_t plane) {
  return w->guide ? w->guide + plane / w->planes * w->pixels : NULL;
}

static void l1_one(size_t index, void *context) {
  const l1_arguments *w = context;
  size_t plane = w->first_plane + index, at = plane * w->pixels * w->inner;
  w->totals[index] = l1_plane(from_element(w->a, at, w->half), from_element(w->b, at, w->half), guide_of(w, plane),
                              w->pixels, w->inner, w->half);
}

double ckernels_guided_l1(const void *a, const void *b, const float *guide, size_t batch, size_t planes, size_t pixels,
                          size_t inner, ckernels_element_type type) {
  enum { GROUP = 256 };
  double total = 0, totals[GROUP];
  for (size_t first = 0; first < batch * planes; first += GROUP) {
    size_t n = batch * planes - first < GROUP ? batch * planes - first : GROUP;
    l1_arguments w = {a, b, guide, 0, first, planes, pixels, inner, NULL, totals, type == CKERNELS_BFLOAT16};
    ckernels_parallel_for(n, l1_one, &w);
    for (size_t i = 0; i < n; i++) total += totals[i];
  }
  return total;
}

INLINE void l1_gradient_elements(const void *a, const void *b, const float *guide, float scale, size_t pixels,
                                 size_t inner, void *r, bool half) {
  for (size_t i = 0; i < pixels; i++) {
    float weight = guide ? scale * (1 + guide[i]) : scale;
    for (size_t l = 0; l < inner; l++) {
      float d = element(a, i * inner + l, half) - element(b, i * inner + l, half);
      set_element(r, i * inner + l, d > 0 ? weight : d < 0 ? -weight : 0, half);
    }
  }
}

FOR_EACH_INSTRUCTION_SET
static void l1_gradient_plane(const void *a, const void *b, const float *guide, float scale, size_t pixels,
                              size_t inner, void *r, bool half) {
#define CALL(half) l1_gradient_elements(a, b, guide, scale, pixels, inner, r, half)
  FOR_ELEMENT_TYPE(half, CALL);
#undef CALL
}

static void l1_gradient_one(size_t index, void *context) {
  const l1_arguments *w = context;
  size_t at = index * w->pixels * w->inner;
  l1_gradient_plane(from_element(w->a, at, w->half), from_element(w->b, at, w->half), guide_of(w, index), w->scale,
                    w->pixels, w->inner, from_mutable_element(w->result, at, w->half), w->half);
}

void ckernels_guided_l1_gradient(const void *a, const void *b, const float *guide, float scale, size_t batch,
                                 size_t planes, size_t pixels, size_t inner, ckernels_element_type type, void *result) {
  l1_arguments w = {a, b, guide, scale, 0, planes, pixels, inner, result, NULL, type == CKERNELS_BFLOAT16};
  ckernels_parallel_for(batch * planes, l1_gradient_one, &w);
}
