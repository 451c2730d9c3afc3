/* The first picture of a TIFF, through libtiff. Samples of grey and RGB pictures are taken as stored;
 * other kinds (palettes, YCbCr, CMYK, few bits) go through the library's conversion to RGBA. */
#include "CImageCodecs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

typedef struct {
  const uint8_t *bytes;
  size_t count, position;
} memory;

static tmsize_t read_memory(thandle_t handle, void *buffer, tmsize_t size) {
  memory *source = handle;
  size_t left = source->position < source->count ? source->count - source->position : 0;
  size_t length = (size_t)size < left ? (size_t)size : left;
  memcpy(buffer, source->bytes + source->position, length);
  source->position += length;
  return (tmsize_t)length;
}

static tmsize_t write_nothing(thandle_t handle, void *buffer, tmsize_t size) {
  (void)handle, (void)buffer, (void)size;
  return 0;
}

static toff_t seek_memory(thandle_t handle, toff_t offset, int whence) {
  memory *source = handle;
  toff_t base = whence == SEEK_CUR   ? source->position
                : whence == SEEK_END ? source->count
                                     : 0;
  source->position = base + offset;
  return source->position;
}

static int close_nothing(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t size_of_memory(thandle_t handle) { return ((memory *)handle)->count; }

static int map_memory(thandle_t handle, void **base, toff_t *size) {
  memory *source = handle;
  *base = (void *)source->bytes;
  *size = source->count;
  return 1;
}

static void unmap_nothing(thandle_t handle, void *base, toff_t size) {
  (void)handle, (void)base, (void)size;
}

/* The library prints what is wrong; here the status says it. */
static void print_nothing(const char *module, const char *format, va_list arguments) {
  (void)module, (void)format, (void)arguments;
}

__attribute__((constructor)) static void silence(void) {
  TIFFSetErrorHandler(print_nothing);
  TIFFSetWarningHandler(print_nothing);
}

static TIFF *open_memory(memory *source) {
  return TIFFClientOpen("picture", "r", source, read_memory, write_nothing, seek_memory,
                        close_nothing, size_of_memory, map_memory, unmap_nothing);
}

static int32_t refuse(TIFF *tiff, int32_t status, const char *reason, char *message) {
  snprintf(message, CIMG_MESSAGE_BYTES, "%s", reason);
  if (tiff) TIFFClose(tiff);
  return status;
}

typedef struct {
  uint32_t width, height;
  uint16_t bits, samples, photometric, planes, format, alpha;
  /* Whether there is an alpha channel, and whether colours were multiplied by it. */
  int has_alpha, is_associated;
  /* Whether samples can be taken as they are stored. */
  int is_plain;
} facts;

static int read_facts(TIFF *tiff, facts *found) {
  memset(found, 0, sizeof *found);
  uint16_t extra_count = 0, *extra = NULL;
  if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &found->width) ||
      !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &found->height) ||
      !TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &found->photometric))
    return 0;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &found->bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &found->samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &found->planes);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &found->format);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extra_count, &extra);
  int colours = found->photometric == PHOTOMETRIC_RGB ? 3 : 1;
  int is_grey_or_rgb = found->photometric == PHOTOMETRIC_RGB ||
                       found->photometric == PHOTOMETRIC_MINISBLACK ||
                       found->photometric == PHOTOMETRIC_MINISWHITE;
  /* libtiff lets a file name extra samples that its pixels do not have. */
  found->has_alpha = extra_count > 0 && extra && extra[0] != EXTRASAMPLE_UNSPECIFIED &&
                     found->samples > colours;
  found->is_associated = found->has_alpha && extra[0] == EXTRASAMPLE_ASSOCALPHA;
  found->is_plain = is_grey_or_rgb && (found->bits == 8 || found->bits == 16) &&
                    found->format == SAMPLEFORMAT_UINT && !found->is_associated &&
                    found->planes == PLANARCONFIG_CONTIG && !TIFFIsTiled(tiff) &&
                    found->samples >= colours && found->samples <= 16;
  return 1;
}

