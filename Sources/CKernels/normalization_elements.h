// The loops of normalization.c over the elements of a plane, included there once for each element type:
// HALF says which; REAL is what they calculate in and COLUMN its part of a row constant; FUNCTION(name)
// makes the names differ.

INLINE void FUNCTION(normalize)(const void *x, const row_transform *t, float negative_slope, const void *addend,
                                void *y, size_t n) {
#define TRANSFORMED(i, c) ((element(x, i, HALF) - t->mean.COLUMN[c]) * t->scale.COLUMN[c] + t->shift.COLUMN[c])
#define PLAIN(i, c)                                                        \
  do {                                                                     \
    REAL z = TRANSFORMED(i, c);                                            \
    set_element(y, i, (float)(z > 0 ? z : negative_slope * z), HALF);      \
  } while (0)
#define ADDING(i, c)                                                                                 \
  do {                                                                                               \
    REAL z = TRANSFORMED(i, c);                                                                      \
    set_element(y, i, (float)((z > 0 ? z : negative_slope * z) + element(addend, i, HALF)), HALF);   \
  } while (0)
  if (addend) {
    FOR_EACH_ELEMENT(n, ADDING);
  } else {
    FOR_EACH_ELEMENT(n, PLAIN);
  }
#undef PLAIN
#undef ADDING
#undef TRANSFORMED
}

INLINE void FUNCTION(add_gradients)(const void *x, const void *dy, const row_transform *t, float negative_slope,
                                    size_t n, double *g_columns, double *gx_columns) {
  // Long sums are in double precision.
  size_t run = HALF ? 64 * WIDTH : n;
  for (size_t first = 0; first < n; first += run) {
    REAL g_sums[WIDTH] = {0}, gx_sums[WIDTH] = {0};
#define ADD(i, c)                                                                                        \
  do {                                                                                                   \
    REAL d = element(x, first + (i), HALF) - t->mean.COLUMN[c];                                          \
    REAL z = d * t->scale.COLUMN[c] + t->shift.COLUMN[c], upstream = element(dy, first + (i), HALF);     \
    REAL g = z > 0 ? upstream : negative_slope * upstream;                                               \
    g_sums[c] += g;                                                                                      \
    gx_sums[c] += g * d;                                                                                 \
  } while (0)
    FOR_EACH_ELEMENT(n - first < run ? n - first : run, ADD);
#undef ADD
    for (int c = 0; c < WIDTH; c++) {
      g_columns[c] += g_sums[c];
      gx_columns[c] += gx_sums[c];
    }
  }
}

INLINE void FUNCTION(gradient)(const void *x, const void *dy, const row_transform *t, const row_constant *offset,
                               const row_constant *slope, float negative_slope, void *dx, size_t n) {
#define GRADIENT(i, c)                                                                                       \
  do {                                                                                                       \
    REAL d = element(x, i, HALF) - t->mean.COLUMN[c];                                                        \
    REAL z = d * t->scale.COLUMN[c] + t->shift.COLUMN[c], upstream = element(dy, i, HALF);                   \
    REAL g = z > 0 ? upstream : negative_slope * upstream;                                                   \
    set_element(dx, i, (float)(t->scale.COLUMN[c] * g - offset->COLUMN[c] - slope->COLUMN[c] * d), HALF);    \
  } while (0)
  FOR_EACH_ELEMENT(n, GRADIENT);
#undef GRADIENT
}

#undef HALF
#undef REAL
#undef COLUMN
#undef FUNCTION
