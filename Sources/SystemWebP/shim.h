// The C bridges include <webp/decode.h> themselves; this target only carries the library's pkg-config flags.
