#include "elementwise.h"

#include <math.h>

#include "elements.h"
#include "exponential.h"
#include "kernel_targets.h"
#include "parallel.h"

// Elements of one piece of work: small enough to share among threads, large enough to be worth it.
enum { CHUNK = 1 << 14 };

typedef struct {
  int function;
  const void *a, *b;
  float p;
  void *result;
  size_t count;
  bool half;
} arguments;

#define SCALAR_LOOP(expression)            \
  for (size_t i = 0; i < n; i++) {         \
    float x = element(a, i, half);         \
    set_element(r, i, (expression), half); \
  }                                        \
  break

// A result may lie where an operand does, which the compiler takes for a dependence between elements.
#define LOOP(expression) _Pragma("clang loop vectorize(assume_safety)") SCALAR_LOOP(expression)

INLINE void unary_elements(int function, const void *a, float p, void *r, size_t n, bool half) {
  switch ((ckernels_unary_function)function) {
    case CKERNELS_LEAKY_RELU: LOOP(x > 0 ? x : p * x);
    case CKERNELS_ELU: LOOP(x > 0 ? x : exponential_minus_one(x));
    case CKERNELS_CLIP: LOOP(x > p ? p : x < -p ? -p : x);
    case CKERNELS_TANH: LOOP(hyperbolic_tangent(x));
    case CKERNELS_SIGMOID: LOOP(logistic(x));
    case CKERNELS_SOFTPLUS: SCALAR_LOOP(fmaxf(x, 0) + log1pf(expf(-fabsf(x))));
    case CKERNELS_EXP: LOOP(exponential(x));
    case CKERNELS_LOG: SCALAR_LOOP(logf(x));
    case CKERNELS_SQRT: LOOP(__builtin_elementwise_sqrt(x));
    case CKERNELS_RECIPROCAL: LOOP(1 / x);
    case CKERNELS_ABS: LOOP(fabsf(x));
    case CKERNELS_SIGN: LOOP((float)((x > 0) - (x < 0)));
    case CKERNELS_SCALE: LOOP(p * x);
    case CKERNELS_ADD_CONSTANT: LOOP(x + p);
  }
}

FOR_EACH_INSTRUCTION_SET
static void unary_range(int function, const void *a, float p, void *r, size_t n, bool half) {
#define CALL(half) unary_elements(function, a, p, r, n, half)
  FOR_ELEMENT_TYPE(half, CALL);
#undef CALL
}

INLINE void binary_elements(int function, const void *a, const void *b, float p, void *r, size_t n, bool half) {
#define B element(b, i, half)
  switch ((ckernels_binary_function)function) {
    case CKERNELS_ADD: LOOP(x + B);
    case CKERNELS_SUBTRACT: LOOP(x - B);
    case CKERNELS_MULTIPLY: LOOP(x * B);
    case CKERNELS_DIVIDE: LOOP(x / B);
    case CKERNELS_LEAKY_RELU_GRADIENT: LOOP(B > 0 ? x : p * x);
    case CKERNELS_ELU_GRADIENT: LOOP(B > 0 ? x : x * (B + 1));
    case CKERNELS_CLIP_GRADIENT: LOOP(fabsf(B) <= p ? x : 0);
    case CKERNELS_ADD_SCALED: LOOP(x + p * B);
  }
#undef B
}

FOR_EACH_INSTRUCTION_SET
static void binary_range(int function, const void *a, const void *b, float p, void *r, size_t n, bool half) {
#define CALL(half) binary_elements(function, a, b, p, r, n, half)
  FOR_ELEMENT_TYPE(half, CALL);
#undef CALL
}

static void chunk(size_t index, void *context) {
  const arguments *w = context;
  size_t first = index * CHUNK;
  size_t n = w->count - first < CHUNK ? w->count - first : CHUNK;
  const void *a = from_element(w->a, first, w->half);
  void *result = from_mutable_element(w->result, first, w->half);
  if (w->b) {
    binary_range(w->function, a, from_element(w->b, first, w->half), w->p, result, n, w->half);
  } else {
    unary_range(w->function, a, w->p, result, n, w->half);
  }
}

void ckernels_unary(ckernels_unary_function function, const void *x, float p, void *result, size_t count,
                    ckernels_element_type type) {
  arguments w = {function, x, NULL, p, result, count, type == CKERNELS_BFLOAT16};
  ckernels_parallel_for((count + CHUNK - 1) / CHUNK, chunk, &w);
}

void ckernels_binary(ckernels_binary_function function, const void *a, const void *b, float p, void *result,
                     size_t count, ckernels_element_type type) {
  arguments w = {function, a, b, p, result, count, type == CKERNELS_BFLOAT16};
  ckernels_parallel_for((count + CHUNK - 1) / CHUNK, chunk, &w);
}

typedef struct {
  const float *hole, *a, *b;
  size_t channels, pixels;
  float *result;
} blend_arguments;

FOR_EACH_INSTRUCTION_SET
static void blend_plane(const float *hole, const float *a, const float *b, size_t n, float *r) {
  for (size_t i = 0; i < n; i++) r[i] = hole[i] * a[i] + (1 - hole[i]) * b[i];
}

static void blend_one(size_t plane, void *context) {
  const blend_arguments *w = context;
  size_t at = plane * w->pixels;
  blend_plane(w->hole + plane / w->channels * w->pixels, w->a + at, w->b + at, w->pixels, w->result + at);
}

void ckernels_blend(const float *hole, const float *a, const float *b, size_t batch, size_t channels, size_t pixels,
                    float *result) {
  blend_arguments w = {hole, a, b, channels, pixels, result};
  ckernels_parallel_for(batch * channels, blend_one, &w);
}
