#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define INSTANCE winograd_avx2
#define LANES 8
#define PANEL_VECTORS 2  // 6 rows x 2 vectors of sums, in 16 registers
#include "winograd_kernels.h"

#pragma clang attribute pop

#endif
