#include "spatial.h"

#include <string.h>

#include "elements.h"
#include "kernel_targets.h"
#include "parallel.h"

typedef struct {
  const void *x, *v;
  void *y;
  float factor;
  size_t planes, height, width, lanes, out_height, out_width;
  const int32_t *tops, *lefts;
  bool half;
} arguments;

static bool is_half(ckernels_element_type type) { return type == CKERNELS_BFLOAT16; }

// MARK: - Pooling

INLINE void max_pool_elements(const void *x, size_t height, size_t width, size_t lanes, void *y, bool half) {
#define X(i) element(x, i, half)
  size_t row = width * lanes;
  for (size_t h = 0; h < height / 2; h++)
    for (size_t w = 0; w < width / 2; w++)
      for (size_t l = 0; l < lanes; l++) {
        size_t p = 2 * h * row + 2 * w * lanes + l;
        float a = X(p) > X(p + lanes) ? X(p) : X(p + lanes);
        float b = X(p + row) > X(p + row + lanes) ? X(p + row) : X(p + row + lanes);
        set_element(y, (h * (width / 2) + w) * lanes + l, a > b ? a : b, half);
      }
#undef X
}

FOR_EACH_INSTRUCTION_SET
static void max_pool_plane(const void *x, size_t height, size_t width, size_t lanes, void *y, bool half) {
#define CALL(half) max_pool_elements(x, height, width, lanes, y, half)
  FOR_ELEMENT_TYPE(half, CALL);
#undef CALL
}

static const void *plane_of(const arguments *w, const void *x, size_t plane) {
  return from_element(x, plane * w->height * w->width * w->lanes, w->half);
}

static void *pooled_plane(const arguments *w, size_t plane) {
  return from_mutable_element(w->y, plane * (w->height / 2) * (w->width / 2) * w->lanes, w->half);
}

static void max_pool_one(size_t plane, void *context) {
  const arguments *w = context;
  max_pool_plane(plane_of(w, w->x, plane), w->height, w->width, w->lanes, pooled_plane(w, plane), w->half);
}

void ckernels_max_pool(const void *x, size_t planes, size_t height, size_t width, size_t lanes,
                       ckernels_element_type type, void *y) {
  arguments w = {.x = x, .y = y, .height = height, .width = width, .lanes = lanes, .half = is_half(type)};
  ckernels_parallel_for(planes, max_pool_one, &w);
}

// Which of the four values of a window is the first largest: 0, 1 (right), 2 (below) or 3.
INLINE int first_largest(const void *x, size_t p, size_t row, size_t lanes, bool half) {
  float first = element(x, p, half), right = element(x, p + lanes, half);
  float below = element(x, p + row, half), last = element(x, p + row + lanes, half);
  float upper = right > first ? right : first, best = below > upper ? below : upper;
  return last > best ? 3 : below > upper ? 2 : right > first ? 1 : 0;
}

INLINE void max_pool_gradient_elements(const void *x, const void *dy, size_t height, size_t width, size_t lanes,
                                       void *restrict dx, bool half) {
  size_t row = width * lanes;
  if (height % 2 || width % 2) memset(dx, 0, height * row * element_size(half));
  for (size_t h = 0; h < height / 2; h++)
    for (size_t w = 0; w < width / 2; w++) {
      // The four windows do not overlap, which the compiler cannot know.
      _Pragma("clang loop vectorize(assume_safety)") for (size_t l = 0; l < lanes; l++) {
        size_t at = 2 * h * row + 2 * w * lanes + l;
        int chosen = first_largest(x, at, row, lanes, half);
        float g = element(dy, (h * (width / 2) + w) * lanes + l, half);
        set_element(dx, at, chosen == 0 ? g : 0, half);
        set_element(dx, at + lanes, chosen == 1 ? g : 0, half);
        set_element(dx, at + row, chosen == 2 ? g : 0, half);
        set_element(dx, at + row + lanes, chosen == 3 ? g : 0, half);
      }
    }
}

