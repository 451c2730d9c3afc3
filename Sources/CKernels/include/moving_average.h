// The exponential moving average of parameters over flat memory.
#ifndef CKERNELS_MOVING_AVERAGE_H
#define CKERNELS_MOVING_AVERAGE_H

#include <stddef.h>

// average += weight * (x - average)
void ckernels_moving_average(float *_Nonnull average, const float *_Nonnull x, float weight, size_t count);

#endif
