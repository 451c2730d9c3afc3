// Operations on feature maps [planes][height][width][lanes], where a plane holds `lanes` channels side by side
// (1 in the plain layout, 8 or 16 in a blocked one).
#ifndef CKERNELS_SPATIAL_H
#define CKERNELS_SPATIAL_H

#include <stddef.h>
#include <stdint.h>

#include "element_type.h"

// 2x2 windows, stride 2; an odd last row or column is left out. The gradient goes to the first largest value of a window.
void ckernels_max_pool(const void *_Nonnull x, size_t planes, size_t height, size_t width, size_t lanes,
                       ckernels_element_type type, void *_Nonnull y);
void ckernels_max_pool_gradient(const void *_Nonnull x, const void *_Nonnull dy, size_t planes, size_t height,
                                size_t width, size_t lanes, ckernels_element_type type, void *_Nonnull dx);

// For values v chosen by the windows of x as above: y = v at the place of x's first largest value.
void ckernels_max_pool_select(const void *_Nonnull x, const void *_Nonnull v, size_t planes, size_t height,
                              size_t width, size_t lanes, ckernels_element_type type, void *_Nonnull y);

// y = factor * sum over each 2x2 window, stride 2.
void ckernels_sum_pool(const void *_Nonnull x, float factor, size_t planes, size_t height, size_t width, size_t lanes,
                       ckernels_element_type type, void *_Nonnull y);

// y [2 height][2 width] = factor * x, each value four times. Zero in an odd last row or column up to (out_height, out_width).
void ckernels_upsample(const void *_Nonnull x, float factor, size_t planes, size_t height, size_t width, size_t lanes,
                       size_t out_height, size_t out_width, ckernels_element_type type, void *_Nonnull y);

// Copies a window of each image between [height][width] and [window_height][window_width]; tops and lefts are [batch].
// `paste` also writes zeros around the window.
void ckernels_crop(const void *_Nonnull x, size_t batch, size_t planes, size_t height, size_t width, size_t lanes,
                   const int32_t *_Nonnull tops, const int32_t *_Nonnull lefts, size_t window_height,
                   size_t window_width, ckernels_element_type type, void *_Nonnull y);
void ckernels_paste(const void *_Nonnull x, size_t batch, size_t planes, size_t height, size_t width, size_t lanes,
                    const int32_t *_Nonnull tops, const int32_t *_Nonnull lefts, size_t window_height,
                    size_t window_width, ckernels_element_type type, void *_Nonnull y);

// Between [batch][channels][pixels] in float32 and [batch][ceil(channels / block)][pixels][block] of either type, zeros
// in missing channels.
void ckernels_plain_to_blocked(const float *_Nonnull x, size_t batch, size_t channels, size_t pixels, size_t block,
                               ckernels_element_type type, void *_Nonnull y);
void ckernels_blocked_to_plain(const void *_Nonnull x, size_t batch, size_t channels, size_t pixels, size_t block,
                               ckernels_element_type type, float *_Nonnull y);

// Between the two types, element by element.
void ckernels_to_bfloat16(const float *_Nonnull x, size_t count, void *_Nonnull y);
void ckernels_from_bfloat16(const void *_Nonnull x, size_t count, float *_Nonnull y);

// Columns [channels][kernel][kernel][out_height][out_width] of one plain image [channels][height][width], and back (adding).
typedef struct {
  size_t channels, height, width, out_height, out_width, kernel_height, kernel_width, stride, dilation, padding;
} ckernels_window_shape;
void ckernels_image_to_columns(const ckernels_window_shape *_Nonnull shape, const float *_Nonnull image,
                               float *_Nonnull columns);
void ckernels_columns_to_image(const ckernels_window_shape *_Nonnull shape, const float *_Nonnull columns,
                               float *_Nonnull image);

#endif
