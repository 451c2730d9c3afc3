// The C bridges include <jpeglib.h> themselves; this target only carries the library's pkg-config flags.
