// The processor's arithmetic at its best: multiply-adds on registers alone.
#ifndef CKERNELS_PEAK_H
#define CKERNELS_PEAK_H

#include <stdint.h>

// Does `rounds` rounds of independent float32 multiply-adds on every thread of a parallel loop, with the
// widest vectors of this processor.
//
// Returns the number of floating-point operations that were done, two for each multiply-add.
uint64_t ckernels_multiply_adds(uint64_t rounds);

#endif
