#include "finite.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "kernel_targets.h"
#include "parallel.h"

// Elements of one piece of work, small enough to be looked at in cache after they have been copied.
enum { CHUNK = 1 << 13 };

typedef struct {
  const float *x, *y;
  float limit;
  float *sum;
  size_t count;
  atomic_bool exceeded;
} arguments;

FOR_EACH_INSTRUCTION_SET
static int exceeds(const float *x, float limit, size_t n) {
  int found = 0;
  for (size_t i = 0; i < n; i++) found |= !(fabsf(x[i]) <= limit);
  return found;
}

FOR_EACH_INSTRUCTION_SET
static int sum_exceeds(const float *x, const float *y, float limit, float *restrict sum, size_t n) {
  int found = 0;
  for (size_t i = 0; i < n; i++) {
    float value = x[i] + y[i];
    found |= !(fabsf(value) <= limit);
    sum[i] = value;
  }
  return found;
}

static void chunk(size_t index, void *context) {
  arguments *w = context;
  size_t first = index * CHUNK, n = w->count - first < CHUNK ? w->count - first : CHUNK;
  if (w->sum && !w->y) memcpy(w->sum + first, w->x + first, n * sizeof(float));
  int found = w->y ? sum_exceeds(w->x + first, w->y + first, w->limit, w->sum + first, n)
                   : exceeds(w->x + first, w->limit, n);
  if (found) atomic_store(&w->exceeded, true);
}

static bool within(const float *x, const float *y, float limit, float *sum, size_t count) {
  arguments w = {x, y, limit, sum, count, false};
  ckernels_parallel_for((count + CHUNK - 1) / CHUNK, chunk, &w);
  return !w.exceeded;
}

bool ckernels_all_within(const float *x, float limit, size_t count) { return within(x, NULL, limit, NULL, count); }

bool ckernels_sum_within(const float *x, const float *y, float limit, float *sum, size_t count) {
  return within(x, y, limit, sum, count);
}
