// Looks for numbers that calculations cannot go on with.
#ifndef CKERNELS_FINITE_H
#define CKERNELS_FINITE_H

#include <stdbool.h>
#include <stddef.h>

// Whether |x[i]| <= limit for every i, which is false for NaN; copies x to `copy` unless that is null.
bool ckernels_all_within(const float *_Nonnull x, float limit, float *_Nullable copy, size_t count);

#endif
