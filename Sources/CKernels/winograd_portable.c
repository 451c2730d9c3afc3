#define INSTANCE winograd_portable
#define LANES 4
#if defined(__aarch64__)
#define PANEL_VECTORS 4  // 32 registers
#else
#define PANEL_VECTORS 2
#endif
#include "winograd_kernels.h"
