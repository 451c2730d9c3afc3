// Looks for numbers that calculations cannot go on with.
#ifndef CKERNELS_FINITE_H
#define CKERNELS_FINITE_H

#include <stdbool.h>
#include <stddef.h>

// Whether |x[i]| <= limit for every i, which is false for NaN.
bool ckernels_all_within(const float *_Nonnull x, float limit, size_t count);

// The same for the sums x + y, or for x where y is null, which are written to `sum`.
bool ckernels_sum_within(const float *_Nonnull x, const float *_Nullable y, float limit, float *_Nonnull sum,
                         size_t count);

#endif
