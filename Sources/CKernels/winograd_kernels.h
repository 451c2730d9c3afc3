// All of the Winograd kernels for one instruction set: include it once in a source file that
// defines LANES, PANEL_VECTORS and INSTANCE.
#include "winograd_convolve.h"
#include "winograd_weight_gradient.h"

const winograd_instance INSTANCE = {
    .packed_count = packed_count,
    .pack = pack,
    .convolution_scratch = convolution_scratch,
    .convolve = convolve,
    .weight_gradient_scratch = weight_gradient_scratch,
    .weight_gradient = weight_gradient,
};
