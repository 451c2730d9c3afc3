// Parallel loops on the threads of this process, which oneDNN uses as well.
#ifndef CKERNELS_PARALLEL_H
#define CKERNELS_PARALLEL_H

#include <stddef.h>
#include <stdint.h>

// The number of threads that a parallel loop started by the calling thread uses, itself included.
int32_t ckernels_thread_count(void);

// The number of processors that this process may run on, as it is bound.
int32_t ckernels_processor_count(void);

// Sets the number of threads for later parallel loops of the calling thread, oneDNN's too.
//
// - Precondition: `count >= 1`.
void ckernels_set_thread_count(int32_t count);

// The position of the calling thread in the loop that it works for, in
// 0..<ckernels_thread_count().
int32_t ckernels_thread_index(void);

// The number of parallel regions of several threads so far, oneDNN's included.
uint64_t ckernels_parallel_region_count(void);

// Calls `body(index, context)` once for every index in `0..<count` and returns when all are done.
//
// Each thread takes one contiguous range of indices that depends on the two counts alone. oneDNN
// uses the same threads, so that there is one pool in the process. A loop started inside a
// loop runs serially on its thread.
void ckernels_parallel_for(
    size_t count, void (*_Nonnull body)(size_t index, void *_Nullable context),
    void *_Nullable context);

#endif
