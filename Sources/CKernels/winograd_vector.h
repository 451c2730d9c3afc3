// The vector type of an instantiation of the Winograd kernels.
//
// The including file defines LANES, the floats of a vector, and PANEL_VECTORS, the vectors of
// output channels that the inner kernel keeps in registers; and compiles all of it for one
// instruction set.
#ifndef WINOGRAD_VECTOR_H
#define WINOGRAD_VECTOR_H

#include <stddef.h>
#include <stdint.h>

#pragma STDC FP_CONTRACT ON

#define INLINE static inline __attribute__((always_inline))

enum {
  PANEL = PANEL_VECTORS * LANES,  // output channels of a panel of transformed weights
  CHANNEL_STEP = 16,              // channels transformed together: their floats fill a cache line
};

typedef float vector __attribute__((vector_size(LANES * 4)));
typedef int32_t mask __attribute__((vector_size(LANES * 4)));
typedef float memory_vector __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

INLINE vector load(const float *p) { return *(const memory_vector *)p; }

INLINE void store(float *p, vector x) { *(memory_vector *)p = x; }

#endif
