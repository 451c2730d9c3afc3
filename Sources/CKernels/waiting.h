// Waiting for a number in memory to change: spinning, yielding, sleeping.
#ifndef CKERNELS_WAITING_H
#define CKERNELS_WAITING_H

#include <stdatomic.h>
#include <stdint.h>

// Nanoseconds of spinning, and then of yielding the processor, before the thread sleeps.
struct waiting {
  int64_t spin, yield;
};

int64_t monotonic_nanoseconds(void);

// Does nothing for well under a microsecond, which the processor knows about.
void spin_briefly(void);

// Returns once `*word` is not `old` any more.
//
// A thread that finds, when it yields, that another one had the processor for long goes to sleep at
// once: the system then moves others to that processor, or this thread to another when it wakes.
//
// - Parameter sleepers: Counts the threads that sleep here: who changes the word wakes them if it is
//   not 0 afterwards.
void wait_for_change(
    _Atomic uint32_t *word, uint32_t old, struct waiting waiting, _Atomic uint32_t *sleepers);

// Wakes up to `count` threads that sleep until `*word` changes.
void wake(_Atomic uint32_t *word, int32_t count);

#endif
