// The small matrix products, one for each of the 36 planes.
#ifndef WINOGRAD_MULTIPLY_H
#define WINOGRAD_MULTIPLY_H

#include <stdbool.h>

#include "winograd_geometry.h"
#include "winograd_vector.h"

enum {
  ROWS = 6,         // rows of the inner kernel for wide panels
  NARROW_ROWS = 12  // and for panels of at most half the width, to keep as many sums in flight
};

// The sums only get registers where every index is a constant.
#define UNROLL _Pragma("clang loop unroll(full)")

// product[row][column] (+)= sum over k of left(row, k) right(k, column), for a fixed number of rows
// and of vectors of columns, so that all sums stay in registers.
INLINE void multiply_tile(
    int rows, int vectors, size_t depth, const float *left, size_t leftRowStride,
    size_t leftDepthStride, const float *right, size_t rightDepthStride, float *product,
    size_t productRowStride, bool accumulate) {
  vector sum[NARROW_ROWS][PANEL_VECTORS], column[PANEL_VECTORS];
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < vectors; j++) sum[i][j] = (vector){0};
  }
  for (size_t k = 0; k < depth; k++) {
    UNROLL for (int j = 0; j < vectors; j++) column[j] = load(right + j * LANES);
    UNROLL for (int i = 0; i < rows; i++) {
      float row = left[(size_t)i * leftRowStride];
      UNROLL for (int j = 0; j < vectors; j++) sum[i][j] += row * column[j];
    }
    left += leftDepthStride;
    right += rightDepthStride;
  }
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < vectors; j++) {
      float *p = product + (size_t)i * productRowStride + j * LANES;
      store(p, accumulate ? load(p) + sum[i][j] : sum[i][j]);
    }
  }
}

// The same for any number of rows, in runs of nearly equal length.
INLINE void multiply_rows(
    int vectors, size_t rows, size_t depth, const float *left, size_t leftRowStride,
    size_t leftDepthStride, const float *right, size_t rightDepthStride, float *product,
    size_t productRowStride, bool accumulate) {
#define TILE(count)                                                                              \
  multiply_tile(count, vectors, depth, left, leftRowStride, leftDepthStride, right,              \
                rightDepthStride, product, productRowStride, accumulate)
  if (2 * vectors <= PANEL_VECTORS) {
    for (; rows >= NARROW_ROWS; rows -= NARROW_ROWS) {
      TILE(NARROW_ROWS);
      left += NARROW_ROWS * leftRowStride;
      product += NARROW_ROWS * productRowStride;
    }
  }
  for (size_t runs = ceiling_quotient(rows, ROWS); runs > 0; runs--) {
    size_t count = ceiling_quotient(rows, runs);
    switch (count) {
      case 1: TILE(1); break;
      case 2: TILE(2); break;
      case 3: TILE(3); break;
      case 4: TILE(4); break;
      case 5: TILE(5); break;
      default: TILE(ROWS); break;
    }
    left += count * leftRowStride;
    product += count * productRowStride;
    rows -= count;
  }
#undef TILE
}

// Right-hand panels of fewer vectors than PANEL_VECTORS are the last ones of a matrix.
#if PANEL_VECTORS == 2
#define FOR_VECTORS(vectors, CALL) \
  switch (vectors) {               \
    case 1: CALL(1); break;        \
    default: CALL(2); break;       \
  }
#elif PANEL_VECTORS == 4
#define FOR_VECTORS(vectors, CALL) \
  switch (vectors) {               \
    case 1: CALL(1); break;        \
    case 2: CALL(2); break;        \
    case 3: CALL(3); break;        \
    default: CALL(4); break;       \
  }
#else
#error "PANEL_VECTORS must be 2 or 4"
#endif

// product[rows][columns] (+)= left[rows][depth] right[depth][columns], with vectors * LANES columns
// and the rows of `right` dense.
static void multiply_by_panel(
    size_t vectors, size_t rows, size_t depth, const float *left, size_t leftStride,
    const float *right, float *product, size_t productStride, bool accumulate) {
#define CALL(n)                                                                             \
  multiply_rows(n, rows, depth, left, leftStride, 1, right, n * LANES, product, productStride, \
                accumulate)
  FOR_VECTORS(vectors, CALL)
#undef CALL
}

// product[rows][columns] (+)= transposed(left[depth][rows]) right[depth][columns].
static void multiply_transposed_by_panel(
    size_t vectors, size_t rows, size_t depth, const float *left, size_t leftStride,
    const float *right, size_t rightStride, float *product, size_t productStride,
    bool accumulate) {
#define CALL(n)                                                                            \
  multiply_rows(n, rows, depth, left, 1, leftStride, right, rightStride, product,            \
                productStride, accumulate)
  FOR_VECTORS(vectors, CALL)
#undef CALL
}

#endif
