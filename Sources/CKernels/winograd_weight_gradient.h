// The weight gradient: the sum over tiles of transformed input times transformed output gradient,
// transformed back.
//
// Batches of tiles are transformed to V[36][panels][tiles][16] and Z[36][panels][tiles][PANEL]; a
// group of input and output channels then adds its 36 products to dU[group][36][GROUP][PANEL].
// Batches are cut by the shape alone and follow each other in order: that fixes every sum.
#ifndef WINOGRAD_WEIGHT_GRADIENT_H
#define WINOGRAD_WEIGHT_GRADIENT_H

#include "parallel.h"
#include "winograd_instance.h"
#include "winograd_maps.h"
#include "winograd_multiply.h"

#ifndef BATCH_BYTES
#define BATCH_BYTES (8 << 20)
#define MIN_BATCH_TILES 96
#define MAX_BATCH_TILES 256
#endif

enum {
  INPUT_PANEL = 16,
  GROUP = PANEL < 64 ? 32 : 16,      // input channels of a group
  GROUP_PLANE = GROUP * PANEL,
  GROUP_FLOATS = PLANES * GROUP_PLANE,
  SUM_TILES = 32,  // tiles with one partial sum of the bias gradient
};

typedef struct {
  size_t batches, batchTiles;
  size_t sums;  // partial sums of the bias gradient in a batch
  size_t inputGroups, outputPanels, groups;
  // Whether a group is multiplied and transformed back at once, without memory for the whole dU.
  bool direct;
  size_t inputStride, gradientStride;
  size_t gradientOffset, productOffset, sumOffset, scratch;
} gradient_plan;

static gradient_plan plan_gradient(const winograd_geometry *g) {
  size_t threads = (size_t)ckernels_thread_count();
  gradient_plan plan = {
      .inputGroups = ceiling_quotient(g->inputChannels, GROUP),
      .outputPanels = ceiling_quotient(g->outputChannels, PANEL),
  };
  plan.groups = plan.inputGroups * plan.outputPanels;
  size_t tileBytes = sizeof(float) * PLANES * (g->inputChannels + g->outputChannels);
  size_t tiles = smaller(larger(BATCH_BYTES / tileBytes, MIN_BATCH_TILES), MAX_BATCH_TILES);
  plan.batches = ceiling_quotient(g->tileCount, tiles);
  plan.batchTiles = ceiling_quotient(g->tileCount, plan.batches);
  plan.sums = ceiling_quotient(plan.batchTiles, SUM_TILES);
  plan.direct = plan.batches == 1 && plan.groups >= 4 * threads;

  plan.inputStride = plane_stride(round_up(g->inputChannels, INPUT_PANEL) * plan.batchTiles);
  plan.gradientStride = plane_stride(plan.outputPanels * PANEL * plan.batchTiles);
  plan.gradientOffset = PLANES * plan.inputStride;
  plan.productOffset = plan.gradientOffset + PLANES * plan.gradientStride;
  plan.sumOffset = plan.productOffset + GROUP_FLOATS * (plan.direct ? threads : plan.groups);
  plan.scratch = plan.sumOffset + round_up(plan.sums * g->outputChannels, LINE_FLOATS);
  return plan;
}

static size_t weight_gradient_scratch(const winograd_geometry *g) {
  return plan_gradient(g).scratch;
}

typedef struct {
  const winograd_weight_gradient *work;
  gradient_plan plan;
  size_t batch, firstTile, tileCount;
} gradient_run;

// Transforms one step of channels of SUM_TILES tiles, of the input or of the output gradient.
static void transform_batch(size_t index, void *context) {
  const gradient_run *run = context;
  const gradient_plan *plan = &run->plan;
  const winograd_geometry *g = run->work->geometry;
  size_t inputSteps = ceiling_quotient(g->inputChannels, CHANNEL_STEP);
  size_t sum = index % plan->sums, step = index / plan->sums;
  if (sum * SUM_TILES >= run->tileCount) return;
  size_t count = smaller(SUM_TILES, run->tileCount - sum * SUM_TILES);
  size_t begin = run->firstTile + sum * SUM_TILES;
  if (step < inputSteps) {
    transformed_tiles v = {run->work->scratch, plan->inputStride, INPUT_PANEL,
                           plan->batchTiles * INPUT_PANEL, INPUT_PANEL};
    size_t channel = step * CHANNEL_STEP;
    transform_range range = {begin, count, channel,
                             smaller(channel + CHANNEL_STEP, g->inputChannels)};
    transform_input(g, run->work->input, range, sum * SUM_TILES, &v);
  } else {
    transformed_tiles z = {run->work->scratch + plan->gradientOffset, plan->gradientStride, PANEL,
                           plan->batchTiles * PANEL, PANEL};
    float *total = run->work->scratch + plan->sumOffset + sum * g->outputChannels;
    size_t channel = (step - inputSteps) * CHANNEL_STEP;
    size_t end = smaller(channel + CHANNEL_STEP, g->outputChannels);
    __builtin_memset(total + channel, 0, (end - channel) * sizeof(float));
    transform_range range = {begin, count, channel, end};
    transform_output_gradient(g, run->work->outputGradient, range, sum * SUM_TILES, &z, total);
  }
}

