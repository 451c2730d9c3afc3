/* JPEG. Reading goes through libjpeg's classic API, whose warnings have numbers: most say that a file
 * breaks a rule, few that pixels are lost. Its errors jump, but never out of these functions. Writing
 * goes through the TurboJPEG API. */
#include "CImageCodecs.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>
#include <turbojpeg.h>

/* A progressive file of very many scans is a decompression bomb. */
enum { SCAN_LIMIT = 500 };

typedef struct {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  int32_t status;
  /* Whether the library has asked for bytes beyond the end. */
  int ended;
  char *message;
} reader;

static int32_t status_of_error(int code) {
  switch (code) {
    case JERR_OUT_OF_MEMORY: return CIMG_FAILED;
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED: return CIMG_UNSUPPORTED;
    default: return CIMG_DAMAGED;
  }
}

static void leave(j_common_ptr common, int32_t status) {
  reader *self = common->client_data;
  char text[JMSG_LENGTH_MAX];
  common->err->format_message(common, text);
  snprintf(self->message, CIMG_MESSAGE_BYTES, "%s", text);
  self->status = status;
  longjmp(self->escape, 1);
}

static void leave_on_error(j_common_ptr common) { leave(common, status_of_error(common->err->msg_code)); }

/* Warnings have the level -1. */
static void leave_where_pixels_are_lost(j_common_ptr common, int level) {
  if (level >= 0) return;
  common->err->num_warnings++;
  switch (common->err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_BOGUS_PROGRESSION: leave(common, CIMG_DAMAGED); break;
    case JWRN_JPEG_EOF: ((reader *)common->client_data)->ended = 1; break;
    default: break;
  }
}

static void print_nothing(j_common_ptr common) { (void)common; }

static void limit_scans(j_common_ptr common) {
  if (!common->is_decompressor) return;
  reader *self = common->client_data;
  if (self->jpeg.input_scan_number <= SCAN_LIMIT) return;
  snprintf(self->message, CIMG_MESSAGE_BYTES, "it has more than %d scans", (int)SCAN_LIMIT);
  self->status = CIMG_DAMAGED;
  longjmp(self->escape, 1);
}

/* Prepares the error handling; the caller sets the place to escape to before it calls the library. */
static void prepare(reader *self, char *message) {
  memset(self, 0, sizeof *self);
  self->message = message;
  self->jpeg.err = jpeg_std_error(&self->errors);
  self->jpeg.client_data = self;
  self->errors.error_exit = leave_on_error;
  self->errors.emit_message = leave_where_pixels_are_lost;
  self->errors.output_message = print_nothing;
  self->progress.progress_monitor = limit_scans;
}

/* Reads up to the first scan; the layout is 0 where there is none for its colour space. */
static cimg_header read_header(reader *self, const uint8_t *bytes, size_t count) {
  jpeg_create_decompress(&self->jpeg);
  self->jpeg.progress = &self->progress;
  jpeg_mem_src(&self->jpeg, bytes, count);
  jpeg_read_header(&self->jpeg, TRUE);
  int32_t layout = 0;
  switch (self->jpeg.jpeg_color_space) {
    case JCS_GRAYSCALE: layout = CIMG_GREY; break;
    case JCS_RGB:
    case JCS_YCbCr: layout = CIMG_RGB; break;
    case JCS_CMYK:
    case JCS_YCCK: layout = CIMG_INVERTED_CMYK; break;
    default: break;
  }
  return (cimg_header){(int32_t)self->jpeg.image_width, (int32_t)self->jpeg.image_height, layout};
}

int32_t cimg_jpeg_header(const uint8_t *bytes, size_t count, cimg_header *header, char *message) {
  reader self;
  prepare(&self, message);
  if (setjmp(self.escape)) {
    jpeg_destroy_decompress(&self.jpeg);
    return self.status;
  }
  *header = read_header(&self, bytes, count);
  jpeg_destroy_decompress(&self.jpeg);
  if (header->layout == 0) {
    snprintf(message, CIMG_MESSAGE_BYTES, "its colour space is unusual");
    return CIMG_UNSUPPORTED;
  }
  return CIMG_OK;
}

