#include "narrow.h"

#include <string.h>

#include "elements.h"
#include "kernel_targets.h"
#include "parallel.h"

// Columns of a row that are summed at a time, and of those partial sums that are kept apart.
enum { COLUMNS = 64, LANES = 8, VECTORS = COLUMNS / LANES, ROW = COLUMNS + CKERNELS_NARROW_REACH };

// At any address of a double.
typedef double vector __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));

// A macro, since such a vector cannot be returned without the instructions for it.
#define LOAD(x) (*(const vector *)(x))

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

// The input rows that the windows of an output row meet, in double precision: one for each channel and row of taps.
typedef struct {
  double columns[CKERNELS_NARROW_ROWS][ROW];
} input_rows;

static void widen_rows(const ckernels_window_shape *s, const float *x, size_t h, size_t first, input_rows *rows) {
  size_t count = COLUMNS + (s->kernel_width - 1) * s->dilation;
  for (size_t c = 0, r = 0; c < s->channels; c++)
    for (size_t kh = 0; kh < s->kernel_height; kh++, r++) {
      ptrdiff_t y = (ptrdiff_t)(h + kh * s->dilation) - (ptrdiff_t)s->padding;
      bool inside = y >= 0 && y < (ptrdiff_t)s->height;
      const float *row = x + (c * s->height + (inside ? (size_t)y : 0)) * s->width;
      widen_row(row, (ptrdiff_t)first - (ptrdiff_t)s->padding, inside ? s->width : 0, count, rows->columns[r]);
    }
}

FOR_EACH_INSTRUCTION_SET
static void convolve_row(const arguments *w, const float *x, size_t h, float *result) {
  const ckernels_window_shape *s = w->shape;
  size_t plane = s->out_height * s->out_width, row_count = s->channels * s->kernel_height;
  input_rows rows;
  for (size_t first = 0; first < s->out_width; first += COLUMNS) {
    widen_rows(s, x, h, first, &rows);
    size_t n = s->out_width - first < COLUMNS ? s->out_width - first : COLUMNS;
    for (size_t o = 0; o < w->outputs; o++) {
      const double *weight = w->weight + o * taps(s);
      double bias = w->bias ? w->bias[o] : 0, values[COLUMNS];
      vector sums[VECTORS] = {0};
      for (size_t r = 0; r < row_count; r++)
        for (size_t kw = 0; kw < s->kernel_width; kw++, weight++) {
          const double *row = rows.columns[r] + kw * s->dilation;
          _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++) sums[v] += *weight * LOAD(row + v * LANES);
        }
      memcpy(values, sums, sizeof values);
      for (size_t i = 0; i < n; i++) {
        double z = values[i] + bias;
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
  size_t row_count = s->channels * s->kernel_height;
  input_rows rows;
  for (size_t h = 0; h < s->out_height; h++)
    for (size_t first = 0; first < s->out_width; first += COLUMNS) {
      widen_rows(s, x, h, first, &rows);
      size_t n = s->out_width - first < COLUMNS ? s->out_width - first : COLUMNS;
      double *total = sums;
      for (size_t o = 0; o < w->outputs; o++) {
        double gradient[COLUMNS];
        widen_row(dy + (o * s->out_height + h) * s->out_width + first, 0, n, COLUMNS, gradient);
        for (size_t r = 0; r < row_count; r++)
          for (size_t kw = 0; kw < s->kernel_width; kw++, total += LANES) {
            const double *row = rows.columns[r] + kw * s->dilation;
            vector sum = LOAD(total);
            _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++)
              sum += LOAD(gradient + v * LANES) * LOAD(row + v * LANES);
            memcpy(total, &sum, sizeof sum);
          }
      }
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
