// The Adam update over flat memory.
#ifndef CKERNELS_ADAM_H
#define CKERNELS_ADAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  float learning_rate, beta2, epsilon;
  float one_minus_beta1, one_minus_beta2;
  float gradient_scale;     // multiplies every gradient first
  float bias_correction1;   // 1 - beta1^t
  float bias_correction2;   // sqrt(1 - beta2^t)
} ckernels_adam_settings;

// Says whether all parameters are finite numbers afterwards.
//
// m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; p -= learning_rate / c1 * m / (sqrt(v) / c2 + epsilon)
bool ckernels_adam(const ckernels_adam_settings *_Nonnull settings, const float *_Nonnull gradient,
                   float *_Nonnull parameter, float *_Nonnull first_moment, float *_Nonnull second_moment,
                   size_t count);

// The sum of the squares of what the update that left these moments has changed.
double ckernels_adam_change_squared(const ckernels_adam_settings *_Nonnull settings, const float *_Nonnull first_moment,
                                    const float *_Nonnull second_moment, size_t count);

#endif
