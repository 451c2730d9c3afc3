// Transforms weights into panels: [panel][36][inputChannels][PANEL], the last panel narrower.
#ifndef WINOGRAD_PACK_H
#define WINOGRAD_PACK_H

#include "parallel.h"
#include "winograd_instance.h"
#include "winograd_transform.h"

INLINE size_t panel_width(const winograd_geometry *g, size_t panel) {
  return smaller(PANEL, g->outputChannels - panel * PANEL);
}

INLINE size_t packed_stride(const winograd_geometry *g, size_t panel) {
  return plane_stride(g->inputChannels * panel_width(g, panel));
}

// All panels before the last one have the same size.
INLINE size_t packed_offset(const winograd_geometry *g, size_t panel) {
  return panel * PLANES * plane_stride(g->inputChannels * PANEL);
}

static size_t packed_count(const winograd_geometry *g) {
  size_t last = ceiling_quotient(g->outputChannels, PANEL) - 1;
  return packed_offset(g, last) + PLANES * packed_stride(g, last);
}

enum { PACKED_INPUTS = 8 };  // input channels that are transformed together

// Copies LANES kernels of each of `inputs` input channels to [inputs][9][LANES].
INLINE void gather_weights(
    const winograd_packing *work, size_t firstInput, size_t inputs, size_t firstOutput,
    float *result) {
  const winograd_geometry *g = work->geometry;
  size_t inputStride = 9 * (work->transposed ? g->usedOutputChannels : 1);
  size_t outputStride = 9 * (work->transposed ? 1 : g->usedInputChannels);
  size_t usedInputs = smaller(firstInput + inputs, larger(g->usedInputChannels, firstInput));
  size_t usedOutputs = smaller(firstOutput + LANES, larger(g->usedOutputChannels, firstOutput));
  if (usedInputs < firstInput + inputs || usedOutputs < firstOutput + LANES) {
    __builtin_memset(result, 0, inputs * 9 * LANES * sizeof(float));
  }
  for (size_t input = firstInput; input < usedInputs; input++, result += 9 * LANES) {
    for (size_t output = firstOutput; output < usedOutputs; output++) {
      const float *source = work->weight + input * inputStride + output * outputStride;
      float *lane = result + (output - firstOutput);
      if (work->transposed) {
        for (int e = 0; e < 9; e++) lane[e * LANES] = source[8 - e];
      } else {
        for (int e = 0; e < 9; e++) lane[e * LANES] = source[e];
      }
    }
  }
}

static void pack_channels(size_t index, void *context) {
  const winograd_packing *work = context;
  const winograd_geometry *g = work->geometry;
  size_t panels = ceiling_quotient(g->outputChannels, PANEL);
  size_t panel = index % panels, firstInput = index / panels * PACKED_INPUTS;
  size_t inputs = smaller(PACKED_INPUTS, g->inputChannels - firstInput);
  size_t width = panel_width(g, panel), stride = packed_stride(g, panel);
  float *planes = work->packed + packed_offset(g, panel) + firstInput * width;

  // All are gathered before the first is transformed: loading a vector so soon after its elements
  // were stored one by one would wait for the stores.
  float weight[PANEL_VECTORS][PACKED_INPUTS * 9 * LANES];
  size_t vectors = width / LANES;
  for (size_t i = 0; i < vectors; i++) {
    gather_weights(work, firstInput, inputs, panel * PANEL + i * LANES, weight[i]);
  }
  for (size_t input = 0; input < inputs; input++) {
    for (size_t i = 0; i < vectors; i++) {
      transform_weight_tile(
          &weight[i][input * 9 * LANES], planes + input * width + i * LANES, stride);
    }
  }
}

static void pack(const winograd_packing *work) {
  const winograd_geometry *g = work->geometry;
  size_t panels = ceiling_quotient(g->outputChannels, PANEL);
  size_t inputGroups = ceiling_quotient(g->inputChannels, PACKED_INPUTS);
  ckernels_parallel_for(panels * inputGroups, pack_channels, (void *)(uintptr_t)work);
}

#endif
