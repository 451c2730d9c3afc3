// The vectors are wider than the registers, and no function that passes one is called from outside.
#pragma clang diagnostic ignored "-Wpsabi"

#define INSTANCE winograd_portable_wide
#define LANES 16
#define PANEL_VECTORS 4
#include "winograd_kernels.h"
