// The C bridges include <lcms2.h> themselves; this target only carries the library's pkg-config flags.