FOR_EACH_INSTRUCTION_SET
static void max_pool_gradient_plane(const void *x, const void *dy, size_t height, size_t width, size_t lanes, void *dx,
                                    bool half) {
#define CALL(half) max_pool_gradient_elements(x, dy, height, width, lanes, dx, half)
  FOR_ELEMENT_TYPE(half, CALL);
#undef CALL
}

static void max_pool_gradient_one(size_t plane, void *context) {
  const arguments *w = context;
  size_t pooled = plane * (w->height / 2) * (w->width / 2) * w->lanes;
  max_pool_gradient_plane(plane_of(w, w->x, plane), from_element(w->v, pooled, w->half), w->height, w->width, w->lanes,
                          (void *)plane_of(w, w->y, plane), w->half);
}

void ckernels_max_pool_gradient(const void *x, const void *dy, size_t planes, size_t height, size_t width,
                                size_t lanes, ckernels_element_type type, void *dx) {
  arguments w = {.x = x, .v = dy, .y = dx, .height = height, .width = width, .lanes = lanes, .half = is_half(type)};
  ckernels_parallel_for(planes, max_pool_gradient_one, &w);
}

static void max_pool_select_one(size_t plane, void *context) {
  const arguments *w = context;
  const void *x = plane_of(w, w->x, plane), *v = plane_of(w, w->v, plane);
  void *y = pooled_plane(w, plane);
  size_t row = w->width * w->lanes, i = 0;
  for (size_t h = 0; h < w->height / 2; h++)
    for (size_t c = 0; c < w->width / 2; c++)
      for (size_t l = 0; l < w->lanes; l++) {
        size_t at = 2 * h * row + 2 * c * w->lanes + l;
        int chosen = first_largest(x, at, row, w->lanes, w->half);
        float value = element(v, at + (size_t)(chosen & 1) * w->lanes + (size_t)(chosen >> 1) * row, w->half);
        set_element(y, i++, value, w->half);
      }
}

void ckernels_max_pool_select(const void *x, const void *v, size_t planes, size_t height, size_t width, size_t lanes,
                              ckernels_element_type type, void *y) {
  arguments w = {.x = x, .v = v, .y = y, .height = height, .width = width, .lanes = lanes, .half = is_half(type)};
  ckernels_parallel_for(planes, max_pool_select_one, &w);
}

INLINE void sum_pool_elements(const void *x, float factor, size_t height, size_t width, size_t lanes, void *y,
                              bool half) {
#define X(i) element(x, i, half)
  size_t row = width * lanes;
  for (size_t h = 0; h < height / 2; h++)
    for (size_t c = 0; c < width / 2; c++)
      for (size_t l = 0; l < lanes; l++) {
        size_t p = 2 * h * row + 2 * c * lanes + l;
        float sum = (X(p) + X(p + lanes)) + (X(p + row) + X(p + row + lanes));
        set_element(y, (h * (width / 2) + c) * lanes + l, factor * sum, half);
      }
#undef X
}

FOR_EACH_INSTRUCTION_SET
static void sum_pool_plane(const void *x, float factor, size_t height, size_t width, size_t lanes, void *y, bool half) {
#define CALL(half) sum_pool_elements(x, factor, height, width, lanes, y, half)
  FOR_ELEMENT_TYPE(half, CALL);
#undef CALL
}

static void sum_pool_one(size_t plane, void *context) {
  const arguments *w = context;
  sum_pool_plane(plane_of(w, w->x, plane), w->factor, w->height, w->width, w->lanes, pooled_plane(w, plane), w->half);
}

void ckernels_sum_pool(const void *x, float factor, size_t planes, size_t height, size_t width, size_t lanes,
                       ckernels_element_type type, void *y) {
  arguments w = {.x = x, .y = y, .factor = factor, .height = height, .width = width, .lanes = lanes,
                 .half = is_half(type)};
  ckernels_parallel_for(planes, sum_pool_one, &w);
}

