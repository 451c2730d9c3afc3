#include "narrow.h"

#include <string.h>

#include "elements.h"
#include "kernel_targets.h"
#include "parallel.h"

// Columns of a row that are summed at a time, and of those partial sums that are kept apart.
enum { COLUMNS = 64, LANES = 8, ROW = COLUMNS + CKERNELS_NARROW_REACH };

typedef struct {
  const ckernels_window_shape *shape;
  const float *x, *dy, *bias;
  const double *weight;
  size_t outputs;
  float negative_slope;
  float *result;
  double *sums;
} arguments;

static size_t taps(const ckernels_window_shape *s) { return s->channels * s->kernel_height * s->kernel_width; }

// A row's columns [first, first + count) in double precision, zero outside of the row; `first` may be negative.
INLINE void widen_row(const float *row, ptrdiff_t first, size_t width, size_t count, double *result) {
  ptrdiff_t begin = first < 0 ? -first : 0, end = (ptrdiff_t)width - first;
  if (end > (ptrdiff_t)count) end = (ptrdiff_t)count;
  for (ptrdiff_t i = 0; i < begin; i++) result[i] = 0;
  for (ptrdiff_t i = begin; i < end; i++) result[i] = row[first + i];
  for (ptrdiff_t i = end < begin ? begin : end; i < (ptrdiff_t)count; i++) result[i] = 0;
}

// Columns that the windows of COLUMNS outputs meet.
static size_t reach(const ckernels_window_shape *s) { return COLUMNS + (s->kernel_width - 1) * s->dilation; }

// Calls BODY(row of the input, its channel, its row of taps) for all rows that the windows of output row `h` meet.
#define FOR_EACH_INPUT_ROW(s, x, h, BODY)                                                         \
  for (size_t c_ = 0; c_ < (s)->channels; c_++)                                                   \
    for (size_t kh_ = 0; kh_ < (s)->kernel_height; kh_++) {                                       \
      ptrdiff_t y_ = (ptrdiff_t)((h) + kh_ * (s)->dilation) - (ptrdiff_t)(s)->padding;            \
      if (y_ < 0 || y_ >= (ptrdiff_t)(s)->height) continue;                                       \
      BODY((x) + (c_ * (s)->height + (size_t)y_) * (s)->width, c_, kh_);                          \
    }

FOR_EACH_INSTRUCTION_SET
static void convolve_row(const arguments *w, const float *x, size_t h, float *result) {
  const ckernels_window_shape *s = w->shape;
  size_t plane = s->out_height * s->out_width;
  for (size_t first = 0; first < s->out_width; first += COLUMNS) {
    double sums[CKERNELS_NARROW_CHANNELS][COLUMNS] = {{0}}, row[ROW];
#define ADD_ROW(input, c, kh)                                                                                 \
  do {                                                                                                        \
    widen_row(input, (ptrdiff_t)first - (ptrdiff_t)s->padding, s->width, reach(s), row);                               \
    const double *weight = w->weight + ((c) * s->kernel_height + (kh)) * s->kernel_width;                     \
    for (size_t o = 0; o < w->outputs; o++)                                                                   \
      for (size_t kw = 0; kw < s->kernel_width; kw++) {                                                       \
        double factor = weight[o * taps(s) + kw];                                                             \
        for (size_t i = 0; i < COLUMNS; i++) sums[o][i] += factor * row[kw * s->dilation + i];                \
      }                                                                                                       \
  } while (0)
    FOR_EACH_INPUT_ROW(s, x, h, ADD_ROW)
#undef ADD_ROW
    size_t n = s->out_width - first < COLUMNS ? s->out_width - first : COLUMNS;
    for (size_t o = 0; o < w->outputs; o++) {
      double bias = w->bias ? w->bias[o] : 0;
      for (size_t i = 0; i < n; i++) {
        double z = sums[o][i] + bias;
        result[o * plane + h * s->out_width + first + i] = (float)(z > 0 ? z : w->negative_slope * z);
      }
    }
  }
}

