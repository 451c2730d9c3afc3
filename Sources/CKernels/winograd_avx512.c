#if defined(__x86_64__)

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), apply_to = function)

#define INSTANCE winograd_avx512
#define LANES 16
#define PANEL_VECTORS 4  // 6 rows x 4 vectors of sums, in 32 registers
#include "winograd_kernels.h"

#pragma clang attribute pop

#endif