static int32_t layout_of(const facts *found) {
  if (!found->is_plain) return found->has_alpha ? CIMG_RGBA : CIMG_RGB;
  if (found->photometric == PHOTOMETRIC_RGB) return found->has_alpha ? CIMG_RGBA : CIMG_RGB;
  return found->has_alpha ? CIMG_GREY_ALPHA : CIMG_GREY;
}

static void read_resolution(TIFF *tiff, cimg_tiff_header *header) {
  float columns = 0, rows = 0;
  uint16_t unit = RESUNIT_INCH;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_RESOLUTIONUNIT, &unit);
  double metre = unit == RESUNIT_INCH ? 1 / 0.0254 : unit == RESUNIT_CENTIMETER ? 100 : 0;
  if (!TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &columns) ||
      !TIFFGetField(tiff, TIFFTAG_YRESOLUTION, &rows) || !(columns > 0) || !(rows > 0))
    return;
  header->columns_per_metre = columns * metre;
  header->rows_per_metre = rows * metre;
}

int32_t cimg_tiff_header_read(const uint8_t *bytes, size_t count, cimg_tiff_header *header,
                              char *message) {
  memory source = {bytes, count, 0};
  TIFF *tiff = open_memory(&source);
  if (!tiff) return refuse(tiff, CIMG_DAMAGED, "its directory cannot be read", message);
  facts found;
  if (!read_facts(tiff, &found))
    return refuse(tiff, CIMG_DAMAGED, "its directory lacks what a picture needs", message);
  if (found.width > INT32_MAX || found.height > INT32_MAX)
    return refuse(tiff, CIMG_DAMAGED, "impossible size", message);
  char reason[1024];
  if (!found.is_plain && !TIFFRGBAImageOK(tiff, reason))
    return refuse(tiff, CIMG_UNSUPPORTED, reason, message);
  uint16_t compression = COMPRESSION_NONE;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &compression);
  if (!TIFFIsCODECConfigured(compression))
    return refuse(tiff, CIMG_UNSUPPORTED, "its compression is not known", message);
  uint16_t orientation = 1;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &orientation);
  uint32_t profile_bytes = 0;
  void *profile = NULL;
  if (!TIFFGetField(tiff, TIFFTAG_ICCPROFILE, &profile_bytes, &profile)) profile_bytes = 0;
  memset(header, 0, sizeof *header);
  header->image = (cimg_header){(int32_t)found.width, (int32_t)found.height, layout_of(&found)};
  header->bits = found.is_plain && found.bits == 16 ? 16 : 8;
  header->orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
  header->profile_bytes = profile_bytes;
  read_resolution(tiff, header);
  TIFFClose(tiff);
  return CIMG_OK;
}

/* Takes the first channels of each pixel of a row; white-is-zero is turned round. */
static void take_row(const facts *found, int channels, const uint8_t *row, void *target) {
  int inverts = found->photometric == PHOTOMETRIC_MINISWHITE;
  for (uint32_t column = 0; column < found->width; column++) {
    for (int channel = 0; channel < channels; channel++) {
      size_t from = (size_t)column * found->samples + (size_t)channel;
      size_t to = (size_t)column * (size_t)channels + (size_t)channel;
      int flip = inverts && channel == 0;
      if (found->bits == 16) {
        uint16_t value;
        memcpy(&value, row + 2 * from, 2);
        ((uint16_t *)target)[to] = flip ? (uint16_t)(65535 - value) : value;
      } else {
        ((uint8_t *)target)[to] = flip ? (uint8_t)(255 - row[from]) : row[from];
      }
    }
  }
}

