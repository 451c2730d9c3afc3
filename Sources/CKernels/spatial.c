#include "spatial.h"

#include <string.h>

#include "kernel_targets.h"
#include "parallel.h"

typedef struct {
  const float *x, *v;
  float *y;
  float factor;
  size_t planes, height, width, lanes, out_height, out_width;
  const int32_t *tops, *lefts;
} arguments;

// MARK: - Pooling

FOR_EACH_INSTRUCTION_SET
static void max_pool_plane(const float *x, size_t height, size_t width, size_t lanes, float *y) {
  size_t row = width * lanes;
  for (size_t h = 0; h < height / 2; h++)
    for (size_t w = 0; w < width / 2; w++)
      for (size_t l = 0; l < lanes; l++) {
        const float *p = x + 2 * h * row + 2 * w * lanes + l;
        float a = p[0] > p[lanes] ? p[0] : p[lanes], b = p[row] > p[row + lanes] ? p[row] : p[row + lanes];
        y[(h * (width / 2) + w) * lanes + l] = a > b ? a : b;
      }
}

static void max_pool_one(size_t plane, void *context) {
  const arguments *w = context;
  max_pool_plane(w->x + plane * w->height * w->width * w->lanes, w->height, w->width, w->lanes,
                 w->y + plane * (w->height / 2) * (w->width / 2) * w->lanes);
}

void ckernels_max_pool(const float *x, size_t planes, size_t height, size_t width, size_t lanes, float *y) {
  arguments w = {.x = x, .y = y, .height = height, .width = width, .lanes = lanes};
  ckernels_parallel_for(planes, max_pool_one, &w);
}

// Which of the four values of a window is the first largest: 0, 1 (right), 2 (below) or 3.
static inline int first_largest(const float *p, size_t row, size_t lanes) {
  float best = p[0];
  int at = 0;
  if (p[lanes] > best) best = p[lanes], at = 1;
  if (p[row] > best) best = p[row], at = 2;
  if (p[row + lanes] > best) at = 3;
  return at;
}

FOR_EACH_INSTRUCTION_SET
static void max_pool_gradient_plane(const float *x, const float *dy, size_t height, size_t width, size_t lanes,
                                    float *dx) {
  size_t row = width * lanes;
  if (height % 2 || width % 2) memset(dx, 0, height * row * sizeof(float));
  for (size_t h = 0; h < height / 2; h++)
    for (size_t w = 0; w < width / 2; w++)
      for (size_t l = 0; l < lanes; l++) {
        size_t at = 2 * h * row + 2 * w * lanes + l;
        int chosen = first_largest(x + at, row, lanes);
        float g = dy[(h * (width / 2) + w) * lanes + l];
        dx[at] = chosen == 0 ? g : 0;
        dx[at + lanes] = chosen == 1 ? g : 0;
        dx[at + row] = chosen == 2 ? g : 0;
        dx[at + row + lanes] = chosen == 3 ? g : 0;
      }
}

static void max_pool_gradient_one(size_t plane, void *context) {
  const arguments *w = context;
  size_t at = plane * w->height * w->width * w->lanes;
  max_pool_gradient_plane(w->x + at, w->v + plane * (w->height / 2) * (w->width / 2) * w->lanes, w->height, w->width,
                          w->lanes, w->y + at);
}

void ckernels_max_pool_gradient(const float *x, const float *dy, size_t planes, size_t height, size_t width,
                                size_t lanes, float *dx) {
  arguments w = {.x = x, .v = dy, .y = dx, .height = height, .width = width, .lanes = lanes};
  ckernels_parallel_for(planes, max_pool_gradient_one, &w);
}

static void max_pool_select_one(size_t plane, void *context) {
  const arguments *w = context;
  size_t row = w->width * w->lanes, base = plane * w->height * row;
  float *y = w->y + plane * (w->height / 2) * (w->width / 2) * w->lanes;
  for (size_t h = 0; h < w->height / 2; h++)
    for (size_t c = 0; c < w->width / 2; c++)
      for (size_t l = 0; l < w->lanes; l++) {
        size_t at = base + 2 * h * row + 2 * c * w->lanes + l;
        int chosen = first_largest(w->x + at, row, w->lanes);
        *y++ = w->v[at + (chosen & 1) * w->lanes + (chosen >> 1) * row];
      }
}

