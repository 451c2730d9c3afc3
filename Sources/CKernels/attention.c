#include "attention.h"

#include <float.h>
#include <string.h>

#include "kernel_targets.h"
#include "parallel.h"
#include "exponential.h"

// MARK: - Layout

typedef struct {
  const float *x;
  float *y;
  size_t channels, pixels, lanes;
} layout_arguments;

// Pixels of one piece of work.
enum { PIXELS = 64 };

static size_t end_of_share(size_t first, size_t count) { return first + PIXELS < count ? first + PIXELS : count; }

static void to_positions_one(size_t index, void *context) {
  const layout_arguments *w = context;
  size_t end = end_of_share(index * PIXELS, w->pixels);
  for (size_t c = 0; c < w->channels; c += w->lanes) {
    size_t used = w->channels - c < w->lanes ? w->channels - c : w->lanes;
    const float *plane = w->x + c * w->pixels;
    for (size_t p = index * PIXELS; p < end; p++)
      for (size_t l = 0; l < used; l++) w->y[p * w->channels + c + l] = plane[p * w->lanes + l];
  }
}

static void to_planes_one(size_t index, void *context) {
  const layout_arguments *w = context;
  size_t end = end_of_share(index * PIXELS, w->pixels);
  for (size_t c = 0; c < w->channels; c += w->lanes) {
    size_t used = w->channels - c < w->lanes ? w->channels - c : w->lanes;
    float *plane = w->y + c * w->pixels;
    for (size_t p = index * PIXELS; p < end; p++)
      for (size_t l = 0; l < w->lanes; l++) plane[p * w->lanes + l] = l < used ? w->x[p * w->channels + c + l] : 0;
  }
}

void ckernels_planes_to_positions(const float *x, size_t channels, size_t pixels, size_t lanes, float *y) {
  layout_arguments w = {x, y, channels, pixels, lanes};
  ckernels_parallel_for((pixels + PIXELS - 1) / PIXELS, to_positions_one, &w);
}

void ckernels_positions_to_planes(const float *x, size_t channels, size_t pixels, size_t lanes, float *y) {
  layout_arguments w = {x, y, channels, pixels, lanes};
  ckernels_parallel_for((pixels + PIXELS - 1) / PIXELS, to_planes_one, &w);
}

// MARK: - Patches

typedef struct {
  const ckernels_patch_shape *shape;
  const float *x;
  const int32_t *places;
  float factor;
  float *y;
} patch_arguments;

static void take_one(size_t index, void *context) {
  const patch_arguments *w = context;
  const ckernels_patch_shape *s = w->shape;
  size_t place = (size_t)w->places[index], row = s->kernel * s->channels;
  // Wraps where a window begins outside, so that one comparison finds both sides.
  size_t top = place / s->columns * s->stride - s->padding, left = place % s->columns * s->stride - s->padding;
  float *patch = w->y + index * s->kernel * row;
  for (size_t kh = 0; kh < s->kernel; kh++)
    for (size_t kw = 0; kw < s->kernel; kw++) {
      float *to = patch + kh * row + kw * s->channels;
      if (top + kh < s->height && left + kw < s->width) {
        memcpy(to, w->x + ((top + kh) * s->width + left + kw) * s->channels, s->channels * sizeof(float));
      } else {
        memset(to, 0, s->channels * sizeof(float));
      }
    }
}

void ckernels_take_patches(const ckernels_patch_shape *shape, const float *maps, const int32_t *places, size_t count,
                           float *patches) {
  patch_arguments w = {.shape = shape, .x = maps, .places = places, .y = patches};
  ckernels_parallel_for(count, take_one, &w);
}

FOR_EACH_INSTRUCTION_SET
static void add_scaled(const float *x, float factor, size_t n, float *y) {
  for (size_t i = 0; i < n; i++) y[i] += factor * x[i];
}

// One row of pixels, its windows in ascending order.
static void lay_one(size_t y, void *context) {
  const patch_arguments *w = context;
  const ckernels_patch_shape *s = w->shape;
  float *to = w->y + y * s->width * s->channels;
  memset(to, 0, s->width * s->channels * sizeof(float));
  for (size_t row = 0; row < s->rows; row++) {
    size_t kh = y + s->padding - row * s->stride;
    if (kh >= s->kernel) continue;
    for (size_t column = 0; column < s->columns; column++) {
      int32_t slot = w->places[row * s->columns + column];
      if (slot < 0) continue;
      const float *patch = w->x + ((size_t)slot * s->kernel + kh) * s->kernel * s->channels;
      size_t left = column * s->stride, first = left < s->padding ? s->padding - left : 0;
      size_t end = s->width + s->padding - left < s->kernel ? s->width + s->padding - left : s->kernel;
      if (first < end)
        add_scaled(patch + first * s->channels, w->factor, (end - first) * s->channels,
                   to + (left + first - s->padding) * s->channels);
    }
  }
}

