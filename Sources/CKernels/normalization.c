#include "normalization.h"

#include <string.h>

#include "elements.h"
#include "kernel_targets.h"
#include "parallel.h"

// A plane is read as rows of WIDTH floats, so that one loop serves every number of lanes: lane = column % lanes.
enum { WIDTH = 16 };

typedef struct {
  const ckernels_normalization_shape *shape;
  const void *x, *dy, *addend;
  const double *mean, *scale, *shift, *offset, *slope;
  float negative_slope;
  void *result;
  double *number, *number2;
} arguments;

// One channel's number, repeated for every column of a row, in double precision and rounded to single.
typedef struct {
  double column[WIDTH];
  float rounded[WIDTH];
} row_constant;

static row_constant spread(const double *values, size_t at, size_t lanes, double otherwise) {
  row_constant r;
  for (size_t i = 0; i < WIDTH; i++) {
    r.column[i] = values ? values[at + i % lanes] : otherwise;
    r.rounded[i] = (float)r.column[i];
  }
  return r;
}

// Adds the columns of one lane in order.
static void fold(const double *columns, size_t lanes, double *totals) {
  for (size_t l = 0; l < lanes; l++) {
    double total = 0;
    for (size_t i = l; i < WIDTH; i += lanes) total += columns[i];
    totals[l] += total;
  }
}

// Calls ROW(i, c) for every element i and its column c.
#define FOR_EACH_ELEMENT(n, ROW)                             \
  do {                                                       \
    size_t i_ = 0;                                           \
    for (; i_ + WIDTH <= (n); i_ += WIDTH)                   \
      for (int c_ = 0; c_ < WIDTH; c_++) ROW(i_ + c_, c_);   \
    for (size_t c_ = 0; i_ + c_ < (n); c_++) ROW(i_ + c_, c_); \
  } while (0)

INLINE void add_value_elements(const void *x, size_t n, double *columns, bool half) {
  double sums[WIDTH] = {0};
#define ADD(i, c) sums[c] += element(x, i, half)
  FOR_EACH_ELEMENT(n, ADD);
#undef ADD
  for (int c = 0; c < WIDTH; c++) columns[c] += sums[c];
}

FOR_EACH_INSTRUCTION_SET
static void add_values(const void *x, size_t n, double *columns, bool half) {
#define CALL(half) add_value_elements(x, n, columns, half)
  FOR_ELEMENT_TYPE(half, CALL);
#undef CALL
}

INLINE void add_square_elements(const void *x, size_t n, const row_constant *mean, double *columns, bool half) {
  double sums[WIDTH] = {0};
#define ADD(i, c)                                      \
  do {                                                 \
    double d = element(x, i, half) - mean->column[c];  \
    sums[c] += d * d;                                  \
  } while (0)
  FOR_EACH_ELEMENT(n, ADD);
#undef ADD
  for (int c = 0; c < WIDTH; c++) columns[c] += sums[c];
}

FOR_EACH_INSTRUCTION_SET
static void add_squares(const void *x, size_t n, const row_constant *mean, double *columns, bool half) {
#define CALL(half) add_square_elements(x, n, mean, columns, half)
  FOR_ELEMENT_TYPE(half, CALL);
#undef CALL
}

// Where the images of a group start, and how many it has.
static size_t group_size(const ckernels_normalization_shape *s) { return s->batch / s->groups; }

static bool is_half(const ckernels_normalization_shape *s) { return s->element_type == CKERNELS_BFLOAT16; }

static const void *plane_of(const ckernels_normalization_shape *s, const void *x, size_t image, size_t plane) {
  return from_element(x, (image * s->planes + plane) * s->pixels * s->lanes, is_half(s));
}

static void moments_one(size_t index, void *context) {
  const arguments *w = context;
  const ckernels_normalization_shape *s = w->shape;
  size_t group = index / s->planes, plane = index % s->planes, images = group_size(s), n = s->pixels * s->lanes;
  double columns[WIDTH] = {0}, totals[WIDTH] = {0}, count = (double)images * s->pixels;
  for (size_t i = 0; i < images; i++) add_values(plane_of(s, w->x, group * images + i, plane), n, columns, is_half(s));
  fold(columns, s->lanes, totals);
  for (size_t l = 0; l < s->lanes; l++) w->number[index * s->lanes + l] = totals[l] / count;
  row_constant mean = spread(w->number, index * s->lanes, s->lanes, 0);
  memset(columns, 0, sizeof columns);
  memset(totals, 0, sizeof totals);
  for (size_t i = 0; i < images; i++) {
    add_squares(plane_of(s, w->x, group * images + i, plane), n, &mean, columns, is_half(s));
  }
  fold(columns, s->lanes, totals);
  for (size_t l = 0; l < s->lanes; l++) w->number2[index * s->lanes + l] = totals[l] / count;
}

void ckernels_moments(const ckernels_normalization_shape *shape, const void *x, double *mean, double *variance) {
  arguments w = {.shape = shape, .x = x, .number = mean, .number2 = variance};
  ckernels_parallel_for(shape->groups * shape->planes, moments_one, &w);
}

typedef struct {
  row_constant mean, scale, shift;
} row_transform;

static row_transform transform_of(const arguments *w, size_t group, size_t plane) {
  const ckernels_normalization_shape *s = w->shape;
  size_t at = (group * s->planes + plane) * s->lanes;
  return (row_transform){spread(w->mean, at, s->lanes, 0), spread(w->scale, at, s->lanes, 1),
                         spread(w->shift, plane * s->lanes, s->lanes, 0)};
}

