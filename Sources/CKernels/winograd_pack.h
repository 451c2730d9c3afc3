// Transforms weights into panels: [panel][36][inputChannels][PANEL], the last panel narrower.
#ifndef WINOGRAD_PACK_H
#define WINOGRAD_PACK_H

#include "parallel.h"
#include "winograd_instance.h"
#include "winograd_transform.h"

INLINE size_t panel_width(const winograd_geometry *g, size_t panel) {
  return smaller(PANEL, g->outputChannels - panel * PANEL);
}

INLINE const float *packed_panel(
    const winograd_geometry *g, const float *packed, size_t panel, size_t plane) {
  return packed + (panel * PANEL * PLANES + plane * panel_width(g, panel)) * g->inputChannels;
}

static void pack_channels(size_t index, void *context) {
  const winograd_packing *work = context;
  const winograd_geometry *g = work->geometry;
  size_t panels = ceiling_quotient(g->outputChannels, PANEL);
  size_t panel = index % panels, firstInput = index / panels * CHANNEL_STEP;
  size_t endInput = smaller(firstInput + CHANNEL_STEP, g->inputChannels);
  size_t width = panel_width(g, panel);
  size_t inputStride = 9 * (work->transposed ? g->usedOutputChannels : 1);
  size_t outputStride = 9 * (work->transposed ? 1 : g->usedInputChannels);
  float *planes = work->packed + panel * PANEL * PLANES * g->inputChannels;

  for (size_t column = 0; column < width; column += LANES) {
    size_t output = panel * PANEL + column;
    size_t used = g->usedOutputChannels > output ? g->usedOutputChannels - output : 0;
    if (used > LANES) used = LANES;
    for (size_t input = firstInput; input < endInput; input++) {
      float weight[9 * LANES] = {0};
      if (input < g->usedInputChannels) {
        const float *source = work->weight + input * inputStride + output * outputStride;
        for (size_t lane = 0; lane < used; lane++) {
          for (int e = 0; e < 9; e++) {
            weight[e * LANES + (int)lane] = source[work->transposed ? 8 - e : e];
          }
          source += outputStride;
        }
      }
      transform_weight_tile(weight, planes + input * width + column, g->inputChannels * width);
    }
  }
}

static void pack(const winograd_packing *work) {
  const winograd_geometry *g = work->geometry;
  size_t panels = ceiling_quotient(g->outputChannels, PANEL);
  size_t inputGroups = ceiling_quotient(g->inputChannels, CHANNEL_STEP);
  ckernels_parallel_for(panels * inputGroups, pack_channels, (void *)(uintptr_t)work);
}

#endif
