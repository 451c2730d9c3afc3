// Functions of one or two arrays, element by element. `result` may be one of the operands.
#ifndef CKERNELS_ELEMENTWISE_H
#define CKERNELS_ELEMENTWISE_H

#include <stddef.h>
#include <stdint.h>

#include "element_type.h"

typedef enum {
  CKERNELS_LEAKY_RELU,    // x > 0 ? x : p x
  CKERNELS_ELU,           // x > 0 ? x : exp(x) - 1
  CKERNELS_CLIP,          // x limited to -p ... p
  CKERNELS_TANH,
  CKERNELS_SIGMOID,       // 1 / (1 + exp(-x))
  CKERNELS_SOFTPLUS,      // log(1 + exp(x)), without overflow
  CKERNELS_EXP,
  CKERNELS_LOG,
  CKERNELS_SQRT,
  CKERNELS_RECIPROCAL,
  CKERNELS_ABS,
  CKERNELS_SIGN,          // -1, 0 or 1
  CKERNELS_SCALE,         // p x
  CKERNELS_ADD_CONSTANT,  // x + p
} ckernels_unary_function;

typedef enum {
  CKERNELS_ADD,
  CKERNELS_SUBTRACT,
  CKERNELS_MULTIPLY,
  CKERNELS_DIVIDE,
  CKERNELS_LEAKY_RELU_GRADIENT,  // a is the output gradient, b the input or output: b > 0 ? a : p a
  CKERNELS_ELU_GRADIENT,         // a is the output gradient, b the output: b > 0 ? a : a (b + 1)
  CKERNELS_CLIP_GRADIENT,        // a is the output gradient, b the input: |b| <= p ? a : 0
  CKERNELS_ADD_SCALED,           // a + p b
} ckernels_binary_function;

void ckernels_unary(ckernels_unary_function function, const void *_Nonnull x, float p, void *_Nonnull result,
                    size_t count, ckernels_element_type type);
void ckernels_binary(ckernels_binary_function function, const void *_Nonnull a, const void *_Nonnull b, float p,
                     void *_Nonnull result, size_t count, ckernels_element_type type);

// result = hole * a + (1 - hole) * b for planes [batch][channels][pixels]; hole is [batch][pixels].
void ckernels_blend(const float *_Nonnull hole, const float *_Nonnull a, const float *_Nonnull b, size_t batch,
                    size_t channels, size_t pixels, float *_Nonnull result);

#endif
