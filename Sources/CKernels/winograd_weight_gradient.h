// The weight gradient: the sum over tiles of transformed input times transformed output gradient,
// transformed back.
#ifndef WINOGRAD_WEIGHT_GRADIENT_H
#define WINOGRAD_WEIGHT_GRADIENT_H

#include "winograd_gradient_groups.h"

static ckernels_winograd_scratch_counts weight_gradient_scratch(const winograd_geometry *g) {
  return plan_gradient(g).scratch;
}

// Transforms one step of channels of some tiles, of the input or of the output gradient.
static void transform_part(size_t index, void *context) {
  const gradient_batch *batch = context;
  const winograd_geometry *g = batch->run->work->geometry;
  size_t inputSteps = ceiling_quotient(g->inputChannels, CHANNEL_STEP);
  size_t runs = ceiling_quotient(batch->tileCount, SHARED_TILES_STEP);
  size_t begin = index % runs * SHARED_TILES_STEP, step = index / runs;
  bool isInput = step < inputSteps;
  size_t channel = (isInput ? step : step - inputSteps) * CHANNEL_STEP;
  size_t channels = isInput ? g->inputChannels : g->outputChannels;
  transform_range range = {batch->firstTile + begin,
                           smaller(SHARED_TILES_STEP, batch->tileCount - begin), channel,
                           smaller(channel + CHANNEL_STEP, channels)};
  if (isInput) {
    transform_batch_input(batch, range);
  } else {
    transform_batch_gradient(batch, range);
  }
}

static void multiply_group_plane(size_t index, void *context) {
  const gradient_batch *batch = context;
  size_t group = index % batch->run->plan.groups, plane = index / batch->run->plan.groups;
  multiply_group(batch, group, plane, batch->products + group * GROUP_FLOATS);
}

static void multiply_and_transform_group(size_t group, void *context) {
  const gradient_batch *batch = context;
  float *products = own_scratch(batch->run->work->scratch);
  for (size_t plane = 0; plane < PLANES; plane++) multiply_group(batch, group, plane, products);
  transform_group(batch->run, group, products);
}

// All threads transform a batch, then share out its products.
static void share_batch(gradient_batch *batch) {
  const winograd_geometry *g = batch->run->work->geometry;
  const gradient_plan *plan = &batch->run->plan;
  size_t steps = ceiling_quotient(g->inputChannels, CHANNEL_STEP) +
                 ceiling_quotient(g->outputChannels, CHANNEL_STEP);
  ckernels_parallel_for(
      steps * ceiling_quotient(batch->tileCount, SHARED_TILES_STEP), transform_part, batch);
  if (plan->direct) {
    ckernels_parallel_for(plan->groups, multiply_and_transform_group, batch);
  } else {
    ckernels_parallel_for(plan->groups * PLANES, multiply_group_plane, batch);
  }
}

// The calling thread does the same alone.
static void multiply_batch(gradient_batch *batch) {
  const winograd_geometry *g = batch->run->work->geometry;
  const gradient_plan *plan = &batch->run->plan;
  transform_range input = {batch->firstTile, batch->tileCount, 0, g->inputChannels};
  transform_range gradient = {batch->firstTile, batch->tileCount, 0, g->outputChannels};
  transform_batch_input(batch, input);
  transform_batch_gradient(batch, gradient);
  for (size_t plane = 0; plane < PLANES; plane++) {
    for (size_t group = 0; group < plan->groups; group++) {
      multiply_group(batch, group, plane, batch->products + group * GROUP_FLOATS);
    }
  }
}

static void add_chunk(size_t chunk, void *context) {
  const gradient_run *run = context;
  const gradient_plan *plan = &run->plan;
  size_t begin = chunk * plan->tilesPerChunk;
  size_t end = smaller(begin + plan->tilesPerChunk, run->work->geometry->tileCount);
  gradient_batch batch = make_batch(run);
  batch.products = group_products(run, chunk, 0);
  for (size_t tile = begin; tile < end; tile += plan->tilesPerBatch) {
    batch.firstTile = tile;
    batch.tileCount = smaller(plan->tilesPerBatch, end - tile);
    batch.isFirst = tile == begin;
    if (plan->shared) {
      share_batch(&batch);
    } else {
      multiply_batch(&batch);
    }
  }
}

// Adds the products of all chunks and transforms the sum.
static void finish_group(size_t group, void *context) {
  const gradient_run *run = context;
  float *sum = group_products(run, 0, group);
  for (size_t chunk = 1; chunk < run->plan.chunks; chunk++) {
    const float *products = group_products(run, chunk, group);
    for (size_t i = 0; i < GROUP_FLOATS; i += LANES) {
      store(sum + i, load(sum + i) + load(products + i));
    }
  }
  transform_group(run, group, sum);
}

static void weight_gradient(const winograd_weight_gradient *work) {
  gradient_run run = {work, plan_gradient(work->geometry)};
  if (run.plan.shared) {
    for (size_t chunk = 0; chunk < run.plan.chunks; chunk++) add_chunk(chunk, &run);
  } else {
    ckernels_parallel_for(run.plan.chunks, add_chunk, &run);
  }
  if (!run.plan.direct) ckernels_parallel_for(run.plan.groups, finish_group, &run);
}

#endif
