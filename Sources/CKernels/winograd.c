#include "winograd.h"

#include "winograd_instance.h"

bool ckernels_supports_instruction_set(ckernels_instruction_set set) {
  switch (set) {
    case CKERNELS_AUTOMATIC:
    case CKERNELS_PORTABLE:
    case CKERNELS_PORTABLE_WIDE: return true;
#if defined(__x86_64__)
    case CKERNELS_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case CKERNELS_AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
#endif
    default: return false;
  }
}

ckernels_instruction_set ckernels_widest_instruction_set(void) {
  if (ckernels_supports_instruction_set(CKERNELS_AVX512)) return CKERNELS_AVX512;
  return ckernels_supports_instruction_set(CKERNELS_AVX2) ? CKERNELS_AVX2 : CKERNELS_PORTABLE;
}

// The kernels for a shape: those of its set, or the next narrower where a block is less than a
// vector; null where the processor lacks the set.
static const winograd_instance *instance_for(const ckernels_winograd_shape *shape) {
  ckernels_instruction_set set = shape->instructionSet;
  if (!ckernels_supports_instruction_set(set)) return NULL;
  if (set == CKERNELS_AUTOMATIC) set = ckernels_widest_instruction_set();
  bool isWide = shape->channelBlock == 16;
  switch (set) {
#if defined(__x86_64__)
    case CKERNELS_AVX2: return &winograd_avx2;
    case CKERNELS_AVX512: return isWide ? &winograd_avx512 : &winograd_avx2;
#endif
    case CKERNELS_PORTABLE_WIDE: return isWide ? &winograd_portable_wide : &winograd_portable;
    default: return &winograd_portable;
  }
}

// The kernels and the geometry of one direction; null where they cannot be used.
static const winograd_instance *prepare(
    const ckernels_winograd_shape *shape, ckernels_winograd_direction direction,
    winograd_geometry *geometry) {
  bool isGood = direction == CKERNELS_WINOGRAD_DATA_GRADIENT
                    ? winograd_geometry_make_transposed(shape, geometry)
                    : winograd_geometry_make(shape, geometry);
  return isGood ? instance_for(shape) : NULL;
}

size_t ckernels_winograd_packed_weight_count(const ckernels_winograd_shape *shape) {
  winograd_geometry forward, transposed;
  const winograd_instance *instance = prepare(shape, CKERNELS_WINOGRAD_FORWARD, &forward);
  if (instance == NULL) return 0;
  (void)prepare(shape, CKERNELS_WINOGRAD_DATA_GRADIENT, &transposed);
  return larger(instance->packed_count(&forward), instance->packed_count(&transposed));
}

int32_t ckernels_winograd_pack_forward_weight(
    const ckernels_winograd_shape *shape, const float *weight, float *packed) {
  winograd_geometry geometry;
  const winograd_instance *instance = prepare(shape, CKERNELS_WINOGRAD_FORWARD, &geometry);
  if (instance == NULL) return CKERNELS_WINOGRAD_BAD_SHAPE;
  instance->pack(&(winograd_packing){&geometry, weight, false, packed});
  return CKERNELS_WINOGRAD_DONE;
}

int32_t ckernels_winograd_pack_data_gradient_weight(
    const ckernels_winograd_shape *shape, const float *weight, float *packed) {
  winograd_geometry geometry;
  const winograd_instance *instance = prepare(shape, CKERNELS_WINOGRAD_DATA_GRADIENT, &geometry);
  if (instance == NULL) return CKERNELS_WINOGRAD_BAD_SHAPE;
  instance->pack(&(winograd_packing){&geometry, weight, true, packed});
  return CKERNELS_WINOGRAD_DONE;
}

ckernels_winograd_scratch_counts ckernels_winograd_scratch_count(
    const ckernels_winograd_shape *shape, ckernels_winograd_direction direction) {
  winograd_geometry geometry;
  const winograd_instance *instance = prepare(shape, direction, &geometry);
  if (instance == NULL) return (ckernels_winograd_scratch_counts){0, 0};
  return direction == CKERNELS_WINOGRAD_WEIGHT_GRADIENT
             ? instance->weight_gradient_scratch(&geometry)
             : instance->convolution_scratch(&geometry);
}

static bool is_enough(
    const ckernels_winograd_scratch *scratch, ckernels_winograd_scratch_counts needed) {
  size_t threads = (size_t)ckernels_thread_count();
  return scratch->sharedCount >= needed.shared && scratch->threadStride >= needed.thread &&
         scratch->threadsCount >= threads * scratch->threadStride;
}

static int32_t convolve(const winograd_instance *instance, const winograd_convolution *work) {
  if (!is_enough(work->scratch, instance->convolution_scratch(work->geometry))) {
    return CKERNELS_WINOGRAD_SMALL_SCRATCH;
  }
  instance->convolve(work);
  return CKERNELS_WINOGRAD_DONE;
}

int32_t ckernels_winograd_forward(
    const ckernels_winograd_shape *shape, const void *input, const float *packed,
    const float *bias, float negativeSlope, const ckernels_winograd_scratch *scratch,
    void *output) {
  winograd_geometry geometry;
  const winograd_instance *instance = prepare(shape, CKERNELS_WINOGRAD_FORWARD, &geometry);
  if (instance == NULL) return CKERNELS_WINOGRAD_BAD_SHAPE;
  winograd_convolution work = {&geometry, input, packed, bias, negativeSlope, scratch, output};
  return convolve(instance, &work);
}

int32_t ckernels_winograd_data_gradient(
    const ckernels_winograd_shape *shape, const void *outputGradient, const float *packed,
    const ckernels_winograd_scratch *scratch, void *inputGradient) {
  winograd_geometry geometry;
  const winograd_instance *instance = prepare(shape, CKERNELS_WINOGRAD_DATA_GRADIENT, &geometry);
  if (instance == NULL) return CKERNELS_WINOGRAD_BAD_SHAPE;
  winograd_convolution work = {&geometry, outputGradient, packed, NULL, 1, scratch, inputGradient};
  return convolve(instance, &work);
}

int32_t ckernels_winograd_weight_gradient(
    const ckernels_winograd_shape *shape, const void *input, const void *outputGradient,
    const ckernels_winograd_scratch *scratch, float *weightGradient) {
  winograd_geometry geometry;
  const winograd_instance *instance = prepare(shape, CKERNELS_WINOGRAD_WEIGHT_GRADIENT, &geometry);
  if (instance == NULL) return CKERNELS_WINOGRAD_BAD_SHAPE;
  if (!is_enough(scratch, instance->weight_gradient_scratch(&geometry))) {
    return CKERNELS_WINOGRAD_SMALL_SCRATCH;
  }
  instance->weight_gradient(
      &(winograd_weight_gradient){&geometry, input, outputGradient, scratch, weightGradient});
  return CKERNELS_WINOGRAD_DONE;
}
