#include "parallel.h"

#include "openmp.h"
#include "thread_pool.h"

int32_t ckernels_thread_count(void) { return openmp_omp_get_max_threads(); }

int32_t ckernels_processor_count(void) { return openmp_omp_get_num_procs(); }

void ckernels_set_thread_count(int32_t count) { openmp_omp_set_num_threads(count); }

int32_t ckernels_thread_index(void) { return pool_current_place().number; }

uint64_t ckernels_parallel_region_count(void) { return pool_region_count(); }

struct loop {
  size_t count;
  void (*body)(size_t, void *);
  void *context;
};

static void run_share(void *data) {
  const struct loop *loop = data;
  struct pool_place place = pool_current_place();
  size_t thread = (size_t)place.number;
  size_t threadCount = (size_t)place.count;
  size_t end = loop->count * (thread + 1) / threadCount;
  for (size_t index = loop->count * thread / threadCount; index < end; index++) {
    loop->body(index, loop->context);
  }
}

void ckernels_parallel_for(size_t count, void (*body)(size_t, void *), void *context) {
  struct loop loop = {count, body, context};
  int32_t threadCount = openmp_omp_get_max_threads();
  if (count <= 1 || threadCount == 1 || pool_current_place().isInside) {
    for (size_t index = 0; index < count; index++) body(index, context);
    return;
  }
  pool_run(run_share, &loop, threadCount);
}
