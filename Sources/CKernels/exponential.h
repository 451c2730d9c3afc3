// exp and its kin as polynomials, which compilers turn into vector code; libm's are computed one number at a time.
//
// Errors against the exact value are at most 2 units in the last place for exp and expm1, and 3 for tanh and the logistic
// function (Tests/CKernelsTests/ExponentialTests.swift).
#ifndef EXPONENTIAL_H
#define EXPONENTIAL_H

#include "elements.h"

// x = n log 2 + r with |r| <= log 2 / 2; exp(x) = 2^n (1 + m) with m = exp(r) - 1.
typedef struct {
  int32_t n;
  float m;
} split_exponential;

INLINE split_exponential split_exponential_of(float x) {
  // Beyond these bounds, which keep 2^n and 2^-n normal numbers, the results are limits.
  float bounded = x < -87.33f ? -87.33f : x > 88.7228f ? 88.7228f : x == x ? x : 0;
  const float round = 0x1.8p23f;
  float shifted = bounded * 0x1.715476p0f + round, n = shifted - round;
  float r = bounded - n * 0x1.62e4p-1f;
  r -= n * 0x1.7f7d1cp-20f;
  float p = 0x1.a01a02p-13f;   // 1 / 7!
  p = p * r + 0x1.6c16c2p-10f; // 1 / 6!
  p = p * r + 0x1.111112p-7f;  // 1 / 5!
  p = p * r + 0x1.555556p-5f;  // 1 / 4!
  p = p * r + 0x1.555556p-3f;  // 1 / 3!
  p = p * r + 0.5f;
  return (split_exponential){(int32_t)n, r + r * r * p};
}

INLINE float power_of_two(int32_t n) { return float_of_bits((uint32_t)(n + 127) << 23); }

INLINE float exponential(float x) {
  split_exponential e = split_exponential_of(x);
  // In two steps, because n may be 128.
  float low = power_of_two(e.n >> 1), high = power_of_two(e.n - (e.n >> 1));
  float result = (1 + e.m) * low * high;
  result = x < -87.33f ? 0 : x > 88.7228f ? __builtin_inff() : result;
  return x == x ? result : x;
}

INLINE float exponential_minus_one(float x) {
  split_exponential e = split_exponential_of(x);
  // For n = 128 the half of the power; for n = -126 it is 0 and of no weight.
  float half = power_of_two(e.n - 1);
  float result = (half * e.m + (half - 0.5f)) * 2;
  result = x > 88.7228f ? __builtin_inff() : result;
  return x == x ? result : x;
}

// tanh |x| = -t / (t + 2) with t = exp(-2 |x|) - 1.
INLINE float hyperbolic_tangent(float x) {
  float magnitude = x < 0 ? -x : x, t = exponential_minus_one(-2 * magnitude);
  float result = -t / (t + 2);
  return x < 0 ? -result : x == 0 ? x : result;
}

// 1 / (1 + exp(-x)), from the exponential of a negative number on both sides.
INLINE float logistic(float x) {
  float e = exponential(x < 0 ? x : -x);
  return x < 0 ? e / (1 + e) : 1 / (1 + e);
}

#endif
