/* The two passes of a separable resampling in fixed point.
 *
 * Written with the compiler's vector types, so that one text serves every processor; on x86 it is
 * compiled a second time for AVX2 and that version chosen where the processor has it. All
 * arithmetic is on integers: every version gives the same bytes. */
#include "CImageCodecs.h"

#include <string.h>

typedef uint8_t u8x4 __attribute__((vector_size(4)));
typedef uint8_t u8x8 __attribute__((vector_size(8)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef int32_t i32x8 __attribute__((vector_size(32)));

#define INLINE static inline __attribute__((always_inline))
#define LOAD(type, address) \
  ({                        \
    type loaded;            \
    memcpy(&loaded, (address), sizeof loaded); \
    loaded;                 \
  })

enum { HALF = 1 << (CIMG_COEFFICIENT_BITS - 1) };

INLINE uint8_t rounded(int32_t sum) {
  int32_t value = sum >> CIMG_COEFFICIENT_BITS;
  return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* Through pointers: vectors as arguments would depend on the instruction set. */
INLINE void round_lanes(const i32x8 *sums, uint8_t *bytes) {
  const i32x8 zero = {0}, most = zero + 255;
  i32x8 values = __builtin_elementwise_min(
      __builtin_elementwise_max(*sums >> CIMG_COEFFICIENT_BITS, zero), most);
  u8x8 narrow = __builtin_convertvector(values, u8x8);
  memcpy(bytes, &narrow, sizeof narrow);
}

/* Spreads packed pixels to four 32-bit lanes each, with eight lanes from pixel to pixel. */
INLINE void widen_row(const uint8_t *source, int32_t width, int32_t channels, int32_t *lanes) {
  int32_t x = 0;
  if (channels == 3) {
    const u8x16 zero = {0};
    for (; x + 6 <= width; x += 4) {
      u8x16 packed = LOAD(u8x16, source + 3 * x);
      u8x16 spread = __builtin_shufflevector(packed, zero, 0, 1, 2, 16, 3, 4, 5, 16, 6, 7, 8, 16,
                                             9, 10, 11, 16);
      for (int32_t i = 0; i < 4; i++) {
        u8x4 pixel;
        memcpy(&pixel, (const uint8_t *)&spread + 4 * i, sizeof pixel);
        i32x4 wide = __builtin_convertvector(pixel, i32x4);
        memcpy(lanes + 8 * (x + i), &wide, sizeof wide);
      }
    }
  }
  for (; x < width; x++)
    for (int32_t c = 0; c < 4; c++) lanes[8 * x + c] = c < channels ? source[channels * x + c] : 0;
}

/* Two rows at a time: the lower four lanes of a vector belong to the first, the upper to the
 * second, so that one coefficient serves all eight. */
INLINE void horizontal_pass(const uint8_t *source, int32_t width, int32_t channels, int32_t rows,
                            const cimg_axis *axis, int32_t *scratch, uint8_t *destination) {
  const i32x8 half = (i32x8){0} + HALF;
  size_t source_row = (size_t)width * channels;
  size_t destination_row = (size_t)axis->outputs * channels;
  int32_t taps = axis->taps, last = axis->outputs - 1;
  memset(scratch + 8 * (size_t)width, 0, 8 * (size_t)taps * sizeof *scratch);
  for (int32_t y = 0; y < rows; y += 2) {
    int32_t second = y + 1 < rows ? y + 1 : y;
    widen_row(source + y * source_row, width, channels, scratch);
    widen_row(source + second * source_row, width, channels, scratch + 4);
    uint8_t *upper = destination + y * destination_row;
    uint8_t *lower = destination + second * destination_row;
    const int32_t *coefficient = axis->coefficients;
    for (int32_t x = 0; x <= last; x++, coefficient += taps) {
      const int32_t *pixels = scratch + 8 * (size_t)axis->starts[x];
      i32x8 even = half, odd = {0};
      for (int32_t j = 0; j < taps; j += 2) {
        even += LOAD(i32x8, pixels + 8 * j) * coefficient[j];
        odd += LOAD(i32x8, pixels + 8 * j + 8) * coefficient[j + 1];
      }
      even += odd;
      uint8_t bytes[8];
      round_lanes(&even, bytes);
      if (x < last) {
        /* A whole word is one store; what is too much is overwritten by the next pixels. */
        memcpy(upper + x * channels, bytes, channels == 1 ? 1 : 4);
        memcpy(lower + x * channels, bytes + 4, channels == 1 ? 1 : 4);
      } else {
        memcpy(upper + x * channels, bytes, channels);
        memcpy(lower + x * channels, bytes + 4, channels);
      }
    }
  }
}

INLINE void vertical_pass(const uint8_t *source, size_t row_bytes, int32_t rows,
                          const cimg_axis *axis, uint8_t *destination) {
  const i32x8 half = (i32x8){0} + HALF;
  for (int32_t y = 0; y < axis->outputs; y++) {
    const int32_t *coefficient = axis->coefficients + (size_t)y * axis->taps;
    const uint8_t *first = source + (size_t)axis->starts[y] * row_bytes;
    uint8_t *out = destination + (size_t)y * row_bytes;
    int32_t taps = axis->taps;
    /* Padding coefficients may point past the last row. */
    if (taps > rows - axis->starts[y]) taps = rows - axis->starts[y];
    size_t x = 0;
    for (; x + 16 <= row_bytes; x += 16) {
      i32x8 a = half, b = half;
      for (int32_t j = 0; j < taps; j++) {
        const uint8_t *in = first + (size_t)j * row_bytes + x;
        a += __builtin_convertvector(LOAD(u8x8, in), i32x8) * coefficient[j];
        b += __builtin_convertvector(LOAD(u8x8, in + 8), i32x8) * coefficient[j];
      }
      round_lanes(&a, out + x);
      round_lanes(&b, out + x + 8);
    }
    for (; x < row_bytes; x++) {
      int32_t sum = HALF;
      for (int32_t j = 0; j < taps; j++) sum += first[(size_t)j * row_bytes + x] * coefficient[j];
      out[x] = rounded(sum);
    }
  }
}

INLINE void horizontal_by_channels(const uint8_t *source, int32_t width, int32_t channels,
                                   int32_t rows, const cimg_axis *axis, int32_t *scratch,
                                   uint8_t *destination) {
  /* Three constants instead of a variable: the compiler unrolls the loops over channels. */
  switch (channels) {
    case 1: horizontal_pass(source, width, 1, rows, axis, scratch, destination); break;
    case 3: horizontal_pass(source, width, 3, rows, axis, scratch, destination); break;
    default: horizontal_pass(source, width, 4, rows, axis, scratch, destination); break;
  }
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))
AVX2 static void horizontal_avx2(const uint8_t *source, int32_t width, int32_t channels,
                                 int32_t rows, const cimg_axis *axis, int32_t *scratch,
                                 uint8_t *destination) {
  horizontal_by_channels(source, width, channels, rows, axis, scratch, destination);
}
AVX2 static void vertical_avx2(const uint8_t *source, size_t row_bytes, int32_t rows,
                               const cimg_axis *axis, uint8_t *destination) {
  vertical_pass(source, row_bytes, rows, axis, destination);
}
#endif

void cimg_resample_horizontally(const uint8_t *source, int32_t width, int32_t channels,
                                int32_t rows, const cimg_axis *axis, int32_t *scratch,
                                uint8_t *destination) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    horizontal_avx2(source, width, channels, rows, axis, scratch, destination);
    return;
  }
#endif
  horizontal_by_channels(source, width, channels, rows, axis, scratch, destination);
}

void cimg_resample_vertically(const uint8_t *source, size_t row_bytes, int32_t rows,
                              const cimg_axis *axis, uint8_t *destination) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    vertical_avx2(source, row_bytes, rows, axis, destination);
    return;
  }
#endif
  vertical_pass(source, row_bytes, rows, axis, destination);
}