#define HALF false
#define REAL double
#define COLUMN column
#define FUNCTION(name) name##_floats
#include "normalization_elements.h"

// Single precision has 16 bits more than what it starts from and ends in here.
#define HALF true
#define REAL float
#define COLUMN rounded
#define FUNCTION(name) name##_halves
#include "normalization_elements.h"

#define FOR_TYPE(half, function, ...) ((half) ? function##_halves(__VA_ARGS__) : function##_floats(__VA_ARGS__))

FOR_EACH_INSTRUCTION_SET
static void normalize_plane(const void *x, const row_transform *t, float negative_slope, const void *addend, void *y,
                            size_t n, bool half) {
  FOR_TYPE(half, normalize, x, t, negative_slope, addend, y, n);
}

static void normalize_one(size_t index, void *context) {
  const arguments *w = context;
  const ckernels_normalization_shape *s = w->shape;
  size_t image = index / s->planes, plane = index % s->planes, at = index * s->pixels * s->lanes;
  row_transform t = transform_of(w, image / group_size(s), plane);
  bool half = is_half(s);
  normalize_plane(from_element(w->x, at, half), &t, w->negative_slope,
                  w->addend ? from_element(w->addend, at, half) : NULL, from_mutable_element(w->result, at, half),
                  s->pixels * s->lanes, half);
}

void ckernels_normalize(const ckernels_normalization_shape *shape, const void *x, const double *mean,
                        const double *scale, const double *shift, float negative_slope, const void *addend, void *y) {
  arguments w = {.shape = shape, .x = x, .mean = mean, .scale = scale, .shift = shift,
                 .negative_slope = negative_slope, .addend = addend, .result = y};
  ckernels_parallel_for(shape->batch * shape->planes, normalize_one, &w);
}

FOR_EACH_INSTRUCTION_SET
static void add_gradients(const void *x, const void *dy, const row_transform *t, float negative_slope, size_t n,
                          double *g_columns, double *gx_columns, bool half) {
  FOR_TYPE(half, add_gradients, x, dy, t, negative_slope, n, g_columns, gx_columns);
}

static void sums_one(size_t index, void *context) {
  const arguments *w = context;
  const ckernels_normalization_shape *s = w->shape;
  size_t group = index / s->planes, plane = index % s->planes, images = group_size(s);
  row_transform t = transform_of(w, group, plane);
  double g_columns[WIDTH] = {0}, gx_columns[WIDTH] = {0}, g[WIDTH] = {0}, gx[WIDTH] = {0};
  for (size_t i = 0; i < images; i++) {
    size_t image = group * images + i;
    add_gradients(plane_of(s, w->x, image, plane), plane_of(s, w->dy, image, plane), &t, w->negative_slope,
                  s->pixels * s->lanes, g_columns, gx_columns, is_half(s));
  }
  fold(g_columns, s->lanes, g);
  fold(gx_columns, s->lanes, gx);
  for (size_t l = 0; l < s->lanes; l++) {
    w->number[index * s->lanes + l] = g[l];
    w->number2[index * s->lanes + l] = gx[l];
  }
}

void ckernels_normalization_sums(const ckernels_normalization_shape *shape, const void *x, const double *mean,
                                 const double *scale, const double *shift, float negative_slope, const void *dy,
                                 double *sum_g, double *sum_gx) {
  arguments w = {.shape = shape, .x = x, .mean = mean, .scale = scale, .shift = shift, .dy = dy,
                 .negative_slope = negative_slope, .number = sum_g, .number2 = sum_gx};
  ckernels_parallel_for(shape->groups * shape->planes, sums_one, &w);
}

FOR_EACH_INSTRUCTION_SET
static void gradient_plane(const void *x, const void *dy, const row_transform *t, const row_constant *offset,
                           const row_constant *slope, float negative_slope, void *dx, size_t n, bool half) {
  FOR_TYPE(half, gradient, x, dy, t, offset, slope, negative_slope, dx, n);
}

static void gradient_one(size_t index, void *context) {
  const arguments *w = context;
  const ckernels_normalization_shape *s = w->shape;
  size_t image = index / s->planes, plane = index % s->planes, at = index * s->pixels * s->lanes;
  size_t channel = (image / group_size(s) * s->planes + plane) * s->lanes;
  row_transform t = transform_of(w, image / group_size(s), plane);
  row_constant offset = spread(w->offset, channel, s->lanes, 0), slope = spread(w->slope, channel, s->lanes, 0);
  bool half = is_half(s);
  gradient_plane(from_element(w->x, at, half), from_element(w->dy, at, half), &t, &offset, &slope, w->negative_slope,
                 from_mutable_element(w->result, at, half), s->pixels * s->lanes, half);
}

void ckernels_normalization_gradient(const ckernels_normalization_shape *shape, const void *x, const double *mean,
                                     const double *scale, const double *shift, float negative_slope, const void *dy,
                                     const double *offset, const double *slope, void *dx) {
  arguments w = {.shape = shape, .x = x, .mean = mean, .scale = scale, .shift = shift, .dy = dy, .offset = offset,
                 .slope = slope, .negative_slope = negative_slope, .result = dx};
  ckernels_parallel_for(shape->batch * shape->planes, gradient_one, &w);
}
