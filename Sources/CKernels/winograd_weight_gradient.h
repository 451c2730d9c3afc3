// The weight gradient: the sum over tiles of transformed input times transformed output gradient,
// transformed back.
#ifndef WINOGRAD_WEIGHT_GRADIENT_H
#define WINOGRAD_WEIGHT_GRADIENT_H

#include "winograd_gradient_groups.h"

static size_t weight_gradient_scratch(const winograd_geometry *g) {
  return plan_gradient(g).scratch;
}

// Adds up the partial sums 0..<count of the bias gradient.
static void add_bias_gradient(const gradient_run *run, size_t count) {
  float *result = run->work->biasGradient;
  for (size_t sum = 0; sum < count; sum++) {
    const float *partial = bias_sum(run, sum);
    for (size_t c = 0; c < run->work->geometry->usedOutputChannels; c++) result[c] += partial[c];
  }
}

// Few tiles: all threads work on one batch after the other.

// Transforms one step of channels of SUM_TILES tiles, of the input or of the output gradient.
static void transform_part(size_t index, void *context) {
  const gradient_batch *batch = context;
  const winograd_geometry *g = batch->run->work->geometry;
  size_t inputSteps = ceiling_quotient(g->inputChannels, CHANNEL_STEP);
  size_t sum = index % batch->run->plan.sums, step = index / batch->run->plan.sums;
  if (sum * SUM_TILES >= batch->tileCount) return;
  transform_range range = {
      .tileBegin = batch->firstTile + sum * SUM_TILES,
      .tileCount = smaller(SUM_TILES, batch->tileCount - sum * SUM_TILES),
  };
  if (step < inputSteps) {
    range.channelBegin = step * CHANNEL_STEP;
    range.channelEnd = smaller(range.channelBegin + CHANNEL_STEP, g->inputChannels);
    transform_batch_input(batch, range);
  } else {
    range.channelBegin = (step - inputSteps) * CHANNEL_STEP;
    range.channelEnd = smaller(range.channelBegin + CHANNEL_STEP, g->outputChannels);
    float *total = bias_sum(batch->run, sum);
    for (size_t c = range.channelBegin; c < range.channelEnd; c++) total[c] = 0;
    transform_batch_gradient(batch, range, total);
  }
}

static void multiply_group_plane(size_t index, void *context) {
  const gradient_batch *batch = context;
  size_t group = index % batch->run->plan.groups, plane = index / batch->run->plan.groups;
  multiply_group(batch, group, plane, group_products(batch->run, group));
}

static void multiply_and_transform_group(size_t group, void *context) {
  const gradient_batch *batch = context;
  float *products = group_products(batch->run, (size_t)ckernels_thread_index());
  for (size_t plane = 0; plane < PLANES; plane++) multiply_group(batch, group, plane, products);
  transform_group(batch->run, group, products);
}

static void multiply_shared_batches(const gradient_run *run) {
  const winograd_geometry *g = run->work->geometry;
  const gradient_plan *plan = &run->plan;
  size_t steps = ceiling_quotient(g->inputChannels, CHANNEL_STEP) +
                 ceiling_quotient(g->outputChannels, CHANNEL_STEP);
  gradient_batch batch = make_batch(run, 0);
  for (size_t tile = 0; tile < g->tileCount; tile += plan->tilesPerBatch) {
    batch.firstTile = tile;
    batch.tileCount = smaller(plan->tilesPerBatch, g->tileCount - tile);
    batch.isFirst = tile == 0;
    ckernels_parallel_for(steps * plan->sums, transform_part, &batch);
    if (run->work->biasGradient != NULL) {
      add_bias_gradient(run, ceiling_quotient(batch.tileCount, SUM_TILES));
    }
    if (plan->direct) {
      ckernels_parallel_for(plan->groups, multiply_and_transform_group, &batch);
    } else {
      ckernels_parallel_for(plan->groups * PLANES, multiply_group_plane, &batch);
    }
  }
}

// Many tiles: each thread works on chunks of its own.

static void multiply_chunk(size_t chunk, void *context) {
  const gradient_run *run = context;
  const winograd_geometry *g = run->work->geometry;
  const gradient_plan *plan = &run->plan;
  gradient_batch batch = make_batch(run, (size_t)ckernels_thread_index());
  size_t begin = chunk * plan->tilesPerChunk;
  size_t end = smaller(begin + plan->tilesPerChunk, g->tileCount);
  float *total = bias_sum(run, chunk);
  for (size_t c = 0; c < g->outputChannels; c++) total[c] = 0;
  float *products = group_products(run, chunk * plan->groups);
  for (size_t tile = begin; tile < end; tile += plan->tilesPerBatch) {
    batch.firstTile = tile;
    batch.tileCount = smaller(plan->tilesPerBatch, end - tile);
    batch.isFirst = tile == begin;
    transform_batch_input(
        &batch, (transform_range){tile, batch.tileCount, 0, g->inputChannels});
    transform_batch_gradient(
        &batch, (transform_range){tile, batch.tileCount, 0, g->outputChannels}, total);
    for (size_t plane = 0; plane < PLANES; plane++) {
      for (size_t group = 0; group < plan->groups; group++) {
        multiply_group(&batch, group, plane, products + group * GROUP_FLOATS);
      }
    }
  }
}

// The end of both ways.

// Adds the products of all chunks and transforms the sum.
static void finish_group(size_t group, void *context) {
  const gradient_run *run = context;
  float *sum = group_products(run, group);
  for (size_t chunk = 1; chunk < run->plan.chunks; chunk++) {
    const float *products = group_products(run, chunk * run->plan.groups + group);
    for (size_t i = 0; i < GROUP_FLOATS; i += LANES) {
      store(sum + i, load(sum + i) + load(products + i));
    }
  }
  transform_group(run, group, sum);
}

static void weight_gradient(const winograd_weight_gradient *work) {
  gradient_run run = {work, plan_gradient(work->geometry)};
  for (size_t c = 0; work->biasGradient != NULL && c < work->geometry->usedOutputChannels; c++) {
    work->biasGradient[c] = 0;
  }
  if (run.plan.chunks > 0) {
    ckernels_parallel_for(run.plan.chunks, multiply_chunk, &run);
    if (work->biasGradient != NULL) add_bias_gradient(&run, run.plan.chunks);
  } else {
    multiply_shared_batches(&run);
  }
  if (!run.plan.direct) ckernels_parallel_for(run.plan.groups, finish_group, &run);
}

#endif
