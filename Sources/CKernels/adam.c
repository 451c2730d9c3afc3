#include "adam.h"

#include <float.h>
#include <math.h>
#include <stdatomic.h>

#include "kernel_targets.h"
#include "parallel.h"

enum { CHUNK = 1 << 14 };

typedef struct {
  const ckernels_adam_settings *settings;
  const float *gradient;
  float *parameter, *first_moment, *second_moment;
  size_t count;
  atomic_bool damaged;
} arguments;

FOR_EACH_INSTRUCTION_SET
static int adam_range(const ckernels_adam_settings *s, const float *restrict g, float *restrict p, float *restrict m,
                      float *restrict v, size_t n) {
  float step = s->learning_rate / s->bias_correction1;
  int damaged = 0;
  for (size_t i = 0; i < n; i++) {
    float gradient = g[i] * s->gradient_scale;
    m[i] = m[i] + s->one_minus_beta1 * (gradient - m[i]);
    v[i] = s->beta2 * v[i] + s->one_minus_beta2 * gradient * gradient;
    // sqrtf would have to set errno, number by number.
    p[i] -= step * (m[i] / (__builtin_elementwise_sqrt(v[i]) / s->bias_correction2 + s->epsilon));
    damaged |= !(fabsf(p[i]) <= FLT_MAX);
  }
  return damaged;
}

static void chunk(size_t index, void *context) {
  arguments *w = context;
  size_t first = index * CHUNK, n = w->count - first < CHUNK ? w->count - first : CHUNK;
  if (adam_range(w->settings, w->gradient + first, w->parameter + first, w->first_moment + first,
                 w->second_moment + first, n)) {
    atomic_store(&w->damaged, true);
  }
}

bool ckernels_adam(const ckernels_adam_settings *settings, const float *gradient, float *parameter,
                   float *first_moment, float *second_moment, size_t count) {
  arguments w = {settings, gradient, parameter, first_moment, second_moment, count, false};
  ckernels_parallel_for((count + CHUNK - 1) / CHUNK, chunk, &w);
  return !w.damaged;
}

FOR_EACH_INSTRUCTION_SET
static double change_squared(const ckernels_adam_settings *s, const float *restrict m, const float *restrict v,
                             size_t n) {
  enum { LANES = 16 };
  float step = s->learning_rate / s->bias_correction1;
  double lanes[LANES] = {0}, total = 0;
  for (size_t i = 0; i < n; i++) {
    double change = step * (m[i] / (__builtin_elementwise_sqrt(v[i]) / s->bias_correction2 + s->epsilon));
    lanes[i % LANES] += change * change;
  }
  for (int l = 0; l < LANES; l++) total += lanes[l];
  return total;
}

double ckernels_adam_change_squared(const ckernels_adam_settings *settings, const float *first_moment,
                                    const float *second_moment, size_t count) {
  return change_squared(settings, first_moment, second_moment, count);
}
