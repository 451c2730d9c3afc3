// The grids of the membrane's multigrid cycle: not for other modules.
#ifndef MEMBRANE_GRID_H
#define MEMBRANE_GRID_H

#include "membrane.h"

enum { MEMBRANE_LEVELS = 40 };

// One grid. Every array is [height + 2][width + 2] with a border of zeros and begins at its first inner pixel.
//
// The equation of a pixel: diagonal u - (sum of its neighbours u times the conductance between both) = b.
typedef struct {
  size_t height, width, stride;
  float *diagonal;
  float *inverse;  // 1 / diagonal, and 0 outside of the hole
  float *right;    // conductance to the right neighbour; on the finest grid all are 1 and there is no array
  float *below;    // conductance to the neighbour below
  float *u, *b;
} membrane_level;

typedef struct {
  size_t count;
  membrane_level levels[MEMBRANE_LEVELS];
  float *direction, *product, *solution;  // of conjugate gradients, on the finest grid
  double *row_sums;
} membrane_grid;

// The grids over given memory; `scratch` may be null where only equations are written.
membrane_grid membrane_grid_make(const ckernels_membrane_shape *shape, float *equations, float *scratch);

// One cycle: levels[0].u = an approximate solution for levels[0].b, a fixed symmetric positive map.
void membrane_cycle(const membrane_grid *grid);

// Calls a function for each row, on several threads where the rows are worth it.
void membrane_for_rows(size_t rows, size_t width, void (*body)(size_t row, void *context), void *context);

#endif
