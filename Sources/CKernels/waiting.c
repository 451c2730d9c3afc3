#include "waiting.h"

#include <linux/futex.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Nanoseconds; a processor that nobody else wants comes back sooner.
static const int64_t long_yield = 50000;

int64_t monotonic_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void spin_briefly(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static bool changes_soon(_Atomic uint32_t *word, uint32_t old) {
  for (int i = 0; i < 16; i++) {
    if (atomic_load_explicit(word, memory_order_acquire) != old) return true;
    spin_briefly();
  }
  return false;
}

void wait_for_change(
    _Atomic uint32_t *word, uint32_t old, struct waiting waiting, _Atomic uint32_t *sleepers) {
  int64_t start = monotonic_nanoseconds(), now = start;
  do {
    if (changes_soon(word, old)) return;
    now = monotonic_nanoseconds();
  } while (now - start < waiting.spin);
  while (now - start < waiting.spin + waiting.yield) {
    sched_yield();
    if (changes_soon(word, old)) return;
    int64_t before = now;
    now = monotonic_nanoseconds();
    if (now - before > long_yield) break;
  }
  atomic_fetch_add(sleepers, 1);
  while (atomic_load(word) == old) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, old, NULL, NULL, 0);
  }
  atomic_fetch_sub(sleepers, 1);
}

void wake(_Atomic uint32_t *word, int32_t count) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}
