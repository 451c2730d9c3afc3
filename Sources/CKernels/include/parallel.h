// Parallel loops on libgomp's thread pool, the one that oneDNN uses.
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

// Calls `body(index, context)` once for every index in `0..<count` and returns when all are done.
//
// Each thread takes one contiguous range of indices that depends on the two counts alone. The
// threads are libgomp's, which oneDNN uses as well, so that there is one pool in the process.
// A loop started inside a loop runs serially on its thread.
void ckernels_parallel_for(
    size_t count, void (*_Nonnull body)(size_t index, void *_Nullable context),
    void *_Nullable context);

#endif
