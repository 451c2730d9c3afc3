// Forward convolution, and the data gradient, which is one with other weights.
//
// A block of tiles is transformed to V[36][tiles][inputChannels]; 36 products with the packed
// weights give M[36][tiles][columns] for some output channels at a time, which are transformed back
// while they are in the cache. How the tiles are cut into blocks changes no sum.
#ifndef WINOGRAD_CONVOLVE_H
#define WINOGRAD_CONVOLVE_H

#include "parallel.h"
#include "winograd_instance.h"
#include "winograd_maps.h"
#include "winograd_multiply.h"
#include "winograd_pack.h"

enum {
  BLOCK_BYTES = 384 << 10,  // of V and M: most of a second-level cache
  // Tiles of a block at least: the weights pass through the cache once for each block.
  MIN_BLOCK_TILES = 24,
  MIN_BLOCK_TILES_LARGE = 96,  // where the weights do not fit in the cache
  LARGE_WEIGHT_BYTES = 1 << 20,
  COLUMNS = PANEL > 32 ? PANEL : 32,  // output channels that are transformed back together
  SHARED_TILES = 32,                  // tiles that are transformed together for all threads
  MAX_SHARED_BYTES = 32 << 20,
  // Moving transformed tiles from one core's cache to another's costs so many times as much as letting
  // each core read all weights.
  SHARED_RATIO = 8,
  DEPTH_BLOCK = 4096 / PANEL  // input channels of 16 KiB of a panel, half of a first-level cache
};

typedef struct {
  // Whether the input is transformed for all threads first, because there are so few tiles for so many
  // weights that the threads must share out the output channels; otherwise each thread transforms its
  // own tiles.
  bool shared;
  size_t units, blocks;      // runs of ROWS tiles, and the blocks that they are dealt to
  size_t columns, groups;    // output channels transformed back together; their number
  size_t inputStride, productStride;  // of planes
  // The bias and shared planes of the input are in the shared memory, the rest in the threads'.
  ckernels_winograd_scratch_counts scratch;
} convolution_plan;

// Where planes begin that are shared: behind the bias.
INLINE size_t input_offset(const winograd_geometry *g) {
  return round_up(g->outputChannels, LINE_FLOATS);
}

static convolution_plan plan_convolution(const winograd_geometry *g) {
  size_t threads = (size_t)ckernels_thread_count();
  size_t weightBytes = sizeof(float) * PLANES * g->inputChannels * g->outputChannels;
  size_t inputBytes = sizeof(float) * PLANES * g->inputChannels * g->tileCount;
  bool large = weightBytes > LARGE_WEIGHT_BYTES;

  convolution_plan plan = {.units = ceiling_quotient(g->tileCount, ROWS)};
  plan.shared = large && SHARED_RATIO * g->tileCount <= g->outputChannels &&
                g->tileCount < MIN_BLOCK_TILES_LARGE * threads && inputBytes <= MAX_SHARED_BYTES;
  plan.columns = smaller(COLUMNS, g->outputChannels);
  size_t tiles = BLOCK_BYTES / (sizeof(float) * PLANES * (g->inputChannels + plan.columns));
  tiles = larger(tiles, large ? MIN_BLOCK_TILES_LARGE : MIN_BLOCK_TILES);
  plan.blocks = ceiling_quotient(g->tileCount, tiles);
  if (plan.shared) {
    while (plan.columns > PANEL &&
           plan.blocks * ceiling_quotient(g->outputChannels, plan.columns) < 4 * threads) {
      plan.columns = round_up(plan.columns / 2, PANEL);
    }
  } else {
    plan.blocks = round_up(plan.blocks, threads);
  }
  plan.blocks = smaller(plan.blocks, plan.units);
  plan.groups = ceiling_quotient(g->outputChannels, plan.columns);

  size_t blockTiles = ceiling_quotient(plan.units, plan.blocks) * ROWS;
  size_t inputTiles = plan.shared ? g->tileCount : blockTiles;
  plan.inputStride = plane_stride(inputTiles * g->inputChannels);
  plan.productStride = plane_stride(blockTiles * plan.columns);
  plan.scratch.shared = input_offset(g) + (plan.shared ? PLANES * plan.inputStride : 0);
  plan.scratch.thread = PLANES * (plan.productStride + (plan.shared ? 0 : plan.inputStride));
  return plan;
}

static ckernels_winograd_scratch_counts convolution_scratch(const winograd_geometry *g) {
  return plan_convolution(g).scratch;
}

typedef struct {
  const winograd_convolution *work;
  convolution_plan plan;
  const float *bias;  // filled up to a whole block
} convolution_run;


INLINE size_t block_begin(const convolution_plan *plan, size_t block) {
  return plan->units * block / plan->blocks * ROWS;
}

INLINE transformed_tiles input_planes(const convolution_run *run, float *planes) {
  size_t channels = run->work->geometry->inputChannels;
  return (transformed_tiles){planes, run->plan.inputStride, channels, 0, channels};
}

