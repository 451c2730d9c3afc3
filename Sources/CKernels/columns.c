#include <string.h>

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
#define FOR_EACH_TAP_ROW(s, BODY)                                                                       \
  for (size_t c_ = 0, row_ = 0; c_ < (s)->channels; c_++)                                               \
    for (size_t kh_ = 0; kh_ < (s)->kernel_height; kh_++)                                               \
      for (size_t kw_ = 0; kw_ < (s)->kernel_width; kw_++) {                                            \
        size_t top_, bottom_;                                                                           \
        tap_row tap_;                                                                                   \
        windows_inside((s)->height, (s)->out_height, kh_ * (s)->dilation, (s), &top_, &bottom_);        \
        windows_inside((s)->width, (s)->out_width, kw_ * (s)->dilation, (s), &tap_.first, &tap_.end);   \
        for (size_t oh_ = 0; oh_ < (s)->out_height; oh_++, row_ += (s)->out_width) {                    \
          tap_row inside_ = tap_;                                                                       \
          if (oh_ < top_ || oh_ >= bottom_) inside_.first = inside_.end = 0;                            \
          inside_.at = (c_ * (s)->height + oh_ * (s)->stride + kh_ * (s)->dilation - (s)->padding) * (s)->width + \
                       inside_.first * (s)->stride + kw_ * (s)->dilation - (s)->padding;                \
          BODY(row_, inside_);                                                                          \
        }                                                                                               \
      }

void ckernels_image_to_columns(const ckernels_window_shape *shape, const float *image, double *columns) {
  size_t stride = shape->stride, width = shape->out_width;
#define COPY(row, inside)                                                                       \
  do {                                                                                          \
    double *r = columns + (row);                                                                \
    for (size_t i = 0; i < (inside).first; i++) r[i] = 0;                                       \
    for (size_t i = (inside).first, at = (inside).at; i < (inside).end; i++, at += stride) r[i] = image[at]; \
    for (size_t i = (inside).end; i < width; i++) r[i] = 0;                                     \
  } while (0)
  FOR_EACH_TAP_ROW(shape, COPY)
#undef COPY
}

void ckernels_columns_to_image(const ckernels_window_shape *shape, const double *columns, double *image) {
  size_t stride = shape->stride;
  memset(image, 0, shape->channels * shape->height * shape->width * sizeof *image);
#define ADD(row, inside)                                                                                      \
  for (size_t i = (inside).first, at = (inside).at; i < (inside).end; i++, at += stride) image[at] += columns[(row) + i]
  FOR_EACH_TAP_ROW(shape, ADD)
#undef ADD
}

void ckernels_widen(const float *x, size_t count, double *result) {
  for (size_t i = 0; i < count; i++) result[i] = x[i];
}

void ckernels_round_planes(const double *x, const float *bias, float negative_slope, size_t planes, size_t pixels,
                           float *result) {
  for (size_t plane = 0; plane < planes; plane++)
    for (size_t i = plane * pixels; i < (plane + 1) * pixels; i++) {
      double z = bias ? x[i] + bias[plane] : x[i];
      result[i] = (float)(z > 0 ? z : negative_slope * z);
    }
}
