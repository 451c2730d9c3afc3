// The C bridges include <tiffio.h> themselves; this target only carries the library's pkg-config flags.
