/* PNG with 16 bits a channel, sample by sample as stored, through libpng's classic API. Its errors jump,
 * but never out of these functions. */
#include "CImageCodecs.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  uint8_t *bytes;
  size_t count, position;
} memory;

static void fail(png_structp png, png_const_charp reason) {
  snprintf(png_get_error_ptr(png), CIMG_MESSAGE_BYTES, "%s", reason);
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp reason) {
  (void)png;
  (void)reason;
}

static void read_memory(png_structp png, png_bytep destination, size_t length) {
  memory *source = png_get_io_ptr(png);
  if (length > source->count - source->position) png_error(png, "it ends early");
  memcpy(destination, source->bytes + source->position, length);
  source->position += length;
}

static void write_memory(png_structp png, png_bytep bytes, size_t length) {
  memory *destination = png_get_io_ptr(png);
  if (length > destination->count - destination->position) png_error(png, "it is too large");
  memcpy(destination->bytes + destination->position, bytes, length);
  destination->position += length;
}

static void flush_memory(png_structp png) { (void)png; }

static int is_little_endian(void) {
  const uint16_t one = 1;
  return *(const uint8_t *)&one;
}

/* The layouts of PNG are numbered by their channels. */
static size_t row_samples_of(const cimg_header *header) {
  return (size_t)header->width * (size_t)header->layout;
}

int32_t cimg_png16_decode(const uint8_t *bytes, size_t count, const cimg_header *header,
                          uint16_t *samples, char *message) {
  memory source = {(uint8_t *)bytes, count, 0};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, message, fail, ignore);
  png_infop information = png ? png_create_info_struct(png) : NULL;
  if (!information) {
    png_destroy_read_struct(&png, NULL, NULL);
    snprintf(message, CIMG_MESSAGE_BYTES, "no memory");
    return CIMG_FAILED;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &information, NULL);
    return CIMG_DAMAGED;
  }
  png_set_read_fn(png, &source, read_memory);
  png_read_info(png, information);
  if (png_get_bit_depth(png, information) != 16) png_error(png, "it has no 16 bits a channel");
  int passes = png_set_interlace_handling(png);
  if (png_get_valid(png, information, PNG_INFO_tRNS)) png_set_tRNS_to_alpha(png);
  if (is_little_endian()) png_set_swap(png);
  png_read_update_info(png, information);
  size_t row_samples = row_samples_of(header);
  if (png_get_image_width(png, information) != (png_uint_32)header->width ||
      png_get_image_height(png, information) != (png_uint_32)header->height ||
      png_get_rowbytes(png, information) != 2 * row_samples)
    png_error(png, "the header belongs to another file");
  /* Each pass of an interlaced file adds pixels to the rows. */
  for (int pass = 0; pass < passes; pass++)
    for (size_t row = 0; row < (size_t)header->height; row++)
      png_read_row(png, (png_bytep)(samples + row * row_samples), NULL);
  png_read_end(png, NULL);
  png_destroy_read_struct(&png, &information, NULL);
  return CIMG_OK;
}

size_t cimg_png16_encoded_bound(const cimg_header *header) {
  size_t data = (2 * row_samples_of(header) + 1) * (size_t)header->height;
  return data + data / 64 + 4096;
}

int32_t cimg_png16_encode(const uint16_t *samples, const cimg_header *header, uint8_t *bytes,
                          size_t *count, char *message) {
  static const int colour_types[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                                     PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  memory destination = {bytes, *count, 0};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, message, fail, ignore);
  png_infop information = png ? png_create_info_struct(png) : NULL;
  if (!information) {
    png_destroy_write_struct(&png, NULL);
    snprintf(message, CIMG_MESSAGE_BYTES, "no memory");
    return CIMG_FAILED;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &information);
    return CIMG_FAILED;
  }
  png_set_write_fn(png, &destination, write_memory, flush_memory);
  png_set_IHDR(png, information, (png_uint_32)header->width, (png_uint_32)header->height, 16,
               colour_types[header->layout], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, information);
  if (is_little_endian()) png_set_swap(png);
  size_t row_samples = row_samples_of(header);
  for (size_t row = 0; row < (size_t)header->height; row++)
    png_write_row(png, (png_const_bytep)(samples + row * row_samples));
  png_write_end(png, information);
  png_destroy_write_struct(&png, &information);
  *count = destination.position;
  return CIMG_OK;
}
