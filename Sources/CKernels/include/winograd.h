// Winograd convolution F(4x4, 3x3): 3x3 kernels, stride 1, any padding and dilation. Feature maps are float32 or
// bfloat16; all else, and the arithmetic, is float32.
//
// Feature maps are blocked, [N, C / B, H, W, B] (oneDNN's nChw8c and nChw16c), with C rounded up to
// a multiple of the block B; the extra channels of inputs must hold zeros, and those of outputs are
// set to zero. Weights are plain [O, I, 3, 3]. Nothing is allocated: the caller gives every buffer,
// aligned to 64 bytes. The results are the same bits for any number of threads.
#ifndef CKERNELS_WINOGRAD_H
#define CKERNELS_WINOGRAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "element_type.h"

#define CKERNELS_STATUS __attribute__((warn_unused_result))

// The instruction sets that the kernels are compiled for. Each has results of its own, as it sums
// in an order of its own.
typedef enum {
  CKERNELS_AUTOMATIC = 0,  // the widest one of this processor
  CKERNELS_PORTABLE = 1,
  // Portable code in the shape of the AVX-512 kernels, so that any machine can test that shape.
  CKERNELS_PORTABLE_WIDE = 2,
  CKERNELS_AVX2 = 3,
  CKERNELS_AVX512 = 4,
} ckernels_instruction_set;

// Whether this processor can execute kernels for `set`.
bool ckernels_supports_instruction_set(ckernels_instruction_set set);

// The set that CKERNELS_AUTOMATIC stands for.
ckernels_instruction_set ckernels_widest_instruction_set(void);

// A convolution, as its forward direction sees it; the other directions take the same description.
typedef struct {
  int32_t batch;
  int32_t inputChannels;   // I, without the zeros that fill the last block
  int32_t outputChannels;  // O, likewise
  int32_t height;          // of the input; the output has height + 2 padding - 2 dilation rows
  int32_t width;
  int32_t padding;  // zeros on each of the four sides, 0...2 dilation; dilation keeps the size
  int32_t dilation;
  int32_t channelBlock;  // B, 8 or 16
  // Where the input's channels are four phases of as many channels each, those of even and odd rows and columns
  // (I is 4 C; channel (2 row + column) C + c): the row of the windows of even and of odd rows that holds zeros,
  // 0 or 2, or another number for none, and likewise of columns. They are not multiplied, and their weight
  // gradient is not defined.
  bool hasPhases;
  int32_t emptyTaps[2];
  ckernels_instruction_set instructionSet;  // AVX-512 kernels need B = 16; AVX2's take over for 8
  ckernels_element_type elementType;        // of feature maps and their gradients
} ckernels_winograd_shape;

typedef enum {
  CKERNELS_WINOGRAD_FORWARD = 0,
  CKERNELS_WINOGRAD_DATA_GRADIENT = 1,
  CKERNELS_WINOGRAD_WEIGHT_GRADIENT = 2,
} ckernels_winograd_direction;

typedef enum {
  CKERNELS_WINOGRAD_DONE = 0,
  CKERNELS_WINOGRAD_BAD_SHAPE = 1,  // or an instruction set that this processor lacks
  CKERNELS_WINOGRAD_SMALL_SCRATCH = 2,  // fewer floats than scratch_count asks for
} ckernels_winograd_status;

// Floats of scratch memory: of all threads together, and of each thread alone.
typedef struct {
  size_t shared, thread;
} ckernels_winograd_scratch_counts;

// Scratch memory, aligned to 64 bytes: a part for all threads, and one of threadStride floats for each
// thread, one behind the other. Where the threads' parts stay in place from one call to the next they
// stay in the threads' caches.
typedef struct {
  float *_Nonnull shared;
  size_t sharedCount;
  float *_Nonnull threads;
  size_t threadsCount;  // of all threads' parts
  size_t threadStride;  // a multiple of 16
} ckernels_winograd_scratch;

// The number of floats in packed weights, for either of their two uses; 0 for a bad shape.
size_t ckernels_winograd_packed_weight_count(const ckernels_winograd_shape *_Nonnull shape);

// Transforms `weight`, [O, I, 3, 3], for `ckernels_winograd_forward` with the same channels, block
// and instruction set; batch, size, padding and dilation do not matter.
int32_t ckernels_winograd_pack_forward_weight(
    const ckernels_winograd_shape *_Nonnull shape, const float *_Nonnull weight,
    float *_Nonnull packed) CKERNELS_STATUS;

// Transforms `weight`, [O, I, 3, 3], for `ckernels_winograd_data_gradient`.
int32_t ckernels_winograd_pack_data_gradient_weight(
    const ckernels_winograd_shape *_Nonnull shape, const float *_Nonnull weight,
    float *_Nonnull packed) CKERNELS_STATUS;

// What a direction needs with the calling thread's current number of threads; 0 for a bad shape.
ckernels_winograd_scratch_counts ckernels_winograd_scratch_count(
    const ckernels_winograd_shape *_Nonnull shape, ckernels_winograd_direction direction);

// output = activation(convolution(input) + bias), where activation(x) is x for x > 0 and
// negativeSlope x elsewhere: 0 is ReLU, 1 the identity. `bias` has O elements, or is null for
// zeros.
int32_t ckernels_winograd_forward(
    const ckernels_winograd_shape *_Nonnull shape, const void *_Nonnull input,
    const float *_Nonnull packed, const float *_Nullable bias, float negativeSlope,
    const ckernels_winograd_scratch *_Nonnull scratch, void *_Nonnull output) CKERNELS_STATUS;

// The derivative of sum(output outputGradient) by the input, without bias and activation.
int32_t ckernels_winograd_data_gradient(
    const ckernels_winograd_shape *_Nonnull shape, const void *_Nonnull outputGradient,
    const float *_Nonnull packed, const ckernels_winograd_scratch *_Nonnull scratch,
    void *_Nonnull inputGradient) CKERNELS_STATUS;

// The derivative by the weight, [O, I, 3, 3].
int32_t ckernels_winograd_weight_gradient(
    const ckernels_winograd_shape *_Nonnull shape, const void *_Nonnull input,
    const void *_Nonnull outputGradient, const ckernels_winograd_scratch *_Nonnull scratch,
    float *_Nonnull weightGradient) CKERNELS_STATUS;

#endif
