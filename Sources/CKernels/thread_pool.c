#include "thread_pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "waiting.h"

// How long threads wait in which way; measured on 64-px networks, see docs/launching.md.
static const struct waiting between_regions = {.spin = 20000, .yield = 2000000};
static const struct waiting at_the_end = {.spin = 20000, .yield = 200000};
static const struct waiting not_at_all = {.spin = 0, .yield = 0};
// Nanoseconds that a thread which is awake is given to begin its part.
static const int64_t begin_time = 5000;
// Regions after which a thread is judged, and the share of its parts, in percent, that others took
// over by which it is found to get no processor.
static const uint32_t judged_regions = 128, missed_percent = 75;
// Nanoseconds for which such a thread does not spin.
static const int64_t shortest_pause = 20000000, longest_pause = 400000000;

// A part of a region, and the thread that it is meant for.
struct part {
  // 2 * number of the region: nobody has begun it; plus 1: somebody has.
  _Alignas(64) _Atomic uint64_t state;
  // Parts of this thread that others have run since it was judged.
  _Atomic uint32_t missed;
  // Whether the thread sleeps at once instead of spinning.
  _Atomic bool isPassive;
  // The following belong to who holds the lock.
  uint32_t regions;
  int64_t pause, passiveUntil;
};

static struct {
  // Held while a region runs.
  pthread_mutex_t lock;
  int32_t threads;
  // The region; threads read it after they have claimed a part, which keeps it alive.
  _Alignas(64) void (*function)(void *);
  void *data;
  _Atomic uint64_t number;
  _Atomic int32_t count;
  // The lower bits of `number`, written last.
  _Atomic uint32_t generation;
  // Threads that sleep until the generation changes.
  _Alignas(64) _Atomic uint32_t sleepers;
  // Parts that are not done.
  _Alignas(64) _Atomic uint32_t remaining;
  _Atomic uint32_t callerSleeps;
  // The barrier: threads that have come, and how often all have.
  _Alignas(64) _Atomic uint32_t arrived;
  _Atomic uint32_t passed;
  _Atomic uint32_t barrierSleepers;
  struct part parts[pool_thread_limit];
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local struct pool_place place = {0, 1, false};

struct pool_place pool_current_place(void) { return place; }

uint64_t pool_region_count(void) { return atomic_load(&pool.number); }

static void run_as(int32_t number, int32_t count, bool isInside) {
  struct pool_place outer = place;
  place = (struct pool_place){number, count, isInside};
  pool.function(pool.data);
  place = outer;
}

/// Runs a part of a region, where nobody else does; returns whether it did.
static bool run_part(int32_t index, uint64_t number) {
  uint64_t expected = 2 * number;
  struct part *part = &pool.parts[index];
  if (atomic_load_explicit(&part->state, memory_order_relaxed) != expected) return false;
  if (!atomic_compare_exchange_strong(&part->state, &expected, expected + 1)) return false;
  run_as(index, atomic_load_explicit(&pool.count, memory_order_relaxed), true);
  if (atomic_fetch_sub(&pool.remaining, 1) == 1 && atomic_load(&pool.callerSleeps)) {
    wake(&pool.remaining, 1);
  }
  return true;
}

static bool run_part_of_another(int32_t index, uint64_t number) {
  bool hasRun = run_part(index, number);
  if (hasRun) atomic_fetch_add_explicit(&pool.parts[index].missed, 1, memory_order_relaxed);
  return hasRun;
}

static void *work(void *argument) {
  const int32_t own = (int32_t)(intptr_t)argument;
  uint32_t seen = 0;
  for (;;) {
    bool isPassive = atomic_load_explicit(&pool.parts[own].isPassive, memory_order_relaxed);
    wait_for_change(
        &pool.generation, seen, isPassive ? not_at_all : between_regions, &pool.sleepers);
    seen = atomic_load(&pool.generation);
    // Where the region is over by now, or the next one about to begin, no part can be claimed.
    uint64_t number = atomic_load_explicit(&pool.number, memory_order_acquire);
    int32_t count = atomic_load_explicit(&pool.count, memory_order_relaxed);
    if (own < count) run_part(own, number);
    for (int32_t step = 1; step < count; step++) {
      int32_t other = (own + step) % count;
      if (other != 0 && other != own) run_part_of_another(other, number);
    }
  }
  return NULL;
}

/// Starts the threads that are missing. They leave signals to the others.
static void start_threads(int32_t count) {
  if (pool.threads >= count - 1) return;
  sigset_t all, before;
  sigfillset(&all);
  const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&all, faults[i]);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (pool.threads < count - 1) {
    pthread_t thread;
    int error = pthread_create(&thread, NULL, work, (void *)(intptr_t)(pool.threads + 1));
    if (error != 0) {
      fprintf(
          stderr,
          "inpaint: the system gives no thread %d of %d (%s); raise ulimit -u, or set "
          "training.threads or OMP_NUM_THREADS to a smaller number\n",
          pool.threads + 2, count, strerror(error));
      _exit(70);
    }
    pthread_detach(thread);
    pool.threads++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/// Decides whether a thread spins between regions.
static void judge(struct part *part) {
  if (atomic_load_explicit(&part->isPassive, memory_order_relaxed)) {
    if (monotonic_nanoseconds() < part->passiveUntil) return;
    atomic_store(&part->isPassive, false);
  } else {
    if (++part->regions < judged_regions) return;
    uint32_t missed = atomic_load_explicit(&part->missed, memory_order_relaxed);
    if (missed * 100 > part->regions * missed_percent) {
      int64_t doubled = 2 * part->pause < longest_pause ? 2 * part->pause : longest_pause;
      part->pause = part->pause == 0 ? shortest_pause : doubled;
      part->passiveUntil = monotonic_nanoseconds() + part->pause;
      atomic_store(&part->isPassive, true);
    } else {
      part->pause = 0;
    }
  }
  part->regions = 0;
  atomic_store_explicit(&part->missed, 0, memory_order_relaxed);
}

static void publish(void (*function)(void *), void *data, int32_t count) {
  uint64_t number = atomic_load_explicit(&pool.number, memory_order_relaxed) + 1;
  pool.function = function;
  pool.data = data;
  atomic_store_explicit(&pool.count, count, memory_order_relaxed);
  atomic_store_explicit(&pool.remaining, (uint32_t)count - 1, memory_order_relaxed);
  atomic_store_explicit(&pool.number, number, memory_order_release);
  for (int32_t i = 1; i < count; i++) {
    atomic_store_explicit(&pool.parts[i].state, 2 * number, memory_order_release);
  }
  atomic_store(&pool.generation, (uint32_t)number);
  if (atomic_load(&pool.sleepers) > 0) wake(&pool.generation, count - 1);
}

/// Takes over what nobody has begun, and waits for the rest.
static void finish(int32_t count) {
  uint64_t number = atomic_load_explicit(&pool.number, memory_order_relaxed);
  // Threads that are awake are about to begin, and have what they work on in their own caches.
  if (atomic_load_explicit(&pool.sleepers, memory_order_relaxed) == 0) {
    int64_t end = monotonic_nanoseconds() + begin_time;
    for (int32_t i = 1; i < count; i++) {
      while (atomic_load_explicit(&pool.parts[i].state, memory_order_relaxed) == 2 * number
             && monotonic_nanoseconds() < end) {
        spin_briefly();
      }
    }
  }
  for (int32_t i = 1; i < count; i++) run_part_of_another(i, number);
  for (int32_t i = 1; i < count; i++) judge(&pool.parts[i]);
  uint32_t remaining;
  while ((remaining = atomic_load_explicit(&pool.remaining, memory_order_acquire)) != 0) {
    wait_for_change(&pool.remaining, remaining, at_the_end, &pool.callerSleeps);
  }
}

void pool_run(void (*function)(void *), void *data, int32_t count) {
  if (count <= 1 || place.isInside) {
    struct pool_place outer = place;
    place = (struct pool_place){0, 1, outer.isInside};
    function(data);
    place = outer;
    return;
  }
  pthread_mutex_lock(&pool.lock);
  start_threads(count);
  publish(function, data, count);
  run_as(0, count, true);
  finish(count);
  pthread_mutex_unlock(&pool.lock);
}

void pool_barrier(void) {
  if (place.count == 1) return;
  uint32_t passed = atomic_load(&pool.passed);
  if (atomic_fetch_add(&pool.arrived, 1) + 1 == (uint32_t)place.count) {
    atomic_store(&pool.arrived, 0);
    atomic_fetch_add(&pool.passed, 1);
    if (atomic_load(&pool.barrierSleepers) > 0) wake(&pool.passed, pool_thread_limit);
  } else {
    wait_for_change(&pool.passed, passed, at_the_end, &pool.barrierSleepers);
  }
}
