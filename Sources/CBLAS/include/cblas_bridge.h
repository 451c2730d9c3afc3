// Matrix products of OpenBLAS, row-major.
#ifndef CBLAS_BRIDGE_H
#define CBLAS_BRIDGE_H

#include <stdint.h>

// result[m x n] = a * b, where a is [m x k] (stored [k x m] if transposed) and b is [k x n] (or [n x k]), each a part of
// a larger matrix: stride_a, stride_b and stride_result are the lengths of stored rows. One thread; may be called from
// several threads at a time.
void cblas_bridge_multiply_parts(int32_t transpose_a, int32_t transpose_b, int32_t m, int32_t n, int32_t k,
                                 const float *_Nonnull a, int32_t stride_a, const float *_Nonnull b, int32_t stride_b,
                                 float *_Nonnull result, int32_t stride_result);

// result[m x n] = beta * result + factor * a * b in double precision; a and b as above.
void cblas_bridge_multiply_double(int32_t transpose_a, int32_t transpose_b, int32_t m, int32_t n, int32_t k,
                                  double factor, const double *_Nonnull a, const double *_Nonnull b, double beta,
                                  double *_Nonnull result);

// Eigenvalues of a symmetric [n x n] matrix in ascending order; the matrix is replaced by its eigenvectors, one a row.
// Returns 0 when all went well, LAPACK's status otherwise.
__attribute__((warn_unused_result)) int32_t cblas_bridge_symmetric_eigen(int32_t n, double *_Nonnull matrix,
                                                                         double *_Nonnull values);

// The library's description of itself: version and processor core.
const char *_Nonnull cblas_bridge_version(void);

#endif
