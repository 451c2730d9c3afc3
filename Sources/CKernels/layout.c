#include <string.h>

#include "elements.h"
#include "kernel_targets.h"
#include "parallel.h"
#include "spatial.h"

typedef struct {
  const void *x;
  void *y;
  size_t channels, pixels, block, planes;
  bool half;
} arguments;

INLINE void to_blocked_elements(const float *x, size_t channels, size_t pixels, size_t block, void *y, bool half) {
  for (size_t p = 0; p < pixels; p++)
    for (size_t c = 0; c < block; c++) set_element(y, p * block + c, c < channels ? x[c * pixels + p] : 0, half);
}

FOR_EACH_INSTRUCTION_SET
static void to_blocked_plane(const float *x, size_t channels, size_t pixels, size_t block, void *y, bool half) {
#define CALL(half) to_blocked_elements(x, channels, pixels, block, y, half)
  FOR_ELEMENT_TYPE(half, CALL);
#undef CALL
}

INLINE void to_plain_elements(const void *x, size_t channels, size_t pixels, size_t block, float *y, bool half) {
  for (size_t c = 0; c < channels; c++)
    for (size_t p = 0; p < pixels; p++) y[c * pixels + p] = element(x, p * block + c, half);
}

FOR_EACH_INSTRUCTION_SET
static void to_plain_plane(const void *x, size_t channels, size_t pixels, size_t block, float *y, bool half) {
#define CALL(half) to_plain_elements(x, channels, pixels, block, y, half)
  FOR_ELEMENT_TYPE(half, CALL);
#undef CALL
}

static size_t channels_of_plane(const arguments *w, size_t plane) {
  size_t first = plane * w->block;
  return w->channels - first < w->block ? w->channels - first : w->block;
}

static void to_blocked_one(size_t index, void *context) {
  const arguments *w = context;
  size_t image = index / w->planes, plane = index % w->planes;
  to_blocked_plane((const float *)w->x + (image * w->channels + plane * w->block) * w->pixels,
                   channels_of_plane(w, plane), w->pixels, w->block,
                   from_mutable_element(w->y, index * w->pixels * w->block, w->half), w->half);
}

static void to_plain_one(size_t index, void *context) {
  const arguments *w = context;
  size_t image = index / w->planes, plane = index % w->planes;
  to_plain_plane(from_element(w->x, index * w->pixels * w->block, w->half), channels_of_plane(w, plane), w->pixels,
                 w->block, (float *)w->y + (image * w->channels + plane * w->block) * w->pixels, w->half);
}

void ckernels_plain_to_blocked(const float *x, size_t batch, size_t channels, size_t pixels, size_t block,
                               ckernels_element_type type, void *y) {
  arguments w = {x, y, channels, pixels, block, (channels + block - 1) / block, type == CKERNELS_BFLOAT16};
  ckernels_parallel_for(batch * w.planes, to_blocked_one, &w);
}

void ckernels_blocked_to_plain(const void *x, size_t batch, size_t channels, size_t pixels, size_t block,
                               ckernels_element_type type, float *y) {
  arguments w = {x, y, channels, pixels, block, (channels + block - 1) / block, type == CKERNELS_BFLOAT16};
  ckernels_parallel_for(batch * w.planes, to_plain_one, &w);
}

enum { CHUNK = 1 << 14 };

typedef struct {
  const void *x;
  void *y;
  size_t count;
  bool to_half;
} type_arguments;

FOR_EACH_INSTRUCTION_SET
static void convert_range(const void *x, size_t n, void *y, bool to_half) {
  if (to_half) {
    for (size_t i = 0; i < n; i++) set_element(y, i, element(x, i, false), true);
  } else {
    for (size_t i = 0; i < n; i++) set_element(y, i, element(x, i, true), false);
  }
}

static void convert_one(size_t index, void *context) {
  const type_arguments *w = context;
  size_t first = index * CHUNK, n = w->count - first < CHUNK ? w->count - first : CHUNK;
  convert_range(from_element(w->x, first, !w->to_half), n, from_mutable_element(w->y, first, w->to_half), w->to_half);
}

void ckernels_to_bfloat16(const float *x, size_t count, void *y) {
  type_arguments w = {x, y, count, true};
  ckernels_parallel_for((count + CHUNK - 1) / CHUNK, convert_one, &w);
}

void ckernels_from_bfloat16(const void *x, size_t count, float *y) {
  type_arguments w = {x, y, count, false};
  ckernels_parallel_for((count + CHUNK - 1) / CHUNK, convert_one, &w);
}
