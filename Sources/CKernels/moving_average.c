#include "moving_average.h"

#include "kernel_targets.h"
#include "parallel.h"

enum { CHUNK = 1 << 14 };

typedef struct {
  float *average;
  const float *x;
  float weight;
  size_t count;
} arguments;

FOR_EACH_INSTRUCTION_SET
static void average_range(float *restrict average, const float *restrict x, float weight, size_t n) {
  for (size_t i = 0; i < n; i++) average[i] += weight * (x[i] - average[i]);
}

static void chunk(size_t index, void *context) {
  const arguments *w = context;
  size_t first = index * CHUNK, n = w->count - first < CHUNK ? w->count - first : CHUNK;
  average_range(w->average + first, w->x + first, w->weight, n);
}

void ckernels_moving_average(float *average, const float *x, float weight, size_t count) {
  arguments w = {average, x, weight, count};
  ckernels_parallel_for((count + CHUNK - 1) / CHUNK, chunk, &w);
}
