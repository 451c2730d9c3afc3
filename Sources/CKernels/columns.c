#include <string.h>

#include "kernel_targets.h"
#include "spatial.h"

// One tap's row of windows: elements [first, end) of the row lie inside the image, that of `first` at offset `at`.
typedef struct {
  size_t first, end, at;
} tap_row;

// Windows of one axis whose tap, `reach` after the window's start, is one of the image's `extent` places.
static void windows_inside(size_t extent, size_t count, size_t reach, const ckernels_window_shape *s, size_t *first,
                           size_t *end) {
  *first = reach >= s->padding ? 0 : (s->padding - reach + s->stride - 1) / s->stride;
  *end = extent + s->padding <= reach ? 0 : (extent + s->padding - reach - 1) / s->stride + 1;
  if (*end > count) *end = count;
  if (*first > *end) *first = *end;
}

// Calls BODY(offset of a row of columns, the row's part inside the image) for every tap and row of windows.
#define FOR_EACH_TAP_ROW(s, row_length, BODY)                                                           \
  for (size_t c_ = 0, tap_ = 0; c_ < (s)->channels; c_++)                                               \
    for (size_t kh_ = 0; kh_ < (s)->kernel_height; kh_++)                                               \
      for (size_t kw_ = 0; kw_ < (s)->kernel_width; kw_++, tap_ += (row_length)) {                      \
        size_t top_, bottom_;                                                                           \
        tap_row all_;                                                                                   \
        windows_inside((s)->height, (s)->out_height, kh_ * (s)->dilation, (s), &top_, &bottom_);        \
        windows_inside((s)->width, (s)->out_width, kw_ * (s)->dilation, (s), &all_.first, &all_.end);   \
        for (size_t oh_ = 0; oh_ < (s)->out_height; oh_++) {                                            \
          tap_row inside_ = all_;                                                                       \
          if (oh_ < top_ || oh_ >= bottom_) inside_.first = inside_.end = 0;                            \
          inside_.at = (c_ * (s)->height + oh_ * (s)->stride + kh_ * (s)->dilation - (s)->padding) * (s)->width + \
                       inside_.first * (s)->stride + kw_ * (s)->dilation - (s)->padding;                \
          BODY(tap_ + oh_ * (s)->out_width, inside_);                                                   \
        }                                                                                               \
      }

FOR_EACH_INSTRUCTION_SET
void ckernels_image_to_columns(const ckernels_window_shape *shape, const float *image, size_t row_length,
                               double *columns) {
  size_t stride = shape->stride, width = shape->out_width;
#define COPY(row, inside)                                                                                    \
  do {                                                                                                       \
    double *r = columns + (row);                                                                             \
    for (size_t i = 0; i < (inside).first; i++) r[i] = 0;                                                    \
    for (size_t i = (inside).first, at = (inside).at; i < (inside).end; i++, at += stride) r[i] = image[at]; \
    for (size_t i = (inside).end; i < width; i++) r[i] = 0;                                                  \
  } while (0)
  FOR_EACH_TAP_ROW(shape, row_length, COPY)
#undef COPY
}

FOR_EACH_INSTRUCTION_SET
void ckernels_columns_to_image(const ckernels_window_shape *shape, const double *columns, size_t row_length,
                               double *image) {
  size_t stride = shape->stride;
  memset(image, 0, shape->channels * shape->height * shape->width * sizeof *image);
#define ADD(row, inside)                                                                 \
  do {                                                                                   \
    const double *r = columns + (row);                                                   \
    for (size_t i = (inside).first, at = (inside).at; i < (inside).end; i++, at += stride) image[at] += r[i]; \
  } while (0)
  FOR_EACH_TAP_ROW(shape, row_length, ADD)
#undef ADD
}

FOR_EACH_INSTRUCTION_SET
void ckernels_widen_planes(const float *x, size_t batch, size_t planes, size_t pixels, double *result) {
  for (size_t image = 0; image < batch; image++)
    for (size_t plane = 0; plane < planes; plane++, x += pixels) {
      double *r = result + (plane * batch + image) * pixels;
      for (size_t i = 0; i < pixels; i++) r[i] = x[i];
    }
}

FOR_EACH_INSTRUCTION_SET
void ckernels_round_planes(const double *x, const float *bias, float negative_slope, size_t batch, size_t planes,
                           size_t pixels, float *result) {
  for (size_t image = 0; image < batch; image++)
    for (size_t plane = 0; plane < planes; plane++, result += pixels) {
      const double *p = x + (plane * batch + image) * pixels;
      double b = bias ? bias[plane] : 0;
      for (size_t i = 0; i < pixels; i++) {
        double z = p[i] + b;
        result[i] = (float)(z > 0 ? z : negative_slope * z);
      }
    }
}
