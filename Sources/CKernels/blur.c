#include "blur.h"

#include "elements.h"
#include "kernel_targets.h"
#include "parallel.h"

typedef struct {
  const void *x;
  void *y;
  size_t height, width, lanes;
  bool half;
} arguments;

INLINE void blur_elements(const void *x, size_t height, size_t width, size_t lanes, void *restrict y, bool half) {
#define ROW(i, l) (element(x, above + i + l, half) + 2 * element(x, row + i + l, half) + element(x, below + i + l, half))
  for (size_t h = 0; h < height; h++) {
    size_t row = h * width * lanes;
    size_t above = h > 0 ? row - width * lanes : row, below = h + 1 < height ? row + width * lanes : row;
    for (size_t w = 0; w < width; w++) {
      size_t at = w * lanes, left = w > 0 ? at - lanes : at, right = w + 1 < width ? at + lanes : at;
      for (size_t l = 0; l < lanes; l++) {
        float sum = (ROW(left, l) + ROW(right, l)) + 2 * ROW(at, l);
        set_element(y, row + at + l, 0.0625f * sum, half);
      }
    }
  }
#undef ROW
}

FOR_EACH_INSTRUCTION_SET
static void blur_plane(const void *x, size_t height, size_t width, size_t lanes, void *y, bool half) {
#define CALL(half) blur_elements(x, height, width, lanes, y, half)
  FOR_ELEMENT_TYPE(half, CALL);
#undef CALL
}

static void blur_one(size_t plane, void *context) {
  const arguments *w = context;
  size_t first = plane * w->height * w->width * w->lanes;
  blur_plane(from_element(w->x, first, w->half), w->height, w->width, w->lanes,
             from_mutable_element(w->y, first, w->half), w->half);
}

void ckernels_blur(const void *x, size_t planes, size_t height, size_t width, size_t lanes, ckernels_element_type type,
                   void *y) {
  arguments w = {x, y, height, width, lanes, type == CKERNELS_BFLOAT16};
  ckernels_parallel_for(planes, blur_one, &w);
}