void ckernels_max_pool_select(const float *x, const float *v, size_t planes, size_t height, size_t width, size_t lanes,
                              float *y) {
  arguments w = {.x = x, .v = v, .y = y, .height = height, .width = width, .lanes = lanes};
  ckernels_parallel_for(planes, max_pool_select_one, &w);
}

static void sum_pool_one(size_t plane, void *context) {
  const arguments *w = context;
  size_t row = w->width * w->lanes;
  const float *x = w->x + plane * w->height * row;
  float *y = w->y + plane * (w->height / 2) * (w->width / 2) * w->lanes;
  for (size_t h = 0; h < w->height / 2; h++)
    for (size_t c = 0; c < w->width / 2; c++)
      for (size_t l = 0; l < w->lanes; l++) {
        const float *p = x + 2 * h * row + 2 * c * w->lanes + l;
        *y++ = w->factor * ((p[0] + p[w->lanes]) + (p[row] + p[row + w->lanes]));
      }
}

void ckernels_sum_pool(const float *x, float factor, size_t planes, size_t height, size_t width, size_t lanes,
                       float *y) {
  arguments w = {.x = x, .y = y, .factor = factor, .height = height, .width = width, .lanes = lanes};
  ckernels_parallel_for(planes, sum_pool_one, &w);
}

static void upsample_one(size_t plane, void *context) {
  const arguments *w = context;
  const float *x = w->x + plane * w->height * w->width * w->lanes;
  float *y = w->y + plane * w->out_height * w->out_width * w->lanes;
  for (size_t h = 0; h < w->out_height; h++)
    for (size_t c = 0; c < w->out_width; c++)
      for (size_t l = 0; l < w->lanes; l++)
        *y++ = h / 2 < w->height && c / 2 < w->width ? w->factor * x[((h / 2) * w->width + c / 2) * w->lanes + l] : 0;
}

void ckernels_upsample(const float *x, float factor, size_t planes, size_t height, size_t width, size_t lanes,
                       size_t out_height, size_t out_width, float *y) {
  arguments w = {.x = x, .y = y, .factor = factor, .height = height, .width = width, .lanes = lanes,
                 .out_height = out_height, .out_width = out_width};
  ckernels_parallel_for(planes, upsample_one, &w);
}

// MARK: - Windows

static void crop_one(size_t plane, void *context) {
  const arguments *w = context;
  size_t image = plane / w->planes;
  const float *x = w->x + plane * w->height * w->width * w->lanes;
  float *y = w->y + plane * w->out_height * w->out_width * w->lanes;
  for (size_t h = 0; h < w->out_height; h++)
    memcpy(y + h * w->out_width * w->lanes,
           x + (((size_t)w->tops[image] + h) * w->width + (size_t)w->lefts[image]) * w->lanes,
           w->out_width * w->lanes * sizeof(float));
}

void ckernels_crop(const float *x, size_t batch, size_t planes, size_t height, size_t width, size_t lanes,
                   const int32_t *tops, const int32_t *lefts, size_t window_height, size_t window_width, float *y) {
  arguments w = {.x = x, .y = y, .planes = planes, .height = height, .width = width, .lanes = lanes,
                 .out_height = window_height, .out_width = window_width, .tops = tops, .lefts = lefts};
  ckernels_parallel_for(batch * planes, crop_one, &w);
}

static void paste_one(size_t plane, void *context) {
  const arguments *w = context;
  size_t image = plane / w->planes;
  const float *x = w->x + plane * w->out_height * w->out_width * w->lanes;
  float *y = w->y + plane * w->height * w->width * w->lanes;
  memset(y, 0, w->height * w->width * w->lanes * sizeof(float));
  for (size_t h = 0; h < w->out_height; h++)
    memcpy(y + (((size_t)w->tops[image] + h) * w->width + (size_t)w->lefts[image]) * w->lanes,
           x + h * w->out_width * w->lanes, w->out_width * w->lanes * sizeof(float));
}

void ckernels_paste(const float *x, size_t batch, size_t planes, size_t height, size_t width, size_t lanes,
                    const int32_t *tops, const int32_t *lefts, size_t window_height, size_t window_width, float *y) {
  arguments w = {.x = x, .y = y, .planes = planes, .height = height, .width = width, .lanes = lanes,
                 .out_height = window_height, .out_width = window_width, .tops = tops, .lefts = lefts};
  ckernels_parallel_for(batch * planes, paste_one, &w);
}
