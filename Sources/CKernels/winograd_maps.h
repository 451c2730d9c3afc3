// Transforms runs of tiles between blocked feature maps and planes; clips tiles at the borders.
#ifndef WINOGRAD_MAPS_H
#define WINOGRAD_MAPS_H

#include "winograd_transform.h"

// Where the channels of transformed tiles lie in a plane: in panels of `panel` channels, each a
// matrix with one row for every tile.
typedef struct {
  float *planes;
  size_t planeStride;
  size_t panel, panelStride;
  size_t tileStride;
} transformed_tiles;

INLINE float *transformed_at(const transformed_tiles *t, size_t tile, size_t channel) {
  return t->planes + channel / t->panel * t->panelStride + tile * t->tileStride +
         channel % t->panel;
}

enum {
  // Tiles of a run, whose channels are transformed one step after the other: long runs read whole
  // rows of the maps, and their windows still fit in the first-level cache.
  WINDOWS = 128,
  AHEAD = 2      // tiles between the one that is transformed and the one that is prefetched
};

INLINE bool is_whole(const winograd_window *w, int count) {
  return w->rowBegin == 0 && w->rowEnd == count && w->columnBegin == 0 && w->columnEnd == count;
}

// How the elements of a blocked feature map lie in memory.
typedef struct {
  size_t block;
  ptrdiff_t imageStride, blockStride, rowStride, columnStride;
} map_layout;

INLINE map_layout layout_of(
    size_t block, size_t channels, ptrdiff_t height, ptrdiff_t width) {
  ptrdiff_t step = (ptrdiff_t)block;
  return (map_layout){
      .block = block,
      .imageStride = height * width * (ptrdiff_t)channels,
      .blockStride = height * width * step,
      .rowStride = width * step,
      .columnStride = step,
  };
}

INLINE ptrdiff_t channel_offset(const map_layout *map, size_t channel) {
  return (ptrdiff_t)(channel / map->block) * map->blockStride + (ptrdiff_t)(channel % map->block);
}

INLINE ptrdiff_t window_offset(const map_layout *map, const winograd_window *w) {
  return (ptrdiff_t)w->image * map->imageStride + w->row * map->rowStride +
         w->column * map->columnStride;
}

// The memory of a dense tile of vectors of either type.
typedef struct {
  _Alignas(64) float elements[PLANES * LANES];
} dense_tile;

// Copies the part of a window inside the image to a dense tile of count x count vectors, with zeros
// for the rest.
INLINE void gather_window(
    const void *map, const winograd_window *w, ptrdiff_t rowStep, ptrdiff_t columnStep, int count,
    bool half, dense_tile *tile) {
  for (int i = 0; i < count; i++) {
    bool inside = i >= w->rowBegin && i < w->rowEnd;
    int begin = inside ? w->columnBegin : count, end = inside ? w->columnEnd : count;
    int at = i * count * LANES;
    for (int j = 0; j < begin; j++) store_map(tile, at + j * LANES, (vector){0}, half);
    for (int j = begin; j < end; j++) {
      store_map(tile, at + j * LANES, load_map(map, i * rowStep + j * columnStep, half), half);
    }
    for (int j = end; j < count; j++) store_map(tile, at + j * LANES, (vector){0}, half);
  }
}

INLINE void scatter_window(
    const dense_tile *tile, const winograd_window *w, ptrdiff_t rowStep, ptrdiff_t columnStep,
    int count, bool half, void *map) {
  for (int i = w->rowBegin; i < w->rowEnd; i++) {
    for (int j = w->columnBegin; j < w->columnEnd; j++) {
      store_map(map, i * rowStep + j * columnStep,
                load_map(tile, (i * count + j) * LANES, half), half);
    }
  }
}

// Asks for the elements of a tile that its left neighbour has not brought to the cache.
INLINE void prefetch_window(
    const void *map, ptrdiff_t offset, ptrdiff_t rowStep, ptrdiff_t columnStep, int count,
    bool half) {
  ptrdiff_t lineElements = (ptrdiff_t)(LINE_FLOATS * sizeof(float) / element_size(half));
  int columnsPerLine = columnStep < lineElements ? (int)(lineElements / columnStep) : 1;
  for (int i = 0; i < count; i++) {
    for (int j = count - OUTPUT_TILE; j < count; j += columnsPerLine) {
      ptrdiff_t element = offset + i * rowStep + j * columnStep;
      __builtin_prefetch((const char *)map + element * (ptrdiff_t)element_size(half));
    }
  }
}

// The tiles and channels that a transform works on.
typedef struct {
  size_t tileBegin, tileCount;
  size_t channelBegin, channelEnd;
} transform_range;