static void convolve_one(size_t index, void *context) {
  const arguments *w = context;
  const ckernels_window_shape *s = w->shape;
  size_t image = index / s->out_height;
  convolve_row(w, w->x + image * s->channels * s->height * s->width, index % s->out_height,
               w->result + image * w->outputs * s->out_height * s->out_width);
}

void ckernels_narrow_convolution(const ckernels_window_shape *shape, size_t batch, size_t outputs, const float *x,
                                 const double *weight, const float *bias, float negative_slope, float *result) {
  arguments w = {.shape = shape, .x = x, .weight = weight, .bias = bias, .outputs = outputs,
                 .negative_slope = negative_slope, .result = result};
  ckernels_parallel_for(batch * shape->out_height, convolve_one, &w);
}

// Adds the products of one image, each weight's in LANES sums.
FOR_EACH_INSTRUCTION_SET
static void weight_gradient_image(const arguments *w, const float *x, const float *dy, double *sums) {
  const ckernels_window_shape *s = w->shape;
  for (size_t h = 0; h < s->out_height; h++)
    for (size_t first = 0; first < s->out_width; first += COLUMNS) {
      double gradients[CKERNELS_NARROW_CHANNELS][COLUMNS], row[ROW];
      size_t n = s->out_width - first < COLUMNS ? s->out_width - first : COLUMNS;
      for (size_t o = 0; o < w->outputs; o++)
        widen_row(dy + (o * s->out_height + h) * s->out_width + first, 0, n, COLUMNS, gradients[o]);
#define ADD_ROW(input, c, kh)                                                                                     \
  do {                                                                                                            \
    widen_row(input, (ptrdiff_t)first - (ptrdiff_t)s->padding, s->width, reach(s), row);                                   \
    double *total = sums + ((c) * s->kernel_height + (kh)) * s->kernel_width * LANES;                             \
    for (size_t o = 0; o < w->outputs; o++)                                                                       \
      for (size_t kw = 0; kw < s->kernel_width; kw++) {                                                           \
        double lanes[LANES] = {0};                                                                                \
        for (size_t i = 0; i < COLUMNS; i += LANES)                                                               \
          for (size_t l = 0; l < LANES; l++) lanes[l] += gradients[o][i + l] * row[kw * s->dilation + i + l];     \
        for (size_t l = 0; l < LANES; l++) total[(o * taps(s) + kw) * LANES + l] += lanes[l];                     \
      }                                                                                                           \
  } while (0)
      FOR_EACH_INPUT_ROW(s, x, h, ADD_ROW)
#undef ADD_ROW
    }
}

static void weight_gradient_one(size_t image, void *context) {
  const arguments *w = context;
  const ckernels_window_shape *s = w->shape;
  double *sums = w->sums + image * w->outputs * taps(s) * LANES;
  memset(sums, 0, w->outputs * taps(s) * LANES * sizeof *sums);
  weight_gradient_image(w, w->x + image * s->channels * s->height * s->width,
                        w->dy + image * w->outputs * s->out_height * s->out_width, sums);
}

size_t ckernels_narrow_weight_gradient_scratch(const ckernels_window_shape *shape, size_t batch, size_t outputs) {
  return batch * outputs * taps(shape) * LANES;
}

void ckernels_narrow_weight_gradient(const ckernels_window_shape *shape, size_t batch, size_t outputs, const float *x,
                                     const float *dy, double *scratch, float *result) {
  arguments w = {.shape = shape, .x = x, .dy = dy, .outputs = outputs, .sums = scratch};
  ckernels_parallel_for(batch, weight_gradient_one, &w);
  size_t count = outputs * taps(shape);
  for (size_t i = 0; i < count; i++) {
    double total = 0;
    for (size_t image = 0; image < batch; image++)
      for (size_t l = 0; l < LANES; l++) total += scratch[(image * count + i) * LANES + l];
    result[i] = (float)total;
  }
}
