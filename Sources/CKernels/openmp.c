// The part of the OpenMP runtime that oneDNN asks for, on this process's own threads.
//
// A program's own symbols come before those of its libraries, so that oneDNN, built for libgomp, calls
// these. A test compares them with what the installed library asks for.

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "openmp.h"
#include "thread_pool.h"

// The names carry libgomp's versions, which is what makes linkers hand them to oneDNN.
#define AS(version, name) __asm__(".symver openmp_" #name ", " #name "@@" version)
AS("GOMP_4.0", GOMP_parallel);
AS("GOMP_1.0", GOMP_barrier);
AS("OMP_1.0", omp_get_thread_num);
AS("OMP_1.0", omp_get_num_threads);
AS("OMP_1.0", omp_get_max_threads);
AS("OMP_1.0", omp_get_num_procs);
AS("OMP_1.0", omp_in_parallel);
AS("OMP_1.0", omp_set_num_threads);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int initial_count;
// What the calling thread has asked for; 0 where it has not.
static _Thread_local int wanted_count;

static int within_limits(long count) {
  return count < 1 ? 1 : count > pool_thread_limit ? pool_thread_limit : (int)count;
}

static void find_initial_count(void) {
  const char *text = getenv("OMP_NUM_THREADS");
  long count = text == NULL ? 0 : strtol(text, NULL, 10);
  initial_count = within_limits(count > 0 ? count : openmp_omp_get_num_procs());
}

int openmp_omp_get_num_procs(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

int openmp_omp_get_max_threads(void) {
  if (wanted_count > 0) return wanted_count;
  pthread_once(&once, find_initial_count);
  return initial_count;
}

void openmp_omp_set_num_threads(int count) { wanted_count = within_limits(count); }

int openmp_omp_get_thread_num(void) { return pool_current_place().number; }

int openmp_omp_get_num_threads(void) { return pool_current_place().count; }

int openmp_omp_in_parallel(void) { return pool_current_place().isInside; }

void openmp_GOMP_parallel(void (*function)(void *), void *data, unsigned threadCount, unsigned flags) {
  (void)flags;
  int count = threadCount == 0 ? openmp_omp_get_max_threads() : within_limits((long)threadCount);
  pool_run(function, data, count);
}

void openmp_GOMP_barrier(void) { pool_barrier(); }