// Adds one plane of one group to its products.
static void multiply_group(const gradient_run *run, size_t group, size_t plane, float *products) {
  const gradient_plan *plan = &run->plan;
  const winograd_geometry *g = run->work->geometry;
  size_t panel = group / plan->inputGroups, firstInput = group % plan->inputGroups * GROUP;
  size_t vectors = smaller(PANEL, g->outputChannels - panel * PANEL) / LANES;
  const float *z = run->work->scratch + plan->gradientOffset + plane * plan->gradientStride +
                   panel * PANEL * plan->batchTiles;
  size_t end = smaller(firstInput + GROUP, g->inputChannels);
  for (size_t input = firstInput; input < end; input += INPUT_PANEL) {
    const float *v = run->work->scratch + plane * plan->inputStride + input * plan->batchTiles;
    multiply_transposed_by_panel(
        vectors, smaller(INPUT_PANEL, end - input), run->tileCount, v, INPUT_PANEL, z, PANEL,
        products + plane * GROUP_PLANE + (input - firstInput) * PANEL, PANEL, run->batch > 0);
  }
}

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

INLINE float *group_products(const gradient_run *run, size_t slot) {
  return run->work->scratch + run->plan.productOffset + slot * GROUP_FLOATS;
}

static void multiply_group_plane(size_t index, void *context) {
  const gradient_run *run = context;
  size_t group = index % run->plan.groups;
  multiply_group(run, group, index / run->plan.groups, group_products(run, group));
}

static void transform_group_back(size_t group, void *context) {
  const gradient_run *run = context;
  transform_group(run, group, group_products(run, group));
}

static void compute_group(size_t group, void *context) {
  const gradient_run *run = context;
  float *products = group_products(run, (size_t)ckernels_thread_index());
  for (size_t plane = 0; plane < PLANES; plane++) multiply_group(run, group, plane, products);
  transform_group(run, group, products);
}

static void add_bias_gradient(const gradient_run *run) {
  const winograd_geometry *g = run->work->geometry;
  float *result = run->work->biasGradient;
  if (run->batch == 0) __builtin_memset(result, 0, g->usedOutputChannels * sizeof(float));
  for (size_t sum = 0; sum * SUM_TILES < run->tileCount; sum++) {
    const float *total = run->work->scratch + run->plan.sumOffset + sum * g->outputChannels;
    for (size_t channel = 0; channel < g->usedOutputChannels; channel++) {
      result[channel] += total[channel];
    }
  }
}

static void weight_gradient(const winograd_weight_gradient *work) {
  const winograd_geometry *g = work->geometry;
  gradient_run run = {.work = work, .plan = plan_gradient(g)};
  size_t steps = ceiling_quotient(g->inputChannels, CHANNEL_STEP) +
                 ceiling_quotient(g->outputChannels, CHANNEL_STEP);
  for (run.batch = 0; run.batch < run.plan.batches; run.batch++) {
    run.firstTile = run.batch * run.plan.batchTiles;
    if (run.firstTile >= g->tileCount) break;
    run.tileCount = smaller(run.plan.batchTiles, g->tileCount - run.firstTile);
    ckernels_parallel_for(steps * run.plan.sums, transform_batch, &run);
    if (work->biasGradient != NULL) add_bias_gradient(&run);
    if (run.plan.direct) {
      ckernels_parallel_for(run.plan.groups, compute_group, &run);
    } else {
      ckernels_parallel_for(run.plan.groups * PLANES, multiply_group_plane, &run);
    }
  }
  if (!run.plan.direct) ckernels_parallel_for(run.plan.groups, transform_group_back, &run);
}

#endif
