// Normalisation of feature maps [batch][planes][pixels][lanes], where a plane holds `lanes` channels side by side
// (1 in the plain layout, 8 or 16 in a blocked one).
//
// Statistics belong to a group of images: each image alone (instance norm, groups = batch) or all (batch norm, groups = 1).
// Every per-channel array is [groups][planes][lanes]; weight and bias are [planes][lanes].
// Per-channel numbers and the arithmetic on every element are doubles (the loops wait for memory, not for arithmetic):
// where a channel has few values or little variance, the gradient is a small difference of large numbers.
// Sums are taken in an order fixed by the shape.
#ifndef CKERNELS_NORMALIZATION_H
#define CKERNELS_NORMALIZATION_H

#include <stddef.h>
#include <stdint.h>

#include "element_type.h"

typedef struct {
  size_t batch, planes, pixels, lanes, groups;
  ckernels_element_type element_type;  // of x, y and their gradients
} ckernels_normalization_shape;

// Mean and biased variance of each channel over the images of a group and their pixels.
void ckernels_moments(const ckernels_normalization_shape *_Nonnull shape, const void *_Nonnull x,
                      double *_Nonnull mean, double *_Nonnull variance);

// y = activation(scale (x - mean) + shift), plus `addend` where it is given; activation(z) = z > 0 ? z : negative_slope z.
void ckernels_normalize(const ckernels_normalization_shape *_Nonnull shape, const void *_Nonnull x,
                        const double *_Nonnull mean, const double *_Nonnull scale, const double *_Nullable shift,
                        float negative_slope, const void *_Nullable addend, void *_Nonnull y);

// With z as above and g = dy activation'(z): sum_g = sum of g, sum_gx = sum of g (x - mean), over a group.
void ckernels_normalization_sums(const ckernels_normalization_shape *_Nonnull shape, const void *_Nonnull x,
                                 const double *_Nonnull mean, const double *_Nonnull scale,
                                 const double *_Nullable shift, float negative_slope, const void *_Nonnull dy,
                                 double *_Nonnull sum_g, double *_Nonnull sum_gx);

// dx = scale g - offset - slope (x - mean), with g as above.
void ckernels_normalization_gradient(const ckernels_normalization_shape *_Nonnull shape, const void *_Nonnull x,
                                     const double *_Nonnull mean, const double *_Nonnull scale,
                                     const double *_Nullable shift, float negative_slope, const void *_Nonnull dy,
                                     const double *_Nonnull offset, const double *_Nonnull slope, void *_Nonnull dx);

#endif
