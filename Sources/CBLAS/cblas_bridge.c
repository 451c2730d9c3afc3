#include "cblas_bridge.h"

#include <cblas.h>

// OpenBLAS's own threads would fight with OpenMP's; a product's bits must not depend on their number either.
__attribute__((constructor)) static void use_one_thread(void) { openblas_set_num_threads(1); }

void cblas_bridge_multiply(int32_t transpose_a, int32_t transpose_b, int32_t m, int32_t n, int32_t k, const float *a,
                           const float *b, float beta, float *result) {
  cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, m, n, k,
              1.0f, a, transpose_a ? m : k, b, transpose_b ? k : n, beta, result, n);
}

const char *cblas_bridge_version(void) { return openblas_get_config(); }
