// The number of threads of parallel regions, as OpenMP counts it.
#ifndef CKERNELS_OPENMP_H
#define CKERNELS_OPENMP_H

#include <stdint.h>

void openmp_GOMP_parallel(void (*function)(void *), void *data, unsigned threadCount, unsigned flags);
void openmp_GOMP_barrier(void);
int openmp_omp_get_thread_num(void);
int openmp_omp_get_num_threads(void);
// Threads of a region that the calling thread starts: what it has set, else `OMP_NUM_THREADS`, else one
// for each processor.
int openmp_omp_get_max_threads(void);
// Processors that the process may run on.
int openmp_omp_get_num_procs(void);
int openmp_omp_in_parallel(void);
void openmp_omp_set_num_threads(int count);

#endif
