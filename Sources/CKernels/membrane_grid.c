#include "membrane_grid.h"

#include <stdbool.h>

#include "kernel_targets.h"
#include "parallel.h"

// What a coarse conductance is of the sum of the finer ones that it stands for. Piecewise constant corrections make
// a grid of twice the spacing too stiff by 2; a little less than that is best on holes of many shapes.
static const float COARSE_SCALE = 0.55f;

// Rows of fewer pixels together are not worth waking threads.
enum { SERIAL_AREA = 1 << 15 };

static size_t padded(size_t height, size_t width) { return (height + 2) * (width + 2); }

// Floats of all grids, given the arrays of the finest and of each coarser one.
static size_t total(const ckernels_membrane_shape *shape, size_t arrays_finest, size_t arrays_coarse) {
  size_t height = shape->box_height, width = shape->box_width, sum = arrays_finest * padded(height, width);
  while (height > 1 || width > 1) {
    height = (height + 1) / 2;
    width = (width + 1) / 2;
    sum += arrays_coarse * padded(height, width);
  }
  return sum;
}

size_t ckernels_membrane_equation_count(const ckernels_membrane_shape *shape) { return total(shape, 2, 4); }

size_t ckernels_membrane_scratch_count(const ckernels_membrane_shape *shape) {
  // Doubles of the sums of rows come first.
  return 2 * shape->box_height + total(shape, 5, 2);
}

membrane_grid membrane_grid_make(const ckernels_membrane_shape *shape, float *equations, float *scratch) {
  membrane_grid grid = {0};
  if (scratch) {
    grid.row_sums = (double *)scratch;
    scratch += 2 * shape->box_height;
  }
  size_t height = shape->box_height, width = shape->box_width;
  for (;;) {
    membrane_level *level = &grid.levels[grid.count++];
    size_t stride = width + 2, size = padded(height, width), first = stride + 1;
    *level = (membrane_level){.height = height, .width = width, .stride = stride};
    bool is_finest = grid.count == 1;
    level->diagonal = equations + first;
    level->inverse = equations + size + first;
    if (!is_finest) {
      level->right = equations + 2 * size + first;
      level->below = equations + 3 * size + first;
    }
    equations += (is_finest ? 2 : 4) * size;
    if (scratch) {
      level->u = scratch + first;
      level->b = scratch + size + first;
      if (is_finest) {
        grid.direction = scratch + 2 * size + first;
        grid.product = scratch + 3 * size + first;
        grid.solution = scratch + 4 * size + first;
      }
      scratch += (is_finest ? 5 : 2) * size;
    }
    if (height == 1 && width == 1) return grid;
    height = (height + 1) / 2;
    width = (width + 1) / 2;
  }
}

void membrane_for_rows(size_t rows, size_t width, void (*body)(size_t, void *), void *context) {
  if (rows * width < SERIAL_AREA) {
    for (size_t row = 0; row < rows; row++) body(row, context);
  } else {
    ckernels_parallel_for(rows, body, context);
  }
}

// MARK: Equations

// Whether a pixel of the box, or one beside it, is in the hole.
static bool is_hole(const ckernels_membrane_shape *shape, const float *hole, size_t row, size_t column) {
  return hole[(shape->top + row) * shape->width + shape->left + column] != 0;
}

static void finish(membrane_level *level, size_t index) {
  level->inverse[index] = level->diagonal[index] > 0 ? 1 / level->diagonal[index] : 0;
}

static void prepare_finest(const ckernels_membrane_shape *shape, const float *hole, membrane_level *level) {
  for (size_t y = 0; y < level->height; y++) {
    size_t row = shape->top + y;
    for (size_t x = 0; x < level->width; x++) {
      if (!is_hole(shape, hole, y, x)) continue;
      size_t column = shape->left + x;
      int neighbours = (row > 0) + (row + 1 < shape->height) + (column > 0) + (column + 1 < shape->width);
      level->diagonal[y * level->stride + x] = (float)neighbours;
      finish(level, y * level->stride + x);
    }
  }
}

// Conductance between a pixel and its right neighbour, or that below.
static float edge(const membrane_level *level, size_t y, size_t x, bool is_below) {
  if (y >= level->height || x >= level->width) return 0;
  size_t index = y * level->stride + x;
  const float *conductance = is_below ? level->below : level->right;
  if (conductance) return conductance[index];
  size_t other = index + (is_below ? level->stride : 1);
  return level->inverse[index] > 0 && level->inverse[other] > 0 ? 1 : 0;
}

