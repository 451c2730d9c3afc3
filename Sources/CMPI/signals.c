#include "cmpi_signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/resource.h>
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

// SIGUSR1 may come again: launchers repeat it, because mpirun loses it while it starts ranks. The system
// repeats SIGXCPU every second, and a closed terminal is told of by several processes.
static bool comes_again(int signal_number) {
  return signal_number == SIGUSR1 || signal_number == SIGXCPU || signal_number == SIGHUP;
}

static void handle(int signal_number) {
  int saved = errno;
  long long first = 0;
  long long now = now_milliseconds();
  if (atomic_compare_exchange_strong(&first_milliseconds, &first, now)) {
    atomic_store(&pending_signal, signal_number);
  } else if (!comes_again(signal_number) && now - first > atomic_load(&grace)) {
    _exit(128 + signal_number);
  }
  errno = saved;
}

int32_t cmpi_signals_install(int32_t signal_number, int32_t grace_milliseconds) {
  struct sigaction action = {0};
  atomic_store(&grace, grace_milliseconds);
  // nohup: the process is to outlive its terminal.
  struct sigaction before;
  if (sigaction(signal_number, NULL, &before) != 0) return errno;
  if (signal_number == SIGHUP && before.sa_handler == SIG_IGN) return 0;
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

void cmpi_signals_warn_before_time_is_up(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_CPU, &limit) != 0 || limit.rlim_max == RLIM_INFINITY) return;
  rlim_t margin = limit.rlim_max / 4 < 60 ? limit.rlim_max / 4 : 60;
  if (limit.rlim_cur <= limit.rlim_max - margin) return;
  limit.rlim_cur = limit.rlim_max - margin;
  (void)setrlimit(RLIMIT_CPU, &limit);
}

void cmpi_signals_fill_standard_streams(void) {
  for (int stream = 0; stream <= 2; stream++) {
    // The lowest number that is free is taken, and those below are not.
    if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0) return;
  }
}

int32_t cmpi_signals_pending(void) { return atomic_load(&pending_signal); }

void cmpi_signals_reset(void) {
  atomic_store(&pending_signal, 0);
  atomic_store(&first_milliseconds, 0);
}
