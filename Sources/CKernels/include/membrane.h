// Laplace's equation in the hole of a picture: the harmonic membrane that is fixed at the known pixels.
//
// Every pixel of the hole equals the mean of its neighbours up, down, left and right, as far as they lie in the picture.
// Solved by conjugate gradients, preconditioned with one multigrid cycle whose coarse pixels are squares of 2x2 finer
// ones: any shape of hole, about a dozen iterations, and bits that do not depend on threads.
#ifndef CKERNELS_MEMBRANE_H
#define CKERNELS_MEMBRANE_H

#include <stddef.h>
#include <stdint.h>

// A picture [height][width], and the smallest rectangle of it that holds the hole.
typedef struct {
  size_t height, width;
  size_t top, left, box_height, box_width;
} ckernels_membrane_shape;

// Floats that the equations of all grids take.
size_t ckernels_membrane_equation_count(const ckernels_membrane_shape *_Nonnull shape);

// Floats that a solution needs beside.
size_t ckernels_membrane_scratch_count(const ckernels_membrane_shape *_Nonnull shape);

// Writes the equations of all grids. hole is [height][width], 1 = hole and 0 = known; some pixel is known.
void ckernels_membrane_prepare(const ckernels_membrane_shape *_Nonnull shape, const float *_Nonnull hole,
                               float *_Nonnull equations);

// Where values is what known pixels are, result [height][width] is the membrane in the hole and 0 elsewhere.
// Ends when the energy of the error has fallen by the square of `tolerance`; returns the number of iterations.
int32_t ckernels_membrane_solve(const ckernels_membrane_shape *_Nonnull shape, const float *_Nonnull hole,
                                const float *_Nonnull equations, const float *_Nonnull values, float tolerance,
                                float *_Nonnull scratch, float *_Nonnull result);

// The transpose of that linear map: from values in the hole to values of known pixels, and 0 elsewhere.
int32_t ckernels_membrane_solve_transposed(const ckernels_membrane_shape *_Nonnull shape, const float *_Nonnull hole,
                                           const float *_Nonnull equations, const float *_Nonnull values,
                                           float tolerance, float *_Nonnull scratch, float *_Nonnull result);

#endif
