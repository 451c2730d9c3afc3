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
void cmpi_floats_unpack_bfloat16(
    float *restrict values, const uint16_t *restrict packed, size_t count) {
  for (size_t i = 0; i < count; i++) values[i] = float_of((uint32_t)packed[i] << 16);
}

VECTORISED
void cmpi_floats_accumulate_bfloat16(
    float *restrict sum, const uint16_t *restrict other, size_t count) {
  for (size_t i = 0; i < count; i++) sum[i] += float_of((uint32_t)other[i] << 16);
}

enum { block = CMPI_INT8_BLOCK, no_number = 255 };

/// The biased exponent of the smallest power of two of which 127 reach the block's largest magnitude; 0 for a
/// block of zeros, `no_number` for one with an infinity or a NaN.
static inline uint8_t scale_of(const float *values, size_t count) {
  uint32_t largest = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t magnitude = bits_of(values[i]) & 0x7FFFFFFF;
    if (magnitude > largest) largest = magnitude;
  }
  if (largest == 0) return 0;
  if (largest >= 0x7F800000) return no_number;
  int exponent = (int)(largest >> 23) - 6 + ((largest & 0x7FFFFF) > 0x7E0000);
  // 64 units of the next one would be an infinity.
  if (exponent > 248) return no_number;
  return (uint8_t)(exponent < 1 ? 1 : exponent);
}

static inline float unit_of(uint8_t scale) {
  return scale == no_number ? float_of(0x7FC00000) : float_of((uint32_t)scale << 23);
}

static inline float per_unit(uint8_t scale) { return float_of((uint32_t)(254 - scale) << 23); }

/// A number that all of a block decides: one number alone, a sum of two rounded ones, has so few values that the
/// same place would often go the same way. Zeros, which fill up the last block, change nothing.
static inline uint32_t seed_of(const float *values, size_t count) {
  uint32_t seed = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t mixed = bits_of(values[i]) * (2 * (uint32_t)i + 0x9E3779B1U);
    mixed = (mixed ^ mixed >> 15) * 0x85EBCA6BU;
    seed += values[i] == 0 ? 0 : mixed ^ mixed >> 13;
  }
  return seed;
}

/// 16 bits for a place of a block.
static inline uint32_t chance_of(uint32_t seed, uint32_t place) {
  uint32_t mixed = (seed + 0x9E3779B9U * place) * 0x85EBCA6BU;
  mixed = (mixed ^ mixed >> 15) * 0xC2B2AE35U;
  return mixed >> 16;
}

static inline void round_block(float *values, size_t count) {
  uint8_t scale = scale_of(values, count);
  float unit = unit_of(scale), inverse = scale == 0 ? 0 : per_unit(scale);
  if (scale == no_number) {
    for (size_t i = 0; i < count; i++) values[i] = unit;
    return;
  }
  uint32_t seed = seed_of(values, count);
  for (size_t i = 0; i < count; i++) {
    uint32_t chance = chance_of(seed, (uint32_t)i);
    // In 65,536ths, exactly: an integer stays what it is.
    int32_t quotient = (int32_t)(values[i] * inverse * 65536) + (int32_t)chance;
    values[i] = (float)(quotient >> 16) * unit;
  }
}

VECTORISED
void cmpi_floats_round_to_int8(float *values, size_t count) {
  size_t whole = count - count % block;
  for (size_t i = 0; i < whole; i += block) round_block(values + i, block);
  round_block(values + whole, count - whole);
}

static inline uint8_t pack_block(int8_t *restrict packed, const float *restrict values, size_t count) {
  uint8_t scale = scale_of(values, count);
  float inverse = scale == 0 || scale == no_number ? 0 : per_unit(scale);
  for (size_t i = 0; i < count; i++) {
    packed[i] = scale == no_number ? 0 : (int8_t)(int32_t)(values[i] * inverse);
  }
  return scale;
}

VECTORISED
void cmpi_floats_pack_int8(
    int8_t *restrict packed, uint8_t *restrict scales, const float *restrict values, size_t count) {
  size_t whole = count - count % block;
  for (size_t i = 0; i < whole; i += block) scales[i / block] = pack_block(packed + i, values + i, block);
  if (whole < count) scales[whole / block] = pack_block(packed + whole, values + whole, count - whole);
}

VECTORISED
void cmpi_floats_unpack_int8(
    float *restrict values, const int8_t *restrict packed, const uint8_t *restrict scales, size_t count) {
  for (size_t i = 0; i < count; i += block) {
    float unit = unit_of(scales[i / block]);
    size_t end = i + block < count ? i + block : count;
    for (size_t j = i; j < end; j++) values[j] = (float)packed[j] * unit;
  }
}

VECTORISED
void cmpi_floats_accumulate_int8(
    float *restrict sum, const int8_t *restrict packed, const uint8_t *restrict scales, size_t count) {
  for (size_t i = 0; i < count; i += block) {
    float unit = unit_of(scales[i / block]);
    size_t end = i + block < count ? i + block : count;
    for (size_t j = i; j < end; j++) sum[j] += (float)packed[j] * unit;
  }
}
