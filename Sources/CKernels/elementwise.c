#include "elementwise.h"

#include <math.h>

#include "kernel_targets.h"
#include "parallel.h"
#include "vector_exp.h"

// Elements of one piece of work: small enough to share among threads, large enough to be worth it.
enum { CHUNK = 1 << 14 };

typedef struct {
  int function;
  const float *a, *b;
  float p;
  float *result;
  size_t count;
} arguments;

#define LOOP(expression)               \
  for (size_t i = 0; i < n; i++) {     \
    float x = a[i];                    \
    r[i] = (expression);               \
  }                                    \
  break

FOR_EACH_INSTRUCTION_SET
static void unary_range(int function, const float *a, float p, float *r, size_t n) {
  switch ((ckernels_unary_function)function) {
    case CKERNELS_LEAKY_RELU: LOOP(x > 0 ? x : p * x);
    case CKERNELS_ELU: LOOP(x > 0 ? x : vector_expm1(x > 0 ? 0 : x));
    case CKERNELS_CLIP: LOOP(x > p ? p : x < -p ? -p : x);
    case CKERNELS_TANH: LOOP(tanhf(x));
    case CKERNELS_SIGMOID: LOOP(1 / (1 + expf(-x)));
    case CKERNELS_SOFTPLUS: LOOP(fmaxf(x, 0) + log1pf(expf(-fabsf(x))));
    case CKERNELS_EXP: LOOP(expf(x));
    case CKERNELS_LOG: LOOP(logf(x));
    case CKERNELS_SQRT: LOOP(sqrtf(x));
    case CKERNELS_RECIPROCAL: LOOP(1 / x);
    case CKERNELS_ABS: LOOP(fabsf(x));
    case CKERNELS_SIGN: LOOP((float)((x > 0) - (x < 0)));
    case CKERNELS_SCALE: LOOP(p * x);
    case CKERNELS_ADD_CONSTANT: LOOP(x + p);
  }
}

FOR_EACH_INSTRUCTION_SET
static void binary_range(int function, const float *a, const float *b, float p, float *r, size_t n) {
  switch ((ckernels_binary_function)function) {
    case CKERNELS_ADD: LOOP(x + b[i]);
    case CKERNELS_SUBTRACT: LOOP(x - b[i]);
    case CKERNELS_MULTIPLY: LOOP(x * b[i]);
    case CKERNELS_DIVIDE: LOOP(x / b[i]);
    case CKERNELS_LEAKY_RELU_GRADIENT: LOOP(b[i] > 0 ? x : p * x);
    case CKERNELS_ELU_GRADIENT: LOOP(b[i] > 0 ? x : x * (b[i] + 1));
    case CKERNELS_CLIP_GRADIENT: LOOP(fabsf(b[i]) <= p ? x : 0);
    case CKERNELS_ADD_SCALED: LOOP(x + p * b[i]);
  }
}

static void chunk(size_t index, void *context) {
  const arguments *w = context;
  size_t first = index * CHUNK;
  size_t n = w->count - first < CHUNK ? w->count - first : CHUNK;
  if (w->b) {
    binary_range(w->function, w->a + first, w->b + first, w->p, w->result + first, n);
  } else {
    unary_range(w->function, w->a + first, w->p, w->result + first, n);
  }
}

void ckernels_unary(ckernels_unary_function function, const float *x, float p, float *result, size_t count) {
  arguments w = {function, x, NULL, p, result, count};
  ckernels_parallel_for((count + CHUNK - 1) / CHUNK, chunk, &w);
}

void ckernels_binary(ckernels_binary_function function, const float *a, const float *b, float p, float *result,
                     size_t count) {
  arguments w = {function, a, b, p, result, count};
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