// Transforms tiles of the input or of the output gradient. Tile tileBegin is row `row` of the result.
INLINE void transform_maps(
    const winograd_geometry *g, const void *maps, transform_range range, size_t row,
    const transformed_tiles *result, bool isInput, bool half) {
  int count = isInput ? INPUT_TILE : OUTPUT_TILE;
  map_layout layout =
      isInput ? layout_of(g->block, g->inputChannels, g->inputHeight, g->inputWidth)
              : layout_of(g->block, g->outputChannels, g->outputHeight, g->outputWidth);
  ptrdiff_t rowStep = g->dilation * layout.rowStride;
  ptrdiff_t columnStep = g->dilation * layout.columnStride;
  winograd_window windows[WINDOWS];
  for (size_t done = 0; done < range.tileCount; done += WINDOWS) {
    size_t run = smaller(range.tileCount - done, WINDOWS);
    for (size_t t = 0; t < run; t++) {
      size_t tile = range.tileBegin + done + t;
      windows[t] = isInput ? winograd_input_window(g, tile) : winograd_output_window(g, tile);
    }
    for (size_t c = range.channelBegin; c < range.channelEnd; c += CHANNEL_STEP) {
      ptrdiff_t map[CHANNEL_STEP / LANES];
      float *planes[CHANNEL_STEP / LANES];
      size_t vectors = smaller(CHANNEL_STEP, range.channelEnd - c) / LANES;
      for (size_t i = 0; i < vectors; i++) {
        map[i] = channel_offset(&layout, c + i * LANES);
        planes[i] = transformed_at(result, row + done, c + i * LANES);
      }
      for (size_t t = 0; t < run; t++) {
        const winograd_window *w = &windows[t];
        ptrdiff_t offset = window_offset(&layout, w);
        bool whole = is_whole(w, count);
        dense_tile tile;
        if (t + AHEAD < run) {
          ptrdiff_t ahead = window_offset(&layout, &windows[t + AHEAD]);
          for (size_t i = 0; i < vectors; i++) {
            prefetch_window(maps, map[i] + ahead, rowStep, columnStep, count, half);
          }
        }
        for (size_t i = 0; i < vectors; i++) {
          const void *source =
              (const char *)maps + (map[i] + offset) * (ptrdiff_t)element_size(half);
          ptrdiff_t sourceRowStep = rowStep, sourceColumnStep = columnStep;
          if (!whole) {
            gather_window(source, w, rowStep, columnStep, count, half, &tile);
            source = &tile;
            sourceRowStep = count * LANES;
            sourceColumnStep = LANES;
          }
          if (isInput) {
            transform_input_tile(
                source, sourceRowStep, sourceColumnStep, half, planes[i], result->planeStride);
          } else {
            transform_gradient_tile(
                source, sourceRowStep, sourceColumnStep, half, planes[i], result->planeStride);
          }
          planes[i] += result->tileStride;
        }
      }
    }
  }
}

static void transform_input(
    const winograd_geometry *g, const void *input, transform_range range, size_t row,
    const transformed_tiles *result) {
#define CALL(half) transform_maps(g, input, range, row, result, true, half)
  FOR_ELEMENT_TYPE(g->half, CALL);
#undef CALL
}

static void transform_output_gradient(
    const winograd_geometry *g, const void *gradient, transform_range range, size_t row,
    const transformed_tiles *result) {
#define CALL(half) transform_maps(g, gradient, range, row, result, false, half)
  FOR_ELEMENT_TYPE(g->half, CALL);
#undef CALL
}

// Transforms products back: the first channel of the first tile of the range is the first element
// of `m`, with one row of `rowStride` floats for every tile.
INLINE void transform_products(
    const winograd_geometry *g, const float *m, size_t planeStride, size_t rowStride,
    transform_range range, const float *bias, float negativeSlope, void *output, bool half) {
  map_layout layout = layout_of(g->block, g->outputChannels, g->outputHeight, g->outputWidth);
  ptrdiff_t rowStep = g->dilation * layout.rowStride;
  ptrdiff_t columnStep = g->dilation * layout.columnStride;
  winograd_window windows[WINDOWS];
  for (size_t done = 0; done < range.tileCount; done += WINDOWS) {
    size_t run = smaller(range.tileCount - done, WINDOWS);
    for (size_t t = 0; t < run; t++) {
      windows[t] = winograd_output_window(g, range.tileBegin + done + t);
    }
    for (size_t c = range.channelBegin; c < range.channelEnd; c += CHANNEL_STEP) {
      size_t vectors = smaller(CHANNEL_STEP, range.channelEnd - c) / LANES;
      void *map[CHANNEL_STEP / LANES];
      for (size_t i = 0; i < vectors; i++) {
        map[i] = from_mutable_element(output, (size_t)channel_offset(&layout, c + i * LANES), half);
      }
      const float *products = m + done * rowStride + (c - range.channelBegin);
      for (size_t t = 0; t < run; t++, products += rowStride) {
        const winograd_window *w = &windows[t];
        ptrdiff_t offset = window_offset(&layout, w);
        bool whole = is_whole(w, OUTPUT_TILE);
        for (size_t i = 0; i < vectors; i++) {
          dense_tile tile;
          void *target = (char *)map[i] + offset * (ptrdiff_t)element_size(half);
          transform_output_tile(
              products + i * LANES, planeStride, bias + c + i * LANES, negativeSlope,
              whole ? target : &tile, whole ? rowStep : OUTPUT_TILE * LANES,
              whole ? columnStep : LANES, half);
          if (!whole) {
            scatter_window(&tile, w, rowStep, columnStep, OUTPUT_TILE, half, target);
          }
        }
      }
    }
  }
}

static void transform_output(
    const winograd_geometry *g, const float *m, size_t planeStride, size_t rowStride,
    transform_range range, const float *bias, float negativeSlope, void *output) {
#define CALL(half) \
  transform_products(g, m, planeStride, rowStride, range, bias, negativeSlope, output, half)
  FOR_ELEMENT_TYPE(g->half, CALL);
#undef CALL
}

#endif
