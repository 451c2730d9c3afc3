#include "cblas_bridge.h"

#include <cblas.h>
#include <stdlib.h>

// OpenBLAS's own threads would fight with OpenMP's; a product's bits must not depend on their number either.
__attribute__((constructor)) static void use_one_thread(void) { openblas_set_num_threads(1); }

void cblas_bridge_multiply_parts(int32_t transpose_a, int32_t transpose_b, int32_t m, int32_t n, int32_t k,
                                 const float *a, int32_t stride_a, const float *b, int32_t stride_b, float *result,
                                 int32_t stride_result) {
  cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, m, n, k,
              1.0f, a, stride_a, b, stride_b, 0, result, stride_result);
}

void cblas_bridge_multiply_double(int32_t transpose_a, int32_t transpose_b, int32_t m, int32_t n, int32_t k,
                                  double factor, const double *a, const double *b, double beta, double *result) {
  cblas_dgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, m, n, k,
              factor, a, transpose_a ? m : k, b, transpose_b ? k : n, beta, result, n);
}

// LAPACK's divide and conquer for symmetric matrices, which OpenBLAS brings along.
void dsyevd_(const char *job, const char *triangle, const int *n, double *matrix, const int *leading, double *values,
             double *work, const int *work_count, int *integer_work, const int *integer_work_count, int *status);

int32_t cblas_bridge_symmetric_eigen(int32_t n, double *matrix, double *values) {
  int size = n, status = 0, query = -1, integer_count = 0;
  double wished = 0;
  dsyevd_("V", "U", &size, matrix, &size, values, &wished, &query, &integer_count, &query, &status);
  if (status != 0) return status;
  int count = (int)wished;
  double *work = malloc((size_t)count * sizeof *work);
  int *integer_work = malloc((size_t)integer_count * sizeof *integer_work);
  if (work && integer_work) {
    dsyevd_("V", "U", &size, matrix, &size, values, work, &count, integer_work, &integer_count, &status);
  } else {
    status = -1;
  }
  free(work);
  free(integer_work);
  return status;
}

const char *cblas_bridge_version(void) { return openblas_get_config(); }
