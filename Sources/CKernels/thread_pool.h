// The threads of this process that compute: parallel regions and how their threads wait.
//
// A region is a function that so many threads run at once, each with a number of its own. Regions of
// small feature maps take some ten microseconds and follow each other closely, so a thread that sleeps
// in between costs more than the region; and a thread that spins in between takes the processor from
// whoever shares it, itself included. Therefore
//
// * who waits spins for microseconds, then yields the processor, then sleeps;
// * the number of a thread is not tied to it: the caller, when done with its own part, takes over
//   parts that no other thread has begun. A thread that was not given a processor keeps nobody waiting;
// * a thread whose parts are mostly taken over sleeps at once from then on, and tries to spin again
//   after a pause that doubles up to `longest_pause`.
//
// Which thread runs a part changes nothing about what the part computes.
#ifndef CKERNELS_THREAD_POOL_H
#define CKERNELS_THREAD_POOL_H

#include <stdbool.h>
#include <stdint.h>

// The largest number of threads of a region.
enum { pool_thread_limit = 4096 };

// What the calling thread is part of.
struct pool_place {
  // Its number in the region, from 0.
  int32_t number;
  // Threads of the region.
  int32_t count;
  // Whether it runs a region of several threads.
  bool isInside;
};

struct pool_place pool_current_place(void);

// Runs `function(data)` as threads 0..<count and returns when all are done.
//
// Inside a region it runs as one thread. Regions that several threads start take turns.
//
// - Precondition: `1 <= count <= pool_thread_limit`.
void pool_run(void (*function)(void *), void *data, int32_t count);

// Waits until all threads of the calling thread's region have come here.
void pool_barrier(void);

// Regions of several threads run so far.
uint64_t pool_region_count(void);

#endif
