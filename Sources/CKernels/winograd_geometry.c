#include "winograd_geometry.h"

static bool make(
    const ckernels_winograd_shape *shape, bool transposed, winograd_geometry *geometry) {
  if (shape->batch < 1 || shape->inputChannels < 1 || shape->outputChannels < 1 ||
      shape->height < 1 || shape->width < 1 || shape->dilation < 1 || shape->padding < 0 ||
      shape->padding > 2 * (int64_t)shape->dilation ||
      (shape->channelBlock != 8 && shape->channelBlock != 16)) {
    return false;
  }
  int64_t change = 2 * ((int64_t)shape->padding - shape->dilation);
  if (shape->height + change < 1 || shape->width + change < 1) return false;

  winograd_geometry g = {
      .batch = (size_t)shape->batch,
      .block = (size_t)shape->channelBlock,
      .half = shape->elementType == CKERNELS_BFLOAT16,
      .usedInputChannels = (size_t)(transposed ? shape->outputChannels : shape->inputChannels),
      .usedOutputChannels = (size_t)(transposed ? shape->inputChannels : shape->outputChannels),
      .inputHeight = shape->height + (transposed ? change : 0),
      .inputWidth = shape->width + (transposed ? change : 0),
      .outputHeight = shape->height + (transposed ? 0 : change),
      .outputWidth = shape->width + (transposed ? 0 : change),
      .padding = transposed ? 2 * (ptrdiff_t)shape->dilation - shape->padding : shape->padding,
      .dilation = shape->dilation,
  };
  if (shape->hasPhases) {
    size_t channels = (size_t)shape->inputChannels / 4;
    bool bothWithout = shape->emptyTaps[0] == shape->emptyTaps[1] &&
                       (shape->emptyTaps[0] == 0 || shape->emptyTaps[0] == 2);
    if (channels * 4 != (size_t)shape->inputChannels || channels % g.block != 0 || bothWithout) {
      return false;
    }
    *(transposed ? &g.phaseOutputs : &g.phaseInputs) = channels;
    for (int odd = 0; odd < 2; odd++) {
      g.emptyTaps[odd] = transposed ? 2 - shape->emptyTaps[odd] : shape->emptyTaps[odd];
    }
  }
  g.inputChannels = round_up(g.usedInputChannels, g.block);
  g.outputChannels = round_up(g.usedOutputChannels, g.block);

  size_t dilation = (size_t)g.dilation;
  size_t height = (size_t)g.outputHeight, width = (size_t)g.outputWidth;
  g.gridRows = smaller(dilation, height);
  g.gridColumns = smaller(dilation, width);
  g.tileColumns = ceiling_quotient(ceiling_quotient(width, dilation), OUTPUT_TILE);
  size_t tileRows = ceiling_quotient(ceiling_quotient(height, dilation), OUTPUT_TILE);
  g.tilesPerImage = g.gridRows * tileRows * g.gridColumns * g.tileColumns;
  g.tileCount = g.batch * g.tilesPerImage;
  *geometry = g;
  return true;
}

bool winograd_geometry_make(const ckernels_winograd_shape *shape, winograd_geometry *geometry) {
  return make(shape, false, geometry);
}

bool winograd_geometry_make_transposed(
    const ckernels_winograd_shape *shape, winograd_geometry *geometry) {
  return make(shape, true, geometry);
}

// Of the positions start, start + step, ... (count of them), the first and the end of those inside
// 0..<limit.
static void clip(
    ptrdiff_t start, ptrdiff_t step, int count, ptrdiff_t limit, int8_t *begin, int8_t *end) {
  ptrdiff_t first = start < 0 ? (-start + step - 1) / step : 0;
  ptrdiff_t last = start < limit ? (limit - start + step - 1) / step : 0;
  *begin = (int8_t)(first < count ? first : count);
  *end = (int8_t)(last < count ? last : count);
}

// Neighbouring tiles of a row are tiles of neighbouring grids, so that a run of tiles reads and
// writes whole rows also where the dilation is large.
static winograd_window window(
    const winograd_geometry *g, size_t tile, ptrdiff_t offset, int count, ptrdiff_t height,
    ptrdiff_t width) {
  size_t inImage = tile % g->tilesPerImage;
  size_t perRow = g->gridColumns * g->tileColumns;
  size_t tileRow = inImage / perRow, tileColumn = inImage % perRow;
  size_t tileStep = OUTPUT_TILE * (size_t)g->dilation;
  size_t row = tileRow % g->gridRows + tileRow / g->gridRows * tileStep;
  size_t column = tileColumn % g->gridColumns + tileColumn / g->gridColumns * tileStep;
  winograd_window w = {
      .image = (uint32_t)(tile / g->tilesPerImage),
      .row = (int32_t)((ptrdiff_t)row + offset),
      .column = (int32_t)((ptrdiff_t)column + offset),
  };
  clip(w.row, g->dilation, count, height, &w.rowBegin, &w.rowEnd);
  clip(w.column, g->dilation, count, width, &w.columnBegin, &w.columnEnd);
  return w;
}

winograd_window winograd_input_window(const winograd_geometry *g, size_t tile) {
  return window(g, tile, -g->padding, INPUT_TILE, g->inputHeight, g->inputWidth);
}

winograd_window winograd_output_window(const winograd_geometry *g, size_t tile) {
  return window(g, tile, 0, OUTPUT_TILE, g->outputHeight, g->outputWidth);
}
