// The C bridges include <png.h> themselves; this target only carries the library's pkg-config flags.