// The energy of corrections that are constant on squares of 2x2 finer pixels, times COARSE_SCALE.
static void prepare_coarse(const membrane_level *fine, membrane_level *coarse) {
  for (size_t y = 0; y < coarse->height; y++) {
    for (size_t x = 0; x < coarse->width; x++) {
      float diagonal = 0;
      for (size_t child = 0; child < 4; child++) {
        size_t fine_y = 2 * y + child / 2, fine_x = 2 * x + child % 2;
        if (fine_y < fine->height && fine_x < fine->width) diagonal += fine->diagonal[fine_y * fine->stride + fine_x];
      }
      // Edges inside of the square do not count.
      diagonal -= 2 * (edge(fine, 2 * y, 2 * x, false) + edge(fine, 2 * y + 1, 2 * x, false) +
                       edge(fine, 2 * y, 2 * x, true) + edge(fine, 2 * y, 2 * x + 1, true));
      size_t index = y * coarse->stride + x;
      coarse->right[index] =
          COARSE_SCALE * (edge(fine, 2 * y, 2 * x + 1, false) + edge(fine, 2 * y + 1, 2 * x + 1, false));
      coarse->below[index] =
          COARSE_SCALE * (edge(fine, 2 * y + 1, 2 * x, true) + edge(fine, 2 * y + 1, 2 * x + 1, true));
      coarse->diagonal[index] = COARSE_SCALE * diagonal;
      finish(coarse, index);
    }
  }
}

void ckernels_membrane_prepare(const ckernels_membrane_shape *shape, const float *hole, float *equations) {
  for (size_t i = 0, count = ckernels_membrane_equation_count(shape); i < count; i++) equations[i] = 0;
  membrane_grid grid = membrane_grid_make(shape, equations, 0);
  prepare_finest(shape, hole, &grid.levels[0]);
  for (size_t i = 1; i < grid.count; i++) prepare_coarse(&grid.levels[i - 1], &grid.levels[i]);
}

// MARK: The cycle

typedef struct {
  const membrane_level *level, *coarse;
  size_t colour;
} sweep;

static inline float neighbours(const membrane_level *level, const float *u, size_t i) {
  size_t stride = level->stride;
  if (!level->right) return (u[i - 1] + u[i + 1]) + (u[i - stride] + u[i + stride]);
  const float *right = level->right, *below = level->below;
  return (right[i - 1] * u[i - 1] + right[i] * u[i + 1]) +
         (below[i - stride] * u[i - stride] + below[i] * u[i + stride]);
}

// Solves the equations of one colour of the chessboard for u = 0: the start.
FOR_EACH_INSTRUCTION_SET
static void start_row(size_t y, void *context) {
  const sweep *s = context;
  const membrane_level *level = s->level;
  size_t row = y * level->stride;
  for (size_t x = y & 1; x < level->width; x += 2) {
    level->u[row + x] = level->inverse[row + x] * level->b[row + x];
  }
}

// Solves the equations of one colour.
FOR_EACH_INSTRUCTION_SET
static void relax_row(size_t y, void *context) {
  const sweep *s = context;
  const membrane_level level = *s->level;
  size_t row = y * level.stride;
  for (size_t x = (y + s->colour) & 1; x < level.width; x += 2) {
    size_t i = row + x;
    level.u[i] = level.inverse[i] * (level.b[i] + neighbours(&level, level.u, i));
  }
}

// b of the coarse grid: what is left of the finer equations. After the first half of a sweep from zero, those of the
// second colour hold, and of the first colour the neighbours are left.
FOR_EACH_INSTRUCTION_SET
static void restrict_row(size_t y, void *context) {
  const sweep *s = context;
  const membrane_level fine = *s->level, coarse = *s->coarse;
  for (size_t x = 0; x < coarse.width; x++) {
    float rest = 0;
    size_t i = 2 * y * fine.stride + 2 * x;
    if (fine.inverse[i] > 0) rest += neighbours(&fine, fine.u, i);
    i += fine.stride + 1;
    if (2 * y + 1 < fine.height && 2 * x + 1 < fine.width && fine.inverse[i] > 0) {
      rest += neighbours(&fine, fine.u, i);
    }
    coarse.b[y * coarse.stride + x] = rest;
  }
}

// Adds the coarse correction to the first colour; the second is solved for next.
FOR_EACH_INSTRUCTION_SET
static void prolong_row(size_t y, void *context) {
  const sweep *s = context;
  const membrane_level fine = *s->level, coarse = *s->coarse;
  for (size_t x = 0; x < coarse.width; x++) {
    float correction = coarse.u[y * coarse.stride + x];
    size_t i = 2 * y * fine.stride + 2 * x;
    if (fine.inverse[i] > 0) fine.u[i] += correction;
    i += fine.stride + 1;
    if (2 * y + 1 < fine.height && 2 * x + 1 < fine.width && fine.inverse[i] > 0) fine.u[i] += correction;
  }
}

void membrane_cycle(const membrane_grid *grid) {
  const membrane_level *levels = grid->levels;
  for (size_t i = 0; i < grid->count; i++) {
    sweep s = {&levels[i], &levels[i + 1], 1};
    membrane_for_rows(levels[i].height, levels[i].width, start_row, &s);
    membrane_for_rows(levels[i].height, levels[i].width, relax_row, &s);
    if (i + 1 < grid->count) membrane_for_rows(levels[i + 1].height, levels[i].width * 2, restrict_row, &s);
  }
  for (size_t i = grid->count - 1; i-- > 0;) {
    sweep s = {&levels[i], &levels[i + 1], 1};
    membrane_for_rows(levels[i + 1].height, levels[i].width * 2, prolong_row, &s);
    membrane_for_rows(levels[i].height, levels[i].width, relax_row, &s);
    s.colour = 0;
    membrane_for_rows(levels[i].height, levels[i].width, relax_row, &s);
  }
}
