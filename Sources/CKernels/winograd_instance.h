// What one instantiation of the Winograd kernels offers, and the work that it is given.
#ifndef WINOGRAD_INSTANCE_H
#define WINOGRAD_INSTANCE_H

#include "parallel.h"
#include "winograd.h"
#include "winograd_geometry.h"

// The part of the calling thread.
static inline float *own_scratch(const ckernels_winograd_scratch *scratch) {
  return scratch->threads + (size_t)ckernels_thread_index() * scratch->threadStride;
}

// Transforms weights for a convolution from `inputChannels` to `outputChannels` of the geometry.
typedef struct {
  const winograd_geometry *geometry;
  const float *weight;
  // Whether the weight is [inputChannels, outputChannels, 3, 3] and rotated by 180 degrees.
  bool transposed;
  float *packed;
} winograd_packing;

typedef struct {
  const winograd_geometry *geometry;
  const void *input;
  const float *packed, *bias;
  float negativeSlope;
  const ckernels_winograd_scratch *scratch;
  void *output;
} winograd_convolution;

typedef struct {
  const winograd_geometry *geometry;
  const void *input, *outputGradient;
  const ckernels_winograd_scratch *scratch;
  float *weightGradient;
} winograd_weight_gradient;

typedef struct {
  size_t (*packed_count)(const winograd_geometry *geometry);
  void (*pack)(const winograd_packing *work);
  ckernels_winograd_scratch_counts (*convolution_scratch)(const winograd_geometry *geometry);
  void (*convolve)(const winograd_convolution *work);
  ckernels_winograd_scratch_counts (*weight_gradient_scratch)(const winograd_geometry *geometry);
  void (*weight_gradient)(const winograd_weight_gradient *work);
} winograd_instance;

extern const winograd_instance winograd_portable, winograd_portable_wide;
#if defined(__x86_64__)
extern const winograd_instance winograd_avx2, winograd_avx512;
#endif

#endif
