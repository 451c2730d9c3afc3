// The parts of the weight gradient: its plan, and what is done with one batch of tiles.
//
// A batch is transformed to V[36][panel][tiles][16] and Z[36][panel][tiles][PANEL]. A group of
// input and output channels adds its 36 products to dU[group][36][GROUP][PANEL], and is transformed
// back in the end.
#ifndef WINOGRAD_GRADIENT_GROUPS_H
#define WINOGRAD_GRADIENT_GROUPS_H

#include "parallel.h"
#include "winograd_instance.h"
#include "winograd_maps.h"
#include "winograd_multiply.h"

enum {
  INPUT_PANEL = 16,
  GROUP = PANEL < 64 ? 32 : 16,  // input channels of a group
  GROUP_PLANE = GROUP * PANEL,
  GROUP_FLOATS = PLANES * GROUP_PLANE,
  SHARED_TILES_STEP = 32,  // tiles that are transformed together where threads share a batch
  // Batches are small enough for a cache, and large enough to add to dU rarely.
  BATCH_BYTES = 8 << 20,
  CHUNK_BATCH_BYTES = 4 << 20,
  MIN_BATCH_TILES = 96,
  MAX_BATCH_TILES = 256,
  // Chunks that are summed separately: enough of them for many threads where there are many tiles, and
  // a few where there are fewer but their transformed tiles take more memory than the products.
  MIN_CHUNK_TILES = 64,
  FEW_CHUNKS = 8,
  MAX_CHUNKS = 32,
  CHUNK_PRODUCT_BYTES = 32 << 20,
};

// Batches and chunks depend on the shape alone: they fix the order of every sum.
typedef struct {
  size_t chunks;
  size_t tilesPerChunk, tilesPerBatch;
  // Whether all threads work on one batch after the other: first they transform it, then they share
  // out the groups. Otherwise each thread works on whole chunks alone.
  bool shared;
  size_t inputGroups, outputPanels, groups;
  // Whether a group is multiplied and transformed back at once, without memory for the whole dU.
  bool direct;
  size_t inputStride, gradientStride;  // of planes
  // Planes exist once, in the shared memory, or for each thread. Products of each group of each chunk
  // are in the shared memory, from this offset on, or those of one group at a time in the thread's.
  size_t productOffset;
  ckernels_winograd_scratch_counts scratch;
} gradient_plan;

static size_t plan_chunks(const winograd_geometry *g) {
  size_t channels = g->inputChannels + g->outputChannels;
  size_t products = g->inputChannels * g->outputChannels;
  size_t tiles = larger(2 * products / channels, MIN_CHUNK_TILES);
  size_t limit = larger(smaller(g->tileCount / tiles, FEW_CHUNKS),
                        smaller(g->tileCount / MAX_BATCH_TILES, MAX_CHUNKS));
  limit = smaller(limit, CHUNK_PRODUCT_BYTES / (sizeof(float) * PLANES * products));
  // A power of two, as numbers of threads usually are.
  size_t chunks = 1;
  while (2 * chunks <= limit) chunks *= 2;
  return chunks;
}

static gradient_plan plan_gradient(const winograd_geometry *g) {
  size_t threads = (size_t)ckernels_thread_count();
  gradient_plan plan = {
      .chunks = plan_chunks(g),
      .inputGroups = ceiling_quotient(g->inputChannels, GROUP),
      .outputPanels = ceiling_quotient(g->outputChannels, PANEL),
  };
  plan.groups = plan.inputGroups * plan.outputPanels;
  // A thread that works alone must not leave the others waiting for long.
  size_t rounds = ceiling_quotient(plan.chunks, threads);
  plan.shared = plan.chunks == 1 || rounds * threads * 8 > plan.chunks * 9;

  size_t tileBytes = sizeof(float) * PLANES * (g->inputChannels + g->outputChannels);
  plan.tilesPerChunk = ceiling_quotient(g->tileCount, plan.chunks);
  size_t bytes = plan.chunks > 1 ? CHUNK_BATCH_BYTES : BATCH_BYTES;
  size_t tiles = smaller(larger(bytes / tileBytes, MIN_BATCH_TILES), MAX_BATCH_TILES);
  size_t batches = ceiling_quotient(plan.tilesPerChunk, tiles);
  plan.tilesPerBatch = ceiling_quotient(plan.tilesPerChunk, batches);
  plan.direct = plan.chunks == 1 && batches == 1 && plan.groups >= 4 * threads;

  plan.inputStride =
      plane_stride(round_up(g->inputChannels, INPUT_PANEL) * plan.tilesPerBatch);
  plan.gradientStride = plane_stride(plan.outputPanels * PANEL * plan.tilesPerBatch);
  size_t planes = PLANES * (plan.inputStride + plan.gradientStride);
  plan.productOffset = plan.shared ? planes : 0;
  plan.scratch.shared =
      plan.productOffset + (plan.direct ? 0 : GROUP_FLOATS * plan.groups * plan.chunks);
  plan.scratch.thread = larger(plan.shared ? 0 : planes, plan.direct ? GROUP_FLOATS : 0);
  return plan;
}

