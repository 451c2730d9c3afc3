// The C bridges include <mpi.h> themselves; this target only carries the library's pkg-config flags.
