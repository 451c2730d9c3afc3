// Convolutions of stride 1 between few channels, in the plain layout, with sums in double precision.
#ifndef CKERNELS_NARROW_H
#define CKERNELS_NARROW_H

#include <stddef.h>

#include "spatial.h"

// The most input channels times rows of a window, and columns that a window may reach beyond its first.
enum { CKERNELS_NARROW_ROWS = 80, CKERNELS_NARROW_REACH = 64 };

// result[n][o] = leaky ReLU of sum over channels and taps of weight[o][c][kh][kw] x[n][c] + bias[o], rounded once.
void ckernels_narrow_convolution(const ckernels_window_shape *_Nonnull shape, size_t batch, size_t outputs,
                                 const float *_Nonnull x, const double *_Nonnull weight, const float *_Nullable bias,
                                 float negative_slope, float *_Nonnull result);

// Doubles that the weight gradient needs.
size_t ckernels_narrow_weight_gradient_scratch(const ckernels_window_shape *_Nonnull shape, size_t batch,
                                               size_t outputs);

// result[o][c][kh][kw] = sum over images and places of dy[n][o] x[n][c], in the order of the images.
void ckernels_narrow_weight_gradient(const ckernels_window_shape *_Nonnull shape, size_t batch, size_t outputs,
                                     const float *_Nonnull x, const float *_Nonnull dy, double *_Nonnull scratch,
                                     float *_Nonnull result);

#endif