typedef struct {
  const winograd_weight_gradient *work;
  gradient_plan plan;
} gradient_run;

// Tiles that are transformed and multiplied together.
typedef struct {
  const gradient_run *run;
  float *input, *gradient;  // planes
  float *products;          // of all groups of the chunk
  size_t firstTile, tileCount;
  bool isFirst;  // of those with the same products, which it sets and does not add to
} gradient_batch;

INLINE gradient_batch make_batch(const gradient_run *run) {
  const ckernels_winograd_scratch *scratch = run->work->scratch;
  float *planes = run->plan.shared ? scratch->shared : own_scratch(scratch);
  return (gradient_batch){
      .run = run, .input = planes, .gradient = planes + PLANES * run->plan.inputStride};
}

INLINE float *group_products(const gradient_run *run, size_t chunk, size_t group) {
  return run->work->scratch->shared + run->plan.productOffset +
         (chunk * run->plan.groups + group) * GROUP_FLOATS;
}

static void transform_batch_input(const gradient_batch *batch, transform_range range) {
  const gradient_plan *plan = &batch->run->plan;
  const winograd_weight_gradient *work = batch->run->work;
  transformed_tiles v = {
      batch->input, plan->inputStride, INPUT_PANEL, plan->tilesPerBatch * INPUT_PANEL, INPUT_PANEL};
  transform_input(work->geometry, work->input, range, range.tileBegin - batch->firstTile, &v);
}

static void transform_batch_gradient(const gradient_batch *batch, transform_range range) {
  const gradient_plan *plan = &batch->run->plan;
  const winograd_weight_gradient *work = batch->run->work;
  transformed_tiles z = {
      batch->gradient, plan->gradientStride, PANEL, plan->tilesPerBatch * PANEL, PANEL};
  transform_output_gradient(work->geometry, work->outputGradient, range,
                            range.tileBegin - batch->firstTile, &z);
}

// Adds one plane of one group to its products.
static void multiply_group(
    const gradient_batch *batch, size_t group, size_t plane, float *products) {
  const gradient_plan *plan = &batch->run->plan;
  const winograd_geometry *g = batch->run->work->geometry;
  size_t panel = group / plan->inputGroups, firstInput = group % plan->inputGroups * GROUP;
  size_t vectors = smaller(PANEL, g->outputChannels - panel * PANEL) / LANES;
  const float *z =
      batch->gradient + plane * plan->gradientStride + panel * PANEL * plan->tilesPerBatch;
  size_t end = smaller(firstInput + GROUP, g->inputChannels);
  for (size_t input = firstInput; input < end; input += INPUT_PANEL) {
    const float *v = batch->input + plane * plan->inputStride + input * plan->tilesPerBatch;
    float *product = products + plane * GROUP_PLANE + (input - firstInput) * PANEL;
    size_t rows = smaller(INPUT_PANEL, end - input);
    if (winograd_are_zero(g, plane, g->phaseInputs, input, input + rows)) {
      if (batch->isFirst) __builtin_memset(product, 0, rows * PANEL * sizeof(float));
      continue;
    }
    multiply_transposed_by_panel(
        vectors, rows, batch->tileCount, v, INPUT_PANEL, z, PANEL, product, PANEL,
        !batch->isFirst);
  }
}

// Transforms the products of a group to its part of the weight gradient.
static void transform_group(const gradient_run *run, size_t group, const float *products) {
  const winograd_geometry *g = run->work->geometry;
  size_t firstOutput = group / run->plan.inputGroups * PANEL;
  size_t firstInput = group % run->plan.inputGroups * GROUP;
  size_t endInput = smaller(firstInput + GROUP, g->usedInputChannels);
  size_t endOutput = smaller(firstOutput + PANEL, g->usedOutputChannels);
  for (size_t output = firstOutput; output < endOutput; output += LANES) {
    size_t used = smaller(LANES, endOutput - output);
    for (size_t input = firstInput; input < endInput; input++) {
      float weight[9 * LANES];
      transform_weight_gradient_tile(
          products + (input - firstInput) * PANEL + (output - firstOutput), GROUP_PLANE, weight);
      for (size_t lane = 0; lane < used; lane++) {
        float *result =
            run->work->weightGradient + ((output + lane) * g->usedInputChannels + input) * 9;
        for (size_t e = 0; e < 9; e++) result[e] = weight[e * LANES + lane];
      }
    }
  }
}

#endif
