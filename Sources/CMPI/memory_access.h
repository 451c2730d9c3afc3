/// Whether processes may read each other's memory.
#ifndef CMPI_MEMORY_ACCESS_H
#define CMPI_MEMORY_ACCESS_H

#include <stdbool.h>

/// Whether one process of this user may read another's memory that did not start it, which many containers
/// forbid. Tries it with two children.
bool cmpi_can_read_other_process(void);

#endif
