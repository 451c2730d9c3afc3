/* PNG through libpng's simplified API, which keeps its longjmp to itself. */
#include "CImageCodecs.h"

#include <png.h>
#include <stdio.h>
#include <string.h>

static int32_t refuse(int32_t status, const char *reason, char *message) {
  snprintf(message, CIMG_MESSAGE_BYTES, "%s", reason);
  return status;
}

/* Starts reading; on failure nothing is left to free. */
static int32_t begin(png_image *image, const uint8_t *bytes, size_t count, char *message) {
  memset(image, 0, sizeof *image);
  image->version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(image, bytes, count)) {
    png_image_free(image);
    return refuse(CIMG_DAMAGED, image->message, message);
  }
  return CIMG_OK;
}

static int32_t layout_of(png_uint_32 format) {
  if (format & PNG_FORMAT_FLAG_COLOR)
    return format & PNG_FORMAT_FLAG_ALPHA ? CIMG_RGBA : CIMG_RGB;
  return format & PNG_FORMAT_FLAG_ALPHA ? CIMG_GREY_ALPHA : CIMG_GREY;
}

static png_uint_32 format_of(int32_t layout) {
  switch (layout) {
    case CIMG_GREY: return PNG_FORMAT_GRAY;
    case CIMG_GREY_ALPHA: return PNG_FORMAT_GA;
    case CIMG_RGB: return PNG_FORMAT_RGB;
    default: return PNG_FORMAT_RGBA;
  }
}

int32_t cimg_png_header(const uint8_t *bytes, size_t count, cimg_header *header, char *message) {
  png_image image;
  int32_t status = begin(&image, bytes, count, message);
  if (status != CIMG_OK) return status;
  png_uint_32 width = image.width, height = image.height;
  int32_t layout = layout_of(image.format);
  png_image_free(&image);
  if (width > INT32_MAX || height > INT32_MAX)
    return refuse(CIMG_DAMAGED, "impossible size", message);
  *header = (cimg_header){(int32_t)width, (int32_t)height, layout};
  return CIMG_OK;
}

int32_t cimg_png_decode(const uint8_t *bytes, size_t count, const cimg_header *header,
                        uint8_t *pixels, char *message) {
  png_image image;
  int32_t status = begin(&image, bytes, count, message);
  if (status != CIMG_OK) return status;
  if (image.width != (png_uint_32)header->width || image.height != (png_uint_32)header->height ||
      layout_of(image.format) != header->layout) {
    png_image_free(&image);
    return refuse(CIMG_FAILED, "the header belongs to another file", message);
  }
  /* Positions in the header, which always comes first. The simplified API of many versions reduces
   * such files to wrong pixels (pnggroup/libpng issue 853) or writes past the end of a row (755). */
  const size_t depth_at = 24, interlacing_at = 28;
  if (count > interlacing_at && bytes[depth_at] == 16 && bytes[interlacing_at] != 0) {
    png_image_free(&image);
    return refuse(CIMG_UNSUPPORTED, "it is interlaced and has 16 bits a channel", message);
  }
  image.format = format_of(header->layout);
  /* Without this flag, 16-bit samples would be taken as linear light and gamma-encoded. */
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  int ok = png_image_finish_read(&image, NULL, pixels, 0, NULL);
  if (!ok) status = refuse(CIMG_DAMAGED, image.message, message);
  png_image_free(&image);
  return status;
}

static png_image output_image(const cimg_header *header) {
  png_image image;
  memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  image.width = (png_uint_32)header->width;
  image.height = (png_uint_32)header->height;
  image.format = format_of(header->layout);
  return image;
}

size_t cimg_png_encoded_bound(const cimg_header *header) {
  png_image image = output_image(header);
  /* libpng's PNG_IMAGE_PNG_SIZE_MAX, but for its product in 32 bits. */
  size_t data = ((size_t)header->width * PNG_IMAGE_PIXEL_CHANNELS(image.format) + 1) *
                (size_t)header->height;
  return PNG_IMAGE_PNG_SIZE_MAX_(image, PNG_ZLIB_MAX_SIZE(data));
}

int32_t cimg_png_encode(const uint8_t *pixels, const cimg_header *header, uint8_t *bytes,
                        size_t *count, char *message) {
  png_image image = output_image(header);
  png_alloc_size_t used = *count;
  int ok = png_image_write_to_memory(&image, bytes, &used, 0, pixels, 0, NULL);
  int32_t status = ok ? CIMG_OK : refuse(CIMG_FAILED, image.message, message);
  png_image_free(&image);
  *count = used;
  return status;
}