// Multiplies tiles that lie in `planes` (their first row at tile `first`) and transforms them back.
static void convolve_group(
    const convolution_run *run, const float *planes, size_t first, size_t tileBegin,
    size_t tileCount, size_t group, float *products) {
  const winograd_geometry *g = run->work->geometry;
  const convolution_plan *plan = &run->plan;
  size_t channels = g->inputChannels;
  size_t begin = group * plan->columns;
  size_t end = smaller(begin + plan->columns, g->outputChannels);
  for (size_t plane = 0; plane < PLANES; plane++) {
    const float *v = planes + plane * plan->inputStride + (tileBegin - first) * channels;
    float *m = products + plane * plan->productStride;
    for (size_t panel = begin / PANEL; panel * PANEL < end; panel++) {
      const float *u =
          run->work->packed + packed_offset(g, panel) + plane * packed_stride(g, panel);
      size_t width = panel_width(g, panel), firstOutput = panel * PANEL;
      float *product = m + (firstOutput - begin);
      if (winograd_are_zero(g, plane, g->phaseOutputs, firstOutput, firstOutput + width)) {
        for (size_t tile = 0; tile < tileCount; tile++) {
          __builtin_memset(product + tile * plan->columns, 0, width * sizeof(float));
        }
        continue;
      }
      bool isFirst = true;
      for (size_t input = 0, runEnd; input < channels; input = runEnd) {
        runEnd = winograd_run_end(g, plane, input);
        if (winograd_are_zero(g, plane, g->phaseInputs, input, runEnd)) continue;
        for (size_t depth = input; depth < runEnd; depth += DEPTH_BLOCK) {
          multiply_by_panel(
              width / LANES, tileCount, smaller(DEPTH_BLOCK, runEnd - depth), v + depth, channels,
              u + depth * width, product, plan->columns, !isFirst);
          isFirst = false;
        }
      }
    }
  }
  transform_output(g, products, plan->productStride, plan->columns,
                   (transform_range){tileBegin, tileCount, begin, end}, run->bias,
                   run->work->negativeSlope, run->work->output);
}

static void convolve_block(size_t index, void *context) {
  const convolution_run *run = context;
  const winograd_geometry *g = run->work->geometry;
  const convolution_plan *plan = &run->plan;
  size_t begin = block_begin(plan, index);
  size_t count = smaller(block_begin(plan, index + 1), g->tileCount) - begin;
  float *planes = own_scratch(run->work->scratch);
  float *products = planes + PLANES * plan->inputStride;
  transformed_tiles tiles = input_planes(run, planes);
  transform_input(
      g, run->work->input, (transform_range){begin, count, 0, g->inputChannels}, 0, &tiles);
  for (size_t group = 0; group < plan->groups; group++) {
    convolve_group(run, planes, begin, begin, count, group, products);
  }
}

static void transform_shared_input(size_t index, void *context) {
  const convolution_run *run = context;
  const winograd_geometry *g = run->work->geometry;
  size_t runs = ceiling_quotient(g->tileCount, SHARED_TILES);
  size_t begin = index % runs * SHARED_TILES, channel = index / runs * CHANNEL_STEP;
  transformed_tiles tiles = input_planes(run, run->work->scratch->shared + input_offset(g));
  transform_range range = {begin, smaller(SHARED_TILES, g->tileCount - begin), channel,
                           smaller(channel + CHANNEL_STEP, g->inputChannels)};
  transform_input(g, run->work->input, range, begin, &tiles);
}

static void convolve_shared(size_t index, void *context) {
  const convolution_run *run = context;
  const convolution_plan *plan = &run->plan;
  size_t block = index % plan->blocks, group = index / plan->blocks;
  size_t begin = block_begin(plan, block);
  size_t end = smaller(block_begin(plan, block + 1), run->work->geometry->tileCount);
  const float *planes = run->work->scratch->shared + input_offset(run->work->geometry);
  convolve_group(run, planes, 0, begin, end - begin, group, own_scratch(run->work->scratch));
}

static void convolve(const winograd_convolution *work) {
  const winograd_geometry *g = work->geometry;
  float *bias = work->scratch->shared;
  convolution_run run = {work, plan_convolution(g), bias};
  for (size_t channel = 0; channel < g->outputChannels; channel++) {
    bool used = work->bias != NULL && channel < g->usedOutputChannels;
    bias[channel] = used ? work->bias[channel] : 0;
  }
  if (run.plan.shared) {
    size_t runs = ceiling_quotient(g->tileCount, SHARED_TILES);
    size_t steps = ceiling_quotient(g->inputChannels, CHANNEL_STEP);
    ckernels_parallel_for(runs * steps, transform_shared_input, &run);
    ckernels_parallel_for(run.plan.blocks * run.plan.groups, convolve_shared, &run);
  } else {
    ckernels_parallel_for(run.plan.blocks, convolve_block, &run);
  }
}

#endif
