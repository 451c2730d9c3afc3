// How the output of a convolution is cut into tiles of 4x4 elements. Depends on the shape alone.
#ifndef WINOGRAD_GEOMETRY_H
#define WINOGRAD_GEOMETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "winograd.h"

enum {
  OUTPUT_TILE = 4,          // rows and columns of a tile of the output
  INPUT_TILE = 6,           // rows and columns of the input that it depends on
  PLANES = INPUT_TILE * INPUT_TILE,  // elements of a transformed tile
  LINE_FLOATS = 16,         // floats of a cache line
};

// One convolution with a dilation d is d x d convolutions on interleaved grids; each grid is cut
// into tiles by itself. Elements of a tile are d rows or columns apart.
typedef struct {
  size_t batch;
  size_t block;
  bool half;  // whether the elements of feature maps are bfloat16
  size_t inputChannels, outputChannels;            // multiples of the block
  size_t usedInputChannels, usedOutputChannels;    // without the padding of the last block
  ptrdiff_t inputHeight, inputWidth, outputHeight, outputWidth;
  ptrdiff_t padding, dilation;
  size_t gridRows, gridColumns;  // the interleaved grids
  size_t tileColumns;            // in one row of tiles of one grid
  size_t tilesPerImage, tileCount;
  size_t phaseInputs, phaseOutputs;  // channels of a phase where a side's channels are phases; 0 elsewhere
  int32_t emptyTaps[2];
} winograd_geometry;

// The part of a tile that lies inside an image.
typedef struct {
  uint32_t image;
  int32_t row, column;  // of the tile's first element; may lie outside
  int8_t rowBegin, rowEnd, columnBegin, columnEnd;  // elements inside the image
} winograd_window;

// Fills in the geometry; false where the shape is not one that the kernels can compute.
bool winograd_geometry_make(const ckernels_winograd_shape *shape, winograd_geometry *geometry);

// The geometry of the convolution that computes the data gradient.
bool winograd_geometry_make_transposed(
    const ckernels_winograd_shape *shape, winograd_geometry *geometry);

// The windows of a tile on the input (6x6) and on the output (4x4).
winograd_window winograd_input_window(const winograd_geometry *geometry, size_t tile);
winograd_window winograd_output_window(const winograd_geometry *geometry, size_t tile);

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t larger(size_t a, size_t b) { return a > b ? a : b; }
static inline size_t ceiling_quotient(size_t a, size_t b) { return (a + b - 1) / b; }
static inline size_t round_up(size_t a, size_t b) { return ceiling_quotient(a, b) * b; }

static inline bool winograd_line_is_zero(int32_t emptyTap, size_t line) {
  return emptyTap == 0 ? line == 0 : emptyTap == 2 && line == INPUT_TILE - 1;
}

// Whether the weights of all of some channels are zero in a plane, because each is of a phase without the tap that
// the plane is made of alone: the first tap at the point 0, the last one at infinity.
static inline bool winograd_are_zero(
    const winograd_geometry *g, size_t plane, size_t phaseChannels, size_t begin, size_t end) {
  if (phaseChannels == 0) return false;
  for (size_t phase = begin / phaseChannels; phase * phaseChannels < end; phase++) {
    if (!winograd_line_is_zero(g->emptyTaps[phase / 2], plane / INPUT_TILE) &&
        !winograd_line_is_zero(g->emptyTaps[phase % 2], plane % INPUT_TILE)) {
      return false;
    }
  }
  return true;
}

// The end of the input channels from `begin`, the first of a phase, on that are zero in a plane, or are not, as it is.
static inline size_t winograd_run_end(const winograd_geometry *g, size_t plane, size_t begin) {
  size_t step = g->phaseInputs;
  if (step == 0) return g->inputChannels;
  bool isZero = winograd_are_zero(g, plane, step, begin, begin + step);
  size_t end = begin + step;
  while (end < g->inputChannels &&
         winograd_are_zero(g, plane, step, end, end + step) == isZero) {
    end += step;
  }
  return end;
}

// The floats from one plane to the next, for planes of `count` floats: an odd number of cache
// lines, so that the 36 elements of a tile do not fall into the same few sets of the cache.
static inline size_t plane_stride(size_t count) {
  return (ceiling_quotient(count, LINE_FLOATS) | 1) * LINE_FLOATS;
}

#endif
