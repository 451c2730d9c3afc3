// The C bridges include <cblas.h> themselves; this target only carries the library's pkg-config flags.
