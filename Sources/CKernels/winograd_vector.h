// The vector type of an instantiation of the Winograd kernels.
//
// The including file defines LANES, the floats of a vector, and PANEL_VECTORS, the vectors of
// output channels that the inner kernel keeps in registers; and compiles all of it for one
// instruction set.
#ifndef WINOGRAD_VECTOR_H
#define WINOGRAD_VECTOR_H

#include "elements.h"

#pragma STDC FP_CONTRACT ON

enum {
  PANEL = PANEL_VECTORS * LANES,  // output channels of a panel of transformed weights
  CHANNEL_STEP = 16,              // channels transformed together: their floats fill a cache line
};

typedef float vector __attribute__((vector_size(LANES * 4)));
typedef int32_t mask __attribute__((vector_size(LANES * 4)));
typedef float memory_vector __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

typedef uint32_t bits __attribute__((vector_size(LANES * 4)));
typedef uint16_t half_bits __attribute__((vector_size(LANES * 2)));
typedef uint16_t memory_half_bits __attribute__((vector_size(LANES * 2), aligned(2), may_alias));

INLINE vector load(const float *p) { return *(const memory_vector *)p; }

INLINE void store(float *p, vector x) { *(memory_vector *)p = x; }

// Element i of a map of either type, and those after it.
INLINE vector load_map(const void *map, ptrdiff_t i, bool half) {
  if (!half) return load((const float *)map + i);
  half_bits x = *(const memory_half_bits *)((const uint16_t *)map + i);
  return (vector)(__builtin_convertvector(x, bits) << 16);
}

INLINE void store_map(void *map, ptrdiff_t i, vector x, bool half) {
  if (!half) {
    store((float *)map + i, x);
    return;
  }
  bits all = (bits)x, isNumber = (bits)(x == x);
  bits rounded = (all + 0x7FFF + (all >> 16 & 1)) >> 16;
  bits result = (isNumber & rounded) | (~isNumber & (all >> 16 | 0x40));
  *(memory_half_bits *)((uint16_t *)map + i) = __builtin_convertvector(result, half_bits);
}

#endif
