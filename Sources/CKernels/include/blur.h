// A small blur of feature maps [planes][height][width][lanes]; see spatial.h.
#ifndef CKERNELS_BLUR_H
#define CKERNELS_BLUR_H

#include <stddef.h>

#include "element_type.h"

// y = the weights 1, 2, 1 along rows and columns, divided by 16; beyond an edge the value at the edge is taken.
void ckernels_blur(const void *_Nonnull x, size_t planes, size_t height, size_t width, size_t lanes,
                   ckernels_element_type type, void *_Nonnull y);

#endif
