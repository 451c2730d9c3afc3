#include "cmpi_signals.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

_Static_assert(ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_LLONG_LOCK_FREE == 2,
               "a signal handler may only touch lock-free atomics");

static atomic_int pending_signal;
static atomic_llong first_milliseconds;
static atomic_int grace;

static long long now_milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// SIGUSR1 may come again: launchers repeat it, because mpirun loses it while it starts ranks.
static void handle(int signal_number) {
  int saved = errno;
  long long first = 0;
  long long now = now_milliseconds();
  if (atomic_compare_exchange_strong(&first_milliseconds, &first, now)) {
    atomic_store(&pending_signal, signal_number);
  } else if (signal_number != SIGUSR1 && now - first > atomic_load(&grace)) {
    _exit(128 + signal_number);
  }
  errno = saved;
}

int32_t cmpi_signals_install(int32_t signal_number, int32_t grace_milliseconds) {
  struct sigaction action = {0};
  atomic_store(&grace, grace_milliseconds);
  action.sa_handler = handle;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  if (sigaction(signal_number, &action, NULL) != 0) return errno;
  // A launcher may have left the signal blocked, and children inherit that.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal_number);
  return pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

int32_t cmpi_signals_pending(void) { return atomic_load(&pending_signal); }

void cmpi_signals_reset(void) {
  atomic_store(&pending_signal, 0);
  atomic_store(&first_milliseconds, 0);
}
