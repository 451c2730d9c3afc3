#include "reduction.h"

#include <math.h>
#include <string.h>

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

typedef struct {
  const float *x;
  size_t middle, inner;
  float *result;
} middle_arguments;

static void sum_middle_one(size_t o, void *context) {
  const middle_arguments *w = context;
  const float *x = w->x + o * w->middle * w->inner;
  float *r = w->result + o * w->inner;
  if (w->inner == 1) {
    *r = (float)ckernels_sum(x, w->middle);
    return;
  }
  enum { COLUMNS = 256 };
  for (size_t first = 0; first < w->inner; first += COLUMNS) {
    size_t n = w->inner - first < COLUMNS ? w->inner - first : COLUMNS;
    double total[COLUMNS] = {0};
    for (size_t m = 0; m < w->middle; m++)
      for (size_t i = 0; i < n; i++) total[i] += x[m * w->inner + first + i];
    for (size_t i = 0; i < n; i++) r[first + i] = (float)total[i];
  }
}

void ckernels_sum_middle(const float *x, size_t outer, size_t middle, size_t inner, float *result) {
  middle_arguments w = {x, middle, inner, result};
  ckernels_parallel_for(outer, sum_middle_one, &w);
}

static void repeat_middle_one(size_t o, void *context) {
  const middle_arguments *w = context;
  const float *x = w->x + o * w->inner;
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
  middle_arguments w = {x, middle, inner, result};
  ckernels_parallel_for(outer, repeat_middle_one, &w);
}

typedef struct {
  const float *a, *b, *guide;
  float scale;
  size_t first_plane, planes, pixels, inner;
  float *result;
  double *totals;
} l1_arguments;

FOR_EACH_INSTRUCTION_SET
static double l1_plane(const float *a, const float *b, const float *guide, size_t pixels, size_t inner) {
  double total = 0;
  size_t step = RUN / inner;
  for (size_t first = 0; first < pixels; first += step) {
    size_t n = pixels - first < step ? pixels - first : step;
    const float *ap = a + first * inner, *bp = b + first * inner;
    float lanes[LANES] = {0};
    if (!guide || inner == 1) {
      size_t i = 0, count = n * inner;
      for (; i + LANES <= count; i += LANES)
        for (int l = 0; l < LANES; l++)
          lanes[l] += fabsf(ap[i + l] - bp[i + l]) * (guide ? 1 + guide[first + i + l] : 1);
      for (; i < count; i++) lanes[0] += fabsf(ap[i] - bp[i]) * (guide ? 1 + guide[first + i] : 1);
    } else {
      for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < inner; l++)
          lanes[l] += fabsf(ap[i * inner + l] - bp[i * inner + l]) * (1 + guide[first + i]);
    }
    for (int l = 0; l < LANES; l++) total += lanes[l];
  }
  return total;
}

static void l1_one(size_t index, void *context) {
  const l1_arguments *w = context;
  size_t plane = w->first_plane + index, at = plane * w->pixels * w->inner;
  w->totals[index] = l1_plane(w->a + at, w->b + at, w->guide ? w->guide + plane / w->planes * w->pixels : NULL,
                              w->pixels, w->inner);
}

double ckernels_guided_l1(const float *a, const float *b, const float *guide, size_t batch, size_t planes,
                          size_t pixels, size_t inner) {
  enum { GROUP = 256 };
  double total = 0, totals[GROUP];
  for (size_t first = 0; first < batch * planes; first += GROUP) {
    size_t n = batch * planes - first < GROUP ? batch * planes - first : GROUP;
    l1_arguments w = {a, b, guide, 0, first, planes, pixels, inner, NULL, totals};
    ckernels_parallel_for(n, l1_one, &w);
    for (size_t i = 0; i < n; i++) total += totals[i];
  }
  return total;
}

FOR_EACH_INSTRUCTION_SET
static void l1_gradient_plane(const float *a, const float *b, const float *guide, float scale, size_t pixels,
                              size_t inner, float *r) {
  for (size_t i = 0; i < pixels; i++) {
    float weight = guide ? scale * (1 + guide[i]) : scale;
    for (size_t l = 0; l < inner; l++) {
      float d = a[i * inner + l] - b[i * inner + l];
      r[i * inner + l] = d > 0 ? weight : d < 0 ? -weight : 0;
    }
  }
}

static void l1_gradient_one(size_t index, void *context) {
  const l1_arguments *w = context;
  size_t at = index * w->pixels * w->inner;
  l1_gradient_plane(w->a + at, w->b + at, w->guide ? w->guide + index / w->planes * w->pixels : NULL, w->scale,
                    w->pixels, w->inner, w->result + at);
}

void ckernels_guided_l1_gradient(const float *a, const float *b, const float *guide, float scale, size_t batch,
                                 size_t planes, size_t pixels, size_t inner, float *result) {
  l1_arguments w = {a, b, guide, scale, 0, planes, pixels, inner, result, NULL};
  ckernels_parallel_for(batch * planes, l1_gradient_one, &w);
}
