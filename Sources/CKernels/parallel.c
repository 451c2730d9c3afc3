#include "parallel.h"

// libgomp's entry points, declared here because the compiler's own OpenMP is another runtime.
extern void GOMP_parallel(
    void (*function)(void *), void *data, unsigned threadCount, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_get_max_threads(void);
extern int omp_in_parallel(void);
extern int omp_get_num_procs(void);
extern void omp_set_num_threads(int count);

int32_t ckernels_thread_count(void) { return omp_get_max_threads(); }

int32_t ckernels_processor_count(void) { return omp_get_num_procs(); }

void ckernels_set_thread_count(int32_t count) { omp_set_num_threads(count); }

int32_t ckernels_thread_index(void) { return omp_get_thread_num(); }

struct loop {
  size_t count;
  void (*body)(size_t, void *);
  void *context;
};

static void run_share(void *data) {
  const struct loop *loop = data;
  size_t thread = (size_t)omp_get_thread_num();
  size_t threadCount = (size_t)omp_get_num_threads();
  size_t end = loop->count * (thread + 1) / threadCount;
  for (size_t index = loop->count * thread / threadCount; index < end; index++) {
    loop->body(index, loop->context);
  }
}

void ckernels_parallel_for(size_t count, void (*body)(size_t, void *), void *context) {
  struct loop loop = {count, body, context};
  if (count <= 1 || omp_in_parallel() || omp_get_max_threads() == 1) {
    for (size_t index = 0; index < count; index++) body(index, context);
    return;
  }
  // Always the whole team: libgomp ends threads when a smaller one is asked for.
  GOMP_parallel(run_share, &loop, 0, 0);
}
