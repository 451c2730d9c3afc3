// Exponentials that a compiler turns into vector code: no branch, no table, no call.
#ifndef VECTOR_EXP_H
#define VECTOR_EXP_H

#include <stdint.h>
#include <string.h>

// x = n ln 2 + r with |r| <= ln 2 / 2. Returns exp(r) - 1, from the series to r^7 (relative error below 2e-7), and 2^n.
// Not a number stays so.
static inline float reduced_expm1(float x, float *power) {
  // Adding 1.5 * 2^23 rounds to a whole number, which is then in the low bits.
  float shifted = x * 1.44269504f + 12582912.0f, whole = shifted - 12582912.0f;
  uint32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits - 0x4b400000u + 127u) << 23;
  memcpy(power, &bits, sizeof bits);
  float r = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
  float p = 1.9841270e-4f;
  p = p * r + 1.3888889e-3f;
  p = p * r + 8.3333333e-3f;
  p = p * r + 4.1666667e-2f;
  p = p * r + 1.6666667e-1f;
  p = p * r + 0.5f;
  return p * r * r + r;
}

// exp(x) for x <= 0; values below -87 count as -87.
static inline float vector_exp(float x) {
  float power, m = reduced_expm1(x < -87.0f ? -87.0f : x, &power);
  return power * m + power;
}

// exp(x) - 1 for x <= 0.
static inline float vector_expm1(float x) {
  float power, m = reduced_expm1(x < -87.0f ? -87.0f : x, &power);
  return power * m + (power - 1);
}

#endif
