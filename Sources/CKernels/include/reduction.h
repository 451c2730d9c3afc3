// Sums with an order that depends on the count alone: float within short runs, double across them.
#ifndef CKERNELS_REDUCTION_H
#define CKERNELS_REDUCTION_H

#include <stddef.h>
#include <stdint.h>

#include "element_type.h"

// Sum of x[i].
double ckernels_sum(const float *_Nonnull x, size_t count);

// Sum of x[i]^2.
double ckernels_sum_of_squares(const float *_Nonnull x, size_t count);

// For x [outer][middle][inner], result[o][i] = sum over m of x[o][m][i].
void ckernels_sum_middle(const void *_Nonnull x, size_t outer, size_t middle, size_t inner, ckernels_element_type type,
                         float *_Nonnull result);

// For x [outer][inner], result[o][m][i] = x[o][i] for every m.
void ckernels_repeat_middle(const float *_Nonnull x, size_t outer, size_t middle, size_t inner,
                            float *_Nonnull result);

// Sum of |a - b| (1 + guide) over [batch][planes][pixels][inner]; guide is [batch][pixels], or null for zero.
double ckernels_guided_l1(const void *_Nonnull a, const void *_Nonnull b, const float *_Nullable guide, size_t batch,
                          size_t planes, size_t pixels, size_t inner, ckernels_element_type type);

// Its derivative by a, times `scale`.
void ckernels_guided_l1_gradient(const void *_Nonnull a, const void *_Nonnull b, const float *_Nullable guide,
                                 float scale, size_t batch, size_t planes, size_t pixels, size_t inner,
                                 ckernels_element_type type, void *_Nonnull result);

#endif
