// Parts of contextual attention on position-major maps [height][width][channels] of one image.
#ifndef CKERNELS_ATTENTION_H
#define CKERNELS_ATTENTION_H

#include <stddef.h>
#include <stdint.h>

// Between planes [planes][pixels][lanes] of feature maps and positions [pixels][channels]; lanes without a channel are zero.
void ckernels_planes_to_positions(const float *_Nonnull x, size_t channels, size_t pixels, size_t lanes,
                                  float *_Nonnull y);
void ckernels_positions_to_planes(const float *_Nonnull x, size_t channels, size_t pixels, size_t lanes,
                                  float *_Nonnull y);

// Square windows of maps; the window of place (row, column), row-major in rows x columns, begins at
// (row * stride - padding, column * stride - padding). A patch is [kernel][kernel][channels].
typedef struct {
  size_t height, width, channels, kernel, stride, padding, rows, columns;
} ckernels_patch_shape;

// patches[k] = the window of places[k], zero outside the maps.
void ckernels_take_patches(const ckernels_patch_shape *_Nonnull shape, const float *_Nonnull maps,
                           const int32_t *_Nonnull places, size_t count, float *_Nonnull patches);

// maps = factor times the sum of the patches that cover each pixel. slots[place] is the number of its patch, -1 for none.
void ckernels_lay_patches(const ckernels_patch_shape *_Nonnull shape, const float *_Nonnull patches,
                          const int32_t *_Nonnull slots, float factor, float *_Nonnull maps);

// The sum of squares of each patch.
void ckernels_squared_lengths(const float *_Nonnull patches, size_t count, size_t length, float *_Nonnull result);

// result[k] += gradient[k] - slopes[k] <gradient[k], patches[k]> patches[k] for vectors of `length`.
void ckernels_add_normalized_gradient(const float *_Nonnull gradient, const float *_Nonnull patches,
                                      const float *_Nonnull slopes, size_t count, size_t length,
                                      float *_Nonnull result);

// A grid of places, height * width = count, and where the rows of a count-wide matrix of similarities are kept: those of
// places [first, first + firstCount) from `rows` on, then those of [second, second + secondCount).
typedef struct {
  size_t height, width;
  const float *_Nonnull rows;
  size_t first, firstCount, second, secondCount;
} ckernels_similarity_rows;

// The fused similarities of place i with all places (docs/models/deepfill.md 2.1, step 6): the matrix times column
// factors, summed along its diagonals in the row-major order of places, then in the column-major one. scratch is
// [count], result [count].
void ckernels_fuse_row(const ckernels_similarity_rows *_Nonnull matrix, const float *_Nonnull factors, size_t i,
                       float *_Nonnull scratch, float *_Nonnull result);

// The transpose of the above but for the factors: column-major diagonals first, then row-major ones; then times the factors.
void ckernels_unfuse_row(const ckernels_similarity_rows *_Nonnull matrix, const float *_Nonnull factors, size_t i,
                         float *_Nonnull scratch, float *_Nonnull result);

// weights[k] = softmax over all places of (scale * similarity where valid, else 0), at the valid places, in their order.
// similarities is overwritten. Returns the index k of the largest weight, -1 where there is none.
int32_t ckernels_masked_softmax(float *_Nonnull similarities, size_t count, float scale,
                                const float *_Nonnull is_valid, const int32_t *_Nonnull valid_places,
                                size_t valid_count, float *_Nonnull weights);

// The gradient by the similarities, [count], given that by the weights, [valid_count].
void ckernels_masked_softmax_gradient(const float *_Nonnull weights, const float *_Nonnull weight_gradient, float scale,
                                      const int32_t *_Nonnull valid_places, size_t valid_count, size_t count,
                                      float *_Nonnull similarity_gradient);

#endif