INLINE void upsample_elements(const arguments *w, const void *x, void *y, bool half) {
  size_t row = w->out_width * w->lanes;
  for (size_t h = 0; h < w->out_height; h++)
    for (size_t c = 0; c < w->out_width; c++) {
      bool inside = h / 2 < w->height && c / 2 < w->width;
      float factor = inside ? w->factor : 0;
      size_t from = inside ? ((h / 2) * w->width + c / 2) * w->lanes : 0, lanes = w->lanes;
      _Pragma("clang loop vectorize(assume_safety)") for (size_t l = 0; l < lanes; l++) {
        set_element(y, h * row + c * lanes + l, inside ? factor * element(x, from + l, half) : 0, half);
      }
    }
}

FOR_EACH_INSTRUCTION_SET
static void upsample_plane(const arguments *w, const void *x, void *y) {
#define CALL(half) upsample_elements(w, x, y, half)
  FOR_ELEMENT_TYPE(w->half, CALL);
#undef CALL
}

static void upsample_one(size_t plane, void *context) {
  const arguments *w = context;
  size_t at = plane * w->out_height * w->out_width * w->lanes;
  upsample_plane(w, plane_of(w, w->x, plane), from_mutable_element(w->y, at, w->half));
}

void ckernels_upsample(const void *x, float factor, size_t planes, size_t height, size_t width, size_t lanes,
                       size_t out_height, size_t out_width, ckernels_element_type type, void *y) {
  arguments w = {.x = x, .y = y, .factor = factor, .height = height, .width = width, .lanes = lanes,
                 .out_height = out_height, .out_width = out_width, .half = is_half(type)};
  ckernels_parallel_for(planes, upsample_one, &w);
}

// MARK: - Windows

// The first of a window's rows in the larger map, and the elements of one row.
static size_t window_start(const arguments *w, size_t image, size_t row) {
  return (((size_t)w->tops[image] + row) * w->width + (size_t)w->lefts[image]) * w->lanes;
}

static void crop_one(size_t plane, void *context) {
  const arguments *w = context;
  const void *x = plane_of(w, w->x, plane);
  size_t length = w->out_width * w->lanes;
  for (size_t h = 0; h < w->out_height; h++)
    memcpy(from_mutable_element(w->y, (plane * w->out_height + h) * length, w->half),
           from_element(x, window_start(w, plane / w->planes, h), w->half), length * element_size(w->half));
}

void ckernels_crop(const void *x, size_t batch, size_t planes, size_t height, size_t width, size_t lanes,
                   const int32_t *tops, const int32_t *lefts, size_t window_height, size_t window_width,
                   ckernels_element_type type, void *y) {
  arguments w = {.x = x, .y = y, .planes = planes, .height = height, .width = width, .lanes = lanes,
                 .out_height = window_height, .out_width = window_width, .tops = tops, .lefts = lefts,
                 .half = is_half(type)};
  ckernels_parallel_for(batch * planes, crop_one, &w);
}

static void paste_one(size_t plane, void *context) {
  const arguments *w = context;
  void *y = (void *)plane_of(w, w->y, plane);
  size_t length = w->out_width * w->lanes;
  memset(y, 0, w->height * w->width * w->lanes * element_size(w->half));
  for (size_t h = 0; h < w->out_height; h++)
    memcpy(from_mutable_element(y, window_start(w, plane / w->planes, h), w->half),
           from_element(w->x, (plane * w->out_height + h) * length, w->half), length * element_size(w->half));
}

void ckernels_paste(const void *x, size_t batch, size_t planes, size_t height, size_t width, size_t lanes,
                    const int32_t *tops, const int32_t *lefts, size_t window_height, size_t window_width,
                    ckernels_element_type type, void *y) {
  arguments w = {.x = x, .y = y, .planes = planes, .height = height, .width = width, .lanes = lanes,
                 .out_height = window_height, .out_width = window_width, .tops = tops, .lefts = lefts,
                 .half = is_half(type)};
  ckernels_parallel_for(batch * planes, paste_one, &w);
}
