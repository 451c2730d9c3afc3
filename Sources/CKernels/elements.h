// Elements of either type, for loops that are compiled once for each: `half` is a constant there.
#ifndef ELEMENTS_H
#define ELEMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "element_type.h"

#define INLINE static inline __attribute__((always_inline))

INLINE float float_of_bits(uint32_t bits) {
  union { uint32_t bits; float value; } u = {bits};
  return u.value;
}

INLINE uint32_t bits_of_float(float value) {
  union { float value; uint32_t bits; } u = {value};
  return u.bits;
}

// The nearest bfloat16 number, ties to even; a NaN stays one.
INLINE uint16_t bfloat16_of(float value) {
  uint32_t bits = bits_of_float(value);
  uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
  return (uint16_t)(value == value ? rounded : (bits >> 16 | 0x40));
}

INLINE float element(const void *x, size_t i, bool half) {
  return half ? float_of_bits((uint32_t)((const uint16_t *)x)[i] << 16) : ((const float *)x)[i];
}

INLINE void set_element(void *x, size_t i, float value, bool half) {
  if (half) {
    ((uint16_t *)x)[i] = bfloat16_of(value);
  } else {
    ((float *)x)[i] = value;
  }
}

INLINE size_t element_size(bool half) { return half ? sizeof(uint16_t) : sizeof(float); }

INLINE const void *from_element(const void *x, size_t i, bool half) {
  return (const char *)x + i * element_size(half);
}

INLINE void *from_mutable_element(void *x, size_t i, bool half) { return (char *)x + i * element_size(half); }

// Makes two calls, one for each type, so that the compiler knows it in each.
#define FOR_ELEMENT_TYPE(half, CALL) \
  do {                               \
    if (half) {                      \
      CALL(true);                    \
    } else {                         \
      CALL(false);                   \
    }                                \
  } while (0)

#endif
