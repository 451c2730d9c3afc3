// The C bridges include <turbojpeg.h> themselves; this target only carries the library's pkg-config flags.
