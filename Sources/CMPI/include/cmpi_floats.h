/// Loops over float32 values, used by the sum over replicas.
#ifndef CMPI_FLOATS_H
#define CMPI_FLOATS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// sum[i] += other[i].
void cmpi_floats_accumulate(float *restrict sum, const float *restrict other, size_t count);
/// sum[i] = lower[i] + upper[i]; the three buffers are separate.
void cmpi_floats_add(
    float *restrict sum, const float *restrict lower, const float *restrict upper, size_t count);

/// Rounds each value to the nearest bfloat16, ties to even; a NaN stays a NaN.
void cmpi_floats_round_to_bfloat16(float *values, size_t count);
/// Writes the upper halves of values that are bfloat16 numbers already.
void cmpi_floats_pack_bfloat16(
    uint16_t *restrict packed, const float *restrict values, size_t count);
/// Writes the float32 numbers that bfloat16 numbers are.
void cmpi_floats_unpack_bfloat16(
    float *restrict values, const uint16_t *restrict packed, size_t count);
/// sum[i] += the bfloat16 number other[i].
void cmpi_floats_accumulate_bfloat16(
    float *restrict sum, const uint16_t *restrict other, size_t count);

/// Values that share a scale, a power of two; the last ones may be fewer.
#define CMPI_INT8_BLOCK 16

/// Rounds each value to an integer of -127 ... 127 times the smallest sufficient power of two of its block: up or
/// down by a hash of the block, so that errors cancel out on average. Rounded values stay what they
/// are. An infinity or a NaN makes its whole block NaN.
void cmpi_floats_round_to_int8(float *values, size_t count);
/// Writes values that are so rounded as integers and one biased exponent for each block.
void cmpi_floats_pack_int8(
    int8_t *restrict packed, uint8_t *restrict scales, const float *restrict values, size_t count);
/// The reverse of `cmpi_floats_pack_int8`.
void cmpi_floats_unpack_int8(
    float *restrict values, const int8_t *restrict packed, const uint8_t *restrict scales, size_t count);
/// sum[i] += the number that packed[i] is.
void cmpi_floats_accumulate_int8(
    float *restrict sum, const int8_t *restrict packed, const uint8_t *restrict scales, size_t count);

#pragma clang assume_nonnull end
#endif