static int32_t decode_plain(TIFF *tiff, const facts *found, int32_t layout, void *pixels,
                            char *message) {
  size_t needed = (size_t)found->width * found->samples * (found->bits / 8);
  tmsize_t row_bytes = TIFFScanlineSize(tiff);
  if (row_bytes <= 0 || (size_t)row_bytes < needed)
    return refuse(tiff, CIMG_DAMAGED, "its rows are shorter than its width", message);
  uint8_t *row = calloc(1, (size_t)row_bytes);
  if (!row) return refuse(tiff, CIMG_FAILED, "no memory", message);
  size_t target_bytes = (size_t)found->width * (size_t)layout * (found->bits / 8);
  for (uint32_t number = 0; number < found->height; number++) {
    if (TIFFReadScanline(tiff, row, number, 0) < 0) {
      free(row);
      return refuse(tiff, CIMG_DAMAGED, "it ends early or contradicts itself", message);
    }
    take_row(found, layout, row, (uint8_t *)pixels + number * target_bytes);
  }
  free(row);
  TIFFClose(tiff);
  return CIMG_OK;
}

/* A colour that was multiplied by alpha, as it was before. */
static uint8_t straight(uint32_t value, uint32_t alpha) {
  uint32_t result = alpha == 0 ? 0 : (value * 255 + alpha / 2) / alpha;
  return result > 255 ? 255 : (uint8_t)result;
}

static int32_t decode_converted(TIFF *tiff, const facts *found, int32_t layout, uint8_t *pixels,
                                char *message) {
  size_t count = (size_t)found->width * found->height;
  uint32_t *raster = malloc(count * 4);
  if (!raster) return refuse(tiff, CIMG_FAILED, "no memory", message);
  /* In the order in which the rows are stored, so that the caller turns all kinds alike. */
  uint16_t orientation = ORIENTATION_TOPLEFT;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &orientation);
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  if (!TIFFReadRGBAImageOriented(tiff, found->width, found->height, raster, ORIENTATION_TOPLEFT,
                                 1)) {
    free(raster);
    return refuse(tiff, CIMG_DAMAGED, "it ends early or contradicts itself", message);
  }
  for (size_t pixel = 0; pixel < count; pixel++) {
    uint32_t value = raster[pixel], alpha = TIFFGetA(value);
    uint8_t *target = pixels + pixel * (size_t)layout;
    if (layout == CIMG_RGBA) {
      target[0] = straight(TIFFGetR(value), alpha);
      target[1] = straight(TIFFGetG(value), alpha);
      target[2] = straight(TIFFGetB(value), alpha);
      target[3] = (uint8_t)alpha;
    } else {
      target[0] = (uint8_t)TIFFGetR(value);
      target[1] = (uint8_t)TIFFGetG(value);
      target[2] = (uint8_t)TIFFGetB(value);
    }
  }
  free(raster);
  TIFFClose(tiff);
  return CIMG_OK;
}

int32_t cimg_tiff_decode(const uint8_t *bytes, size_t count, const cimg_tiff_header *header,
                         void *pixels, char *message) {
  memory source = {bytes, count, 0};
  TIFF *tiff = open_memory(&source);
  if (!tiff) return refuse(tiff, CIMG_DAMAGED, "its directory cannot be read", message);
  facts found;
  if (!read_facts(tiff, &found) || found.width != (uint32_t)header->image.width ||
      found.height != (uint32_t)header->image.height || layout_of(&found) != header->image.layout ||
      (found.is_plain && found.bits == 16 ? 16 : 8) != header->bits)
    return refuse(tiff, CIMG_FAILED, "the header belongs to another file", message);
  return found.is_plain ? decode_plain(tiff, &found, header->image.layout, pixels, message)
                        : decode_converted(tiff, &found, header->image.layout, pixels, message);
}

int32_t cimg_tiff_profile(const uint8_t *bytes, size_t count, const cimg_tiff_header *header,
                          uint8_t *profile, char *message) {
  memory source = {bytes, count, 0};
  TIFF *tiff = open_memory(&source);
  if (!tiff) return refuse(tiff, CIMG_DAMAGED, "its directory cannot be read", message);
  uint32_t size = 0;
  void *found = NULL;
  if (!TIFFGetField(tiff, TIFFTAG_ICCPROFILE, &size, &found) || size != header->profile_bytes)
    return refuse(tiff, CIMG_FAILED, "the header belongs to another file", message);
  memcpy(profile, found, size);
  TIFFClose(tiff);
  return CIMG_OK;
}
