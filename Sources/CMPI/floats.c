#include "cmpi_floats.h"

#include <string.h>

/// Compiles a loop for wider vectors too; the loader picks the version that the processor can run.
/// Elementwise sums have the same bits at any width.
#if defined(__x86_64__)
#define VECTORISED __attribute__((target_clones("avx2", "default")))
#else
#define VECTORISED
#endif

static uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

VECTORISED
void cmpi_floats_accumulate(float *restrict sum, const float *restrict other, size_t count) {
  for (size_t i = 0; i < count; i++) sum[i] += other[i];
}

VECTORISED
void cmpi_floats_add(
    float *restrict sum, const float *restrict lower, const float *restrict upper, size_t count) {
  for (size_t i = 0; i < count; i++) sum[i] = lower[i] + upper[i];
}

VECTORISED
void cmpi_floats_round_to_bfloat16(float *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint32_t bits = bits_of(values[i]);
    uint32_t rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000;
    uint32_t quiet = (bits | 0x00400000) & 0xFFFF0000;
    values[i] = float_of((bits & 0x7FFFFFFF) > 0x7F800000 ? quiet : rounded);
  }
}

VECTORISED
void cmpi_floats_pack_bfloat16(
    uint16_t *restrict packed, const float *restrict values, size_t count) {
  for (size_t i = 0; i < count; i++) packed[i] = (uint16_t)(bits_of(values[i]) >> 16);
}

VECTORISED
void cmpi_floats_accumulate_bfloat16(
    float *restrict sum, const uint16_t *restrict other, size_t count) {
  for (size_t i = 0; i < count; i++) sum[i] += float_of((uint32_t)other[i] << 16);
}