void ckernels_lay_patches(const ckernels_patch_shape *shape, const float *patches, const int32_t *slots, float factor,
                          float *maps) {
  patch_arguments w = {.shape = shape, .x = patches, .places = slots, .factor = factor, .y = maps};
  ckernels_parallel_for(shape->height, lay_one, &w);
}

// MARK: - Lengths

// Sums and maxima are taken in this many parts, so that vector code keeps their order.
enum { PARTS = 16 };

FOR_EACH_INSTRUCTION_SET
static float dot(const float *a, const float *b, size_t n) {
  float part[PARTS] = {0}, sum = 0;
  size_t i = 0;
  for (; i + PARTS <= n; i += PARTS)
    for (size_t k = 0; k < PARTS; k++) part[k] += a[i + k] * b[i + k];
  for (; i < n; i++) sum += a[i] * b[i];
  for (size_t k = 0; k < PARTS; k++) sum += part[k];
  return sum;
}

typedef struct {
  const float *x, *y, *z;
  size_t length;
  float *result;
} length_arguments;

static void squared_length_one(size_t index, void *context) {
  const length_arguments *w = context;
  const float *patch = w->x + index * w->length;
  w->result[index] = dot(patch, patch, w->length);
}

void ckernels_squared_lengths(const float *patches, size_t count, size_t length, float *result) {
  length_arguments w = {.x = patches, .length = length, .result = result};
  ckernels_parallel_for(count, squared_length_one, &w);
}

FOR_EACH_INSTRUCTION_SET
static void add_projected(const float *x, const float *y, float factor, size_t n, float *result) {
  for (size_t i = 0; i < n; i++) result[i] += x[i] - factor * y[i];
}

static void both_roles_one(size_t index, void *context) {
  const length_arguments *w = context;
  size_t at = index * w->length;
  add_projected(w->x + at, w->y + at, w->z[index] * dot(w->x + at, w->y + at, w->length), w->length, w->result + at);
}

void ckernels_add_normalized_gradient(const float *gradient, const float *patches, const float *slopes, size_t count,
                                      size_t length, float *result) {
  length_arguments w = {.x = gradient, .y = patches, .z = slopes, .length = length, .result = result};
  ckernels_parallel_for(count, both_roles_one, &w);
}

// MARK: - Diagonals

enum { NOWHERE = -1 };

// The place before (-1) or after (1) a place in row-major order, or the place itself (0).
static ptrdiff_t along_rows(const ckernels_similarity_rows *m, size_t place, int step) {
  ptrdiff_t at = (ptrdiff_t)place + step;
  return at < 0 || at >= (ptrdiff_t)(m->height * m->width) ? NOWHERE : at;
}

// The same in column-major order: the place above or below, or the other end of the column beside it.
static ptrdiff_t along_columns(const ckernels_similarity_rows *m, size_t place, int step) {
  size_t row = place / m->width, column = place % m->width;
  if (step < 0 && row == 0) return column == 0 ? NOWHERE : (ptrdiff_t)((m->height - 1) * m->width + column - 1);
  if (step > 0 && row == m->height - 1) return column == m->width - 1 ? NOWHERE : (ptrdiff_t)(column + 1);
  return (ptrdiff_t)place + step * (ptrdiff_t)m->width;
}

static const float *row_of(const ckernels_similarity_rows *m, size_t place) {
  size_t at = place - m->first < m->firstCount ? place - m->first : m->firstCount + place - m->second;
  return m->rows + at * m->height * m->width;
}

// y[j] += x[j after one step along rows]
FOR_EACH_INSTRUCTION_SET
static void add_along_rows(const float *x, size_t count, int step, float *y) {
  size_t first = step < 0 ? 1 : 0, end = step > 0 ? count - 1 : count;
  for (size_t j = first; j < end; j++) y[j] += x[j + (size_t)step];
}

FOR_EACH_INSTRUCTION_SET
static void add_scaled_along_rows(const float *x, const float *factors, size_t count, int step, float *y) {
  size_t first = step < 0 ? 1 : 0, end = step > 0 ? count - 1 : count;
  for (size_t j = first; j < end; j++) y[j] += x[j + (size_t)step] * factors[j + (size_t)step];
}

