#include "finite.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "kernel_targets.h"
#include "parallel.h"

// Elements of one piece of work, small enough to be looked at in cache after they have been copied.
enum { CHUNK = 1 << 13 };

typedef struct {
  const float *x;
  float limit;
  float *copy;
  size_t count;
  atomic_bool exceeded;
} arguments;

FOR_EACH_INSTRUCTION_SET
static int exceeds(const float *x, float limit, size_t n) {
  int found = 0;
  for (size_t i = 0; i < n; i++) found |= !(fabsf(x[i]) <= limit);
  return found;
}

static void chunk(size_t index, void *context) {
  arguments *w = context;
  size_t first = index * CHUNK, n = w->count - first < CHUNK ? w->count - first : CHUNK;
  if (w->copy) memcpy(w->copy + first, w->x + first, n * sizeof(float));
  if (exceeds(w->x + first, w->limit, n)) atomic_store(&w->exceeded, true);
}

bool ckernels_all_within(const float *x, float limit, float *copy, size_t count) {
  arguments w = {x, limit, copy, count, false};
  ckernels_parallel_for((count + CHUNK - 1) / CHUNK, chunk, &w);
  return !w.exceeded;
}
