/// Stop signals: the only part of the program that runs inside a signal handler.
#ifndef CMPI_SIGNALS_H
#define CMPI_SIGNALS_H

#include <stdint.h>

/// Makes a signal set a flag; one that follows later ends the process with 128 + its number.
///
/// A signal within `grace_milliseconds` of the first one counts as the same request: schedulers
/// deliver one request by several roads.
///
/// @return 0, or the value of errno.
__attribute__((warn_unused_result)) int32_t
cmpi_signals_install(int32_t signal_number, int32_t grace_milliseconds);

/// The first signal that arrived, or 0.
int32_t cmpi_signals_pending(void);

/// Forgets what arrived.
void cmpi_signals_reset(void);

#endif