// y[j] += x[j after one step along columns]
FOR_EACH_INSTRUCTION_SET
static void add_along_columns(const float *x, size_t height, size_t width, int step, float *y) {
  size_t inner = (height - 1) * width;
  if (step == 0) {
    for (size_t j = 0; j < height * width; j++) y[j] += x[j];
  } else if (step < 0) {
    for (size_t j = 1; j < width; j++) y[j] += x[inner + j - 1];
    for (size_t j = 0; j < inner; j++) y[width + j] += x[j];
  } else {
    for (size_t j = 0; j < inner; j++) y[j] += x[width + j];
    for (size_t j = 0; j + 1 < width; j++) y[inner + j] += x[j + 1];
  }
}

FOR_EACH_INSTRUCTION_SET
static void multiply(const float *factors, size_t n, float *y) {
  for (size_t i = 0; i < n; i++) y[i] *= factors[i];
}

void ckernels_fuse_row(const ckernels_similarity_rows *matrix, const float *factors, size_t i, float *scratch,
                       float *result) {
  size_t count = matrix->height * matrix->width;
  memset(result, 0, count * sizeof(float));
  for (int outer = -1; outer <= 1; outer++) {
    ptrdiff_t row = along_columns(matrix, i, outer);
    if (row == NOWHERE) continue;
    memset(scratch, 0, count * sizeof(float));
    for (int inner = -1; inner <= 1; inner++) {
      ptrdiff_t place = along_rows(matrix, (size_t)row, inner);
      if (place != NOWHERE) add_scaled_along_rows(row_of(matrix, (size_t)place), factors, count, inner, scratch);
    }
    add_along_columns(scratch, matrix->height, matrix->width, outer, result);
  }
}

void ckernels_unfuse_row(const ckernels_similarity_rows *matrix, const float *factors, size_t i, float *scratch,
                         float *result) {
  size_t count = matrix->height * matrix->width;
  memset(result, 0, count * sizeof(float));
  for (int outer = -1; outer <= 1; outer++) {
    ptrdiff_t row = along_rows(matrix, i, outer);
    if (row == NOWHERE) continue;
    memset(scratch, 0, count * sizeof(float));
    for (int inner = -1; inner <= 1; inner++) {
      ptrdiff_t place = along_columns(matrix, (size_t)row, inner);
      if (place != NOWHERE)
        add_along_columns(row_of(matrix, (size_t)place), matrix->height, matrix->width, inner, scratch);
    }
    add_along_rows(scratch, count, outer, result);
  }
  multiply(factors, count, result);
}

// MARK: - Softmax

FOR_EACH_INSTRUCTION_SET
static float scaled_maximum(float *x, const float *factors, float scale, size_t n) {
  float part[PARTS];
  size_t i = 0;
  for (size_t k = 0; k < PARTS; k++) part[k] = -FLT_MAX;
  for (; i + PARTS <= n; i += PARTS)
    for (size_t k = 0; k < PARTS; k++) {
      float v = x[i + k] * scale * factors[i + k];
      x[i + k] = v;
      part[k] = v > part[k] ? v : part[k];
    }
  for (; i < n; i++) {
    x[i] = x[i] * scale * factors[i];
    part[0] = x[i] > part[0] ? x[i] : part[0];
  }
  for (size_t k = 1; k < PARTS; k++) part[0] = part[k] > part[0] ? part[k] : part[0];
  return part[0];
}

FOR_EACH_INSTRUCTION_SET
static float exponentials(float *x, float maximum, size_t n) {
  float part[PARTS] = {0}, sum = 0;
  size_t i = 0;
  for (; i + PARTS <= n; i += PARTS)
    for (size_t k = 0; k < PARTS; k++) {
      x[i + k] = exponential(x[i + k] - maximum);
      part[k] += x[i + k];
    }
  for (; i < n; i++) {
    x[i] = exponential(x[i] - maximum);
    sum += x[i];
  }
  for (size_t k = 0; k < PARTS; k++) sum += part[k];
  return sum;
}

int32_t ckernels_masked_softmax(float *similarities, size_t count, float scale, const float *is_valid,
                                const int32_t *valid_places, size_t valid_count, float *weights) {
  float maximum = scaled_maximum(similarities, is_valid, scale, count);
  float factor = 1 / exponentials(similarities, maximum, count);
  int32_t largest = NOWHERE;
  for (size_t k = 0; k < valid_count; k++) {
    weights[k] = similarities[valid_places[k]] * factor;
    if (largest == NOWHERE || weights[k] > weights[largest]) largest = (int32_t)k;
  }
  return largest;
}

void ckernels_masked_softmax_gradient(const float *weights, const float *weight_gradient, float scale,
                                      const int32_t *valid_places, size_t valid_count, size_t count,
                                      float *similarity_gradient) {
  float mean = dot(weights, weight_gradient, valid_count);
  memset(similarity_gradient, 0, count * sizeof(float));
  for (size_t k = 0; k < valid_count; k++)
    similarity_gradient[valid_places[k]] = scale * weights[k] * (weight_gradient[k] - mean);
}
