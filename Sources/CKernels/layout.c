#include <string.h>

#include "kernel_targets.h"
#include "parallel.h"
#include "spatial.h"

typedef struct {
  const float *x;
  float *y;
  size_t channels, pixels, block, planes;
} arguments;

FOR_EACH_INSTRUCTION_SET
static void to_blocked_plane(const float *x, size_t channels, size_t pixels, size_t block, float *y) {
  for (size_t p = 0; p < pixels; p++)
    for (size_t c = 0; c < block; c++) y[p * block + c] = c < channels ? x[c * pixels + p] : 0;
}

FOR_EACH_INSTRUCTION_SET
static void to_plain_plane(const float *x, size_t channels, size_t pixels, size_t block, float *y) {
  for (size_t c = 0; c < channels; c++)
    for (size_t p = 0; p < pixels; p++) y[c * pixels + p] = x[p * block + c];
}

static size_t channels_of_plane(const arguments *w, size_t plane) {
  size_t first = plane * w->block;
  return w->channels - first < w->block ? w->channels - first : w->block;
}

static void to_blocked_one(size_t index, void *context) {
  const arguments *w = context;
  size_t image = index / w->planes, plane = index % w->planes;
  to_blocked_plane(w->x + (image * w->channels + plane * w->block) * w->pixels, channels_of_plane(w, plane), w->pixels,
                   w->block, w->y + index * w->pixels * w->block);
}

static void to_plain_one(size_t index, void *context) {
  const arguments *w = context;
  size_t image = index / w->planes, plane = index % w->planes;
  to_plain_plane(w->x + index * w->pixels * w->block, channels_of_plane(w, plane), w->pixels, w->block,
                 w->y + (image * w->channels + plane * w->block) * w->pixels);
}

void ckernels_plain_to_blocked(const float *x, size_t batch, size_t channels, size_t pixels, size_t block, float *y) {
  arguments w = {x, y, channels, pixels, block, (channels + block - 1) / block};
  ckernels_parallel_for(batch * w.planes, to_blocked_one, &w);
}

void ckernels_blocked_to_plain(const float *x, size_t batch, size_t channels, size_t pixels, size_t block, float *y) {
  arguments w = {x, y, channels, pixels, block, (channels + block - 1) / block};
  ckernels_parallel_for(batch * w.planes, to_plain_one, &w);
}
