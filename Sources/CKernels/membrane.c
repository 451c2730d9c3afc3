#include "membrane.h"

#include <math.h>
#include <string.h>

#include "kernel_targets.h"
#include "membrane_grid.h"

enum { LANES = 8, ITERATION_LIMIT = 200 };

typedef struct {
  const membrane_grid *grid;
  float factor;
} vectors;

FOR_EACH_INSTRUCTION_SET
static double dot(const float *a, const float *b, size_t count) {
  double sums[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (size_t lane = 0; lane < LANES; lane++) sums[lane] += (double)a[i + lane] * b[i + lane];
  }
  for (; i < count; i++) sums[0] += (double)a[i] * b[i];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

static double sum_of_rows(const membrane_grid *grid, void (*row)(size_t, void *), void *context) {
  const membrane_level *level = &grid->levels[0];
  membrane_for_rows(level->height, level->width, row, context);
  double sum = 0;
  for (size_t y = 0; y < level->height; y++) sum += grid->row_sums[y];
  return sum;
}

// b . u
static void energy_row(size_t y, void *context) {
  const membrane_grid *grid = ((const vectors *)context)->grid;
  const membrane_level *level = &grid->levels[0];
  grid->row_sums[y] = dot(level->b + y * level->stride, level->u + y * level->stride, level->width);
}

FOR_EACH_INSTRUCTION_SET
static void multiply(const membrane_level *level, const float *p, float *result) {
  size_t stride = level->stride;
  for (size_t x = 0; x < level->width; x++) {
    float value = level->diagonal[x] * p[x] - ((p[x - 1] + p[x + 1]) + (p[x - stride] + p[x + stride]));
    result[x] = level->diagonal[x] > 0 ? value : 0;
  }
}

// product = A direction, and direction . product
static void product_row(size_t y, void *context) {
  const membrane_grid *grid = ((const vectors *)context)->grid;
  membrane_level level = grid->levels[0];
  size_t row = y * level.stride;
  level.diagonal += row;
  multiply(&level, grid->direction + row, grid->product + row);
  grid->row_sums[y] = dot(grid->direction + row, grid->product + row, level.width);
}

FOR_EACH_INSTRUCTION_SET
static void advance(float *restrict solution, float *restrict rest, const float *restrict direction,
                    const float *restrict product, float factor, size_t count) {
  for (size_t x = 0; x < count; x++) {
    solution[x] += factor * direction[x];
    rest[x] -= factor * product[x];
  }
}

static void advance_row(size_t y, void *context) {
  const vectors *v = context;
  const membrane_level *level = &v->grid->levels[0];
  size_t row = y * level->stride;
  advance(v->grid->solution + row, level->b + row, v->grid->direction + row, v->grid->product + row, v->factor,
          level->width);
}

FOR_EACH_INSTRUCTION_SET
static void turn(float *restrict direction, const float *restrict u, float factor, size_t count) {
  for (size_t x = 0; x < count; x++) direction[x] = u[x] + factor * direction[x];
}

static void turn_row(size_t y, void *context) {
  const vectors *v = context;
  const membrane_level *level = &v->grid->levels[0];
  turn(v->grid->direction + y * level->stride, level->u + y * level->stride, v->factor, level->width);
}

// Solves for levels[0].b, which is used up; the result is `solution`. All arrays but b were zero.
static int32_t solve(const membrane_grid *grid, float tolerance) {
  const membrane_level *level = &grid->levels[0];
  vectors v = {grid, 0};
  double first = 0, energy = 0;
  for (int32_t iteration = 0;; iteration++) {
    membrane_cycle(grid);
    double next = sum_of_rows(grid, energy_row, &v);
    if (iteration == 0) first = next;
    if (!isfinite(first)) {
      // So that whoever looks at the result sees it too.
      for (size_t y = 0; y < level->height; y++) {
        for (size_t x = 0; x < level->width; x++) grid->solution[y * level->stride + x] = NAN;
      }
      return iteration;
    }
    if (next <= (double)tolerance * tolerance * first || iteration == ITERATION_LIMIT) return iteration;
    v.factor = iteration == 0 ? 0 : (float)(next / energy);
    membrane_for_rows(level->height, level->width, turn_row, &v);
    energy = next;
    double curvature = sum_of_rows(grid, product_row, &v);
    if (!(curvature > 0)) return iteration;
    v.factor = (float)(energy / curvature);
    membrane_for_rows(level->height, level->width, advance_row, &v);
  }
}

// Calls a function for each pair of a hole pixel and a known neighbour, with the neighbour's place in the picture and the
// hole pixel's in the box.
typedef void visit(size_t known_pixel, size_t box_index, void *context);

static void for_each_border(const ckernels_membrane_shape *shape, const float *hole, visit *body, void *context) {
  size_t width = shape->width;
  for (size_t y = 0; y < shape->box_height; y++) {
    for (size_t x = 0; x < shape->box_width; x++) {
      size_t row = shape->top + y, column = shape->left + x, pixel = row * width + column;
      if (hole[pixel] == 0) continue;
      size_t index = y * (shape->box_width + 2) + x;
      if (row > 0 && hole[pixel - width] == 0) body(pixel - width, index, context);
      if (column > 0 && hole[pixel - 1] == 0) body(pixel - 1, index, context);
      if (column + 1 < width && hole[pixel + 1] == 0) body(pixel + 1, index, context);
      if (row + 1 < shape->height && hole[pixel + width] == 0) body(pixel + width, index, context);
    }
  }
}

typedef struct {
  const float *from;
  float *to;
} border_values;

static void gather(size_t known_pixel, size_t box_index, void *context) {
  const border_values *v = context;
  v->to[box_index] += v->from[known_pixel];
}

static void scatter(size_t known_pixel, size_t box_index, void *context) {
  const border_values *v = context;
  v->to[known_pixel] += v->from[box_index];
}

// Between arrays of the box and pictures, where there is a hole.
static void copy(const ckernels_membrane_shape *shape, const float *hole, const float *box_values, float *picture,
                 const float *picture_values, float *box) {
  for (size_t y = 0; y < shape->box_height; y++) {
    for (size_t x = 0; x < shape->box_width; x++) {
      size_t pixel = (shape->top + y) * shape->width + shape->left + x;
      if (hole[pixel] == 0) continue;
      size_t index = y * (shape->box_width + 2) + x;
      if (picture) {
        picture[pixel] = box_values[index];
      } else {
        box[index] = picture_values[pixel];
      }
    }
  }
}

static membrane_grid cleared(const ckernels_membrane_shape *shape, const float *equations, float *scratch,
                             float *result) {
  memset(scratch, 0, ckernels_membrane_scratch_count(shape) * sizeof(float));
  memset(result, 0, shape->height * shape->width * sizeof(float));
  // The equations are only read from here on.
  return membrane_grid_make(shape, (float *)equations, scratch);
}

int32_t ckernels_membrane_solve(const ckernels_membrane_shape *shape, const float *hole, const float *equations,
                                const float *values, float tolerance, float *scratch, float *result) {
  membrane_grid grid = cleared(shape, equations, scratch, result);
  for_each_border(shape, hole, gather, &(border_values){values, grid.levels[0].b});
  int32_t iterations = solve(&grid, tolerance);
  copy(shape, hole, grid.solution, result, 0, 0);
  return iterations;
}

int32_t ckernels_membrane_solve_transposed(const ckernels_membrane_shape *shape, const float *hole,
                                           const float *equations, const float *values, float tolerance,
                                           float *scratch, float *result) {
  membrane_grid grid = cleared(shape, equations, scratch, result);
  copy(shape, hole, 0, 0, values, grid.levels[0].b);
  int32_t iterations = solve(&grid, tolerance);
  for_each_border(shape, hole, scatter, &(border_values){grid.solution, result});
  return iterations;
}
