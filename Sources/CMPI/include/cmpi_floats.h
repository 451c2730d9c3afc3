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
/// sum[i] += the bfloat16 number other[i].
void cmpi_floats_accumulate_bfloat16(
    float *restrict sum, const uint16_t *restrict other, size_t count);

#pragma clang assume_nonnull end
#endif
