/// Stop signals: the only part of the program that runs inside a signal handler.
#ifndef CMPI_SIGNALS_H
#define CMPI_SIGNALS_H

#include <stdint.h>

/// Makes a signal set a flag; one that follows later ends the process with 128 + its number.
///
/// A signal within `grace_milliseconds` of the first one counts as the same request: schedulers
/// deliver one request by several roads. SIGUSR1, SIGXCPU and SIGHUP never end the process, however often
/// they come. SIGHUP stays ignored where it was, as nohup wants it.
///
/// @return 0, or the value of errno.
__attribute__((warn_unused_result)) int32_t
cmpi_signals_install(int32_t signal_number, int32_t grace_milliseconds);

/// Makes SIGXCPU come a minute of computing before the hard limit of `ulimit -t` kills the process, or a
/// quarter of the limit before, where that is less.
void cmpi_signals_warn_before_time_is_up(void);

/// Opens /dev/null as each of standard input, output and error that is closed: the next file that is opened
/// would take its place, and get what is meant for it.
void cmpi_signals_fill_standard_streams(void);

/// The first signal that arrived, or 0.
int32_t cmpi_signals_pending(void);

/// Forgets what arrived.
void cmpi_signals_reset(void);

#endif
