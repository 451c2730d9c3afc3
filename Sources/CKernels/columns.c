#include <string.h>

#include "spatial.h"

// Calls BODY(offset of a column's element, offset of the image's element) for the elements inside the image, and
// OUTSIDE(offset of a column's element) for those in the padding.
#define FOR_EACH_TAP(s, BODY, OUTSIDE)                                                                    \
  for (size_t c = 0; c < (s)->channels; c++)                                                              \
    for (size_t kh = 0; kh < (s)->kernel_height; kh++)                                                    \
      for (size_t kw = 0; kw < (s)->kernel_width; kw++)                                                   \
        for (size_t oh = 0; oh < (s)->out_height; oh++)                                                   \
          for (size_t ow = 0; ow < (s)->out_width; ow++) {                                                \
            size_t at = (((c * (s)->kernel_height + kh) * (s)->kernel_width + kw) * (s)->out_height + oh) * \
                            (s)->out_width + ow;                                                          \
            size_t h = oh * (s)->stride + kh * (s)->dilation - (s)->padding;                              \
            size_t w = ow * (s)->stride + kw * (s)->dilation - (s)->padding;                              \
            if (h < (s)->height && w < (s)->width) {                                                      \
              BODY(at, (c * (s)->height + h) * (s)->width + w);                                           \
            } else {                                                                                      \
              OUTSIDE(at);                                                                                \
            }                                                                                             \
          }

void ckernels_image_to_columns(const ckernels_window_shape *shape, const float *image, float *columns) {
#define COPY(at, from) columns[at] = image[from]
#define CLEAR(at) columns[at] = 0
  FOR_EACH_TAP(shape, COPY, CLEAR)
#undef COPY
#undef CLEAR
}

void ckernels_columns_to_image(const ckernels_window_shape *shape, const float *columns, float *image) {
  memset(image, 0, shape->channels * shape->height * shape->width * sizeof(float));
#define ADD(at, to) image[to] += columns[at]
#define IGNORE(at) (void)(at)
  FOR_EACH_TAP(shape, ADD, IGNORE)
#undef ADD
#undef IGNORE
}
