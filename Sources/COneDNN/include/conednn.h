// Convolutions of the oneDNN library: create, execute, destroy.
//
// Tensors are float32 or bfloat16: plain [N, C, H, W], or with channels in blocks of 8 or 16 as oneDNN's nChw8c and nChw16c.
// Weights are given and returned as plain float32 [O, I, H, W]; `packed` ones are in the form that the library chose.
// Every function returns 0 when all went well and a positive dnnl_status_t otherwise.
#ifndef CONEDNN_H
#define CONEDNN_H

#include <stddef.h>
#include <stdint.h>

#define CONEDNN_STATUS __attribute__((warn_unused_result)) int32_t

typedef struct conednn_convolution *conednn_convolution_t;

enum {
  CONEDNN_FORWARD = 0,
  CONEDNN_DATA_GRADIENT = 1,
  CONEDNN_WEIGHT_GRADIENT = 2,
};

typedef struct {
  int32_t batch;
  int32_t input_channels, input_height, input_width;
  int32_t output_channels, output_height, output_width;
  int32_t kernel_height, kernel_width;
  int32_t stride, dilation, padding;  // dilation 1 is an ordinary convolution; padding is top and left
  int32_t input_block, output_block;  // channels per block: 1 (plain), 8 or 16
  int32_t is_bfloat16;                // input and output, and their gradients; sums stay float32
  int32_t has_bias;                   // forward only
  int32_t has_activation;             // forward only: x > 0 ? x : negative_slope * x
  float negative_slope;
} conednn_convolution_shape;

CONEDNN_STATUS conednn_convolution_create(const conednn_convolution_shape *_Nonnull shape, int32_t direction,
                                          conednn_convolution_t _Nullable *_Nonnull result);
void conednn_convolution_destroy(conednn_convolution_t _Nonnull convolution);

// The library's name of the algorithm, such as "jit:avx512_core"; lives as long as the convolution.
const char *_Nonnull conednn_convolution_implementation(conednn_convolution_t _Nonnull convolution);

// Number of tensors (0 to 2) that each execution has to bring into another layout.
int32_t conednn_convolution_reorders(conednn_convolution_t _Nonnull convolution);

// Bytes that the caller provides: for the packed weight, and as scratch for packing and executing.
size_t conednn_convolution_packed_weight_size(conednn_convolution_t _Nonnull convolution);
size_t conednn_convolution_scratch_size(conednn_convolution_t _Nonnull convolution);

CONEDNN_STATUS conednn_convolution_pack_weight(conednn_convolution_t _Nonnull convolution,
                                               const float *_Nonnull weight, void *_Nonnull packed);

// forward:         operand0 = input, operand1 = packed weight, bias or null, result = output
// data gradient:   operand0 = output gradient, operand1 = packed weight, result = input gradient
// weight gradient: operand0 = input, operand1 = output gradient, result = weight gradient, plain
CONEDNN_STATUS conednn_convolution_execute(conednn_convolution_t _Nonnull convolution,
                                           const void *_Nonnull operand0, const void *_Nonnull operand1,
                                           const float *_Nullable bias, void *_Nonnull result,
                                           void *_Nonnull scratch);

// Whether this processor has instructions that multiply bfloat16 numbers; without them the library emulates them.
int32_t conednn_multiplies_bfloat16(void);

// The library's version, such as "2.6.3".
const char *_Nonnull conednn_version(void);

// A sentence for a status.
const char *_Nonnull conednn_status_message(int32_t status);

#endif