static J_COLOR_SPACE colour_space_of(int32_t layout) {
  switch (layout) {
    case CIMG_GREY: return JCS_GRAYSCALE;
    case CIMG_INVERTED_CMYK: return JCS_CMYK;
    default: return JCS_RGB;
  }
}

/* Whether a file that ends without its last marker has lost pixels, besides those that the library
 * has found missing itself: scans that have not come. */
static int lacks_scans(reader *self) {
  if (!self->ended || !jpeg_has_multiple_scans(&self->jpeg)) return 0;
  if (!self->jpeg.progressive_mode || !self->jpeg.coef_bits) return 1;
  for (int component = 0; component < self->jpeg.num_components; component++)
    for (int coefficient = 0; coefficient < DCTSIZE2; coefficient++)
      if (self->jpeg.coef_bits[component][coefficient] != 0) return 1;
  return 0;
}

int32_t cimg_jpeg_decode(const uint8_t *bytes, size_t count, const cimg_header *header,
                         uint8_t *pixels, char *message) {
  reader self;
  prepare(&self, message);
  if (setjmp(self.escape)) {
    jpeg_destroy_decompress(&self.jpeg);
    return self.status;
  }
  cimg_header found = read_header(&self, bytes, count);
  if (found.width != header->width || found.height != header->height ||
      found.layout != header->layout) {
    jpeg_destroy_decompress(&self.jpeg);
    snprintf(message, CIMG_MESSAGE_BYTES, "the header belongs to another file");
    return CIMG_FAILED;
  }
  self.jpeg.out_color_space = colour_space_of(header->layout);
  self.jpeg.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&self.jpeg);
  size_t row_bytes = (size_t)header->width * (size_t)self.jpeg.output_components;
  while (self.jpeg.output_scanline < self.jpeg.output_height) {
    JSAMPROW rows[16];
    size_t first = self.jpeg.output_scanline;
    size_t left = self.jpeg.output_height - first;
    size_t wanted = left < 16 ? left : 16;
    for (size_t row = 0; row < wanted; row++) rows[row] = pixels + (first + row) * row_bytes;
    jpeg_read_scanlines(&self.jpeg, rows, (JDIMENSION)wanted);
  }
  int incomplete = lacks_scans(&self);
  jpeg_destroy_decompress(&self.jpeg);
  if (incomplete) {
    snprintf(message, CIMG_MESSAGE_BYTES, "it ends early");
    return CIMG_DAMAGED;
  }
  return CIMG_OK;
}

size_t cimg_jpeg_encoded_bound(const cimg_header *header) {
  unsigned long bound = tjBufSize(header->width, header->height, TJSAMP_444);
  return bound == (unsigned long)-1 ? 0 : bound;
}

int32_t cimg_jpeg_encode(const uint8_t *pixels, const cimg_header *header, int32_t quality,
                         int32_t full_chroma, uint8_t *bytes, size_t *count, char *message) {
  tjhandle handle = tjInitCompress();
  if (!handle) {
    snprintf(message, CIMG_MESSAGE_BYTES, "no memory");
    return CIMG_FAILED;
  }
  int is_grey = header->layout == CIMG_GREY;
  int subsampling = is_grey ? TJSAMP_GRAY : full_chroma ? TJSAMP_444 : TJSAMP_420;
  unsigned long used = *count;
  int failed = tjCompress2(handle, pixels, header->width, 0, header->height,
                           is_grey ? TJPF_GRAY : TJPF_RGB, &bytes, &used, subsampling, quality,
                           TJFLAG_NOREALLOC | TJFLAG_ACCURATEDCT);
  if (failed) snprintf(message, CIMG_MESSAGE_BYTES, "%s", tjGetErrorStr2(handle));
  tjDestroy(handle);
  if (failed) return CIMG_FAILED;
  *count = used;
  return CIMG_OK;
}
