/* JPEG through the TurboJPEG API, which keeps libjpeg's longjmp to itself. */
#include "CImageCodecs.h"

#include <stdio.h>
#include <turbojpeg.h>

/* Copies the library's message, then closes the handle. */
static int32_t fail(tjhandle handle, int32_t status, char *message) {
  snprintf(message, CIMG_MESSAGE_BYTES, "%s", handle ? tjGetErrorStr2(handle) : "no memory");
  if (handle) tjDestroy(handle);
  return status;
}

int32_t cimg_jpeg_header(const uint8_t *bytes, size_t count, cimg_header *header, char *message) {
  tjhandle handle = tjInitDecompress();
  if (!handle) return fail(handle, CIMG_FAILED, message);
  int width, height, subsampling = -1, colour_space = -1;
  if (tjDecompressHeader3(handle, bytes, count, &width, &height, &subsampling, &colour_space) != 0)
    return fail(handle, CIMG_DAMAGED, message);
  tjDestroy(handle);
  if (subsampling < 0 || colour_space < 0) {
    snprintf(message, CIMG_MESSAGE_BYTES, "its colour space or chroma subsampling is unusual");
    return CIMG_UNSUPPORTED;
  }
  int32_t layout = colour_space == TJCS_GRAY                                 ? CIMG_GREY
                   : colour_space == TJCS_CMYK || colour_space == TJCS_YCCK ? CIMG_INVERTED_CMYK
                                                                            : CIMG_RGB;
  *header = (cimg_header){width, height, layout};
  return CIMG_OK;
}

static int pixel_format(int32_t layout) {
  switch (layout) {
    case CIMG_GREY: return TJPF_GRAY;
    case CIMG_INVERTED_CMYK: return TJPF_CMYK;
    default: return TJPF_RGB;
  }
}

int32_t cimg_jpeg_decode(const uint8_t *bytes, size_t count, const cimg_header *header,
                         uint8_t *pixels, char *message) {
  tjhandle handle = tjInitDecompress();
  if (!handle) return fail(handle, CIMG_FAILED, message);
  /* A file that ends early is only worth a warning to the library, which then invents the rest. A
   * progressive file of very many scans is a decompression bomb. */
  int flags = TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;
  if (tjDecompress2(handle, bytes, count, pixels, header->width, 0, header->height,
                    pixel_format(header->layout), flags) != 0)
    return fail(handle, CIMG_DAMAGED, message);
  tjDestroy(handle);
  return CIMG_OK;
}

size_t cimg_jpeg_encoded_bound(const cimg_header *header) {
  unsigned long bound = tjBufSize(header->width, header->height, TJSAMP_444);
  return bound == (unsigned long)-1 ? 0 : bound;
}

int32_t cimg_jpeg_encode(const uint8_t *pixels, const cimg_header *header, int32_t quality,
                         int32_t full_chroma, uint8_t *bytes, size_t *count, char *message) {
  tjhandle handle = tjInitCompress();
  if (!handle) return fail(handle, CIMG_FAILED, message);
  int subsampling = header->layout == CIMG_GREY ? TJSAMP_GRAY
                    : full_chroma               ? TJSAMP_444
                                                : TJSAMP_420;
  unsigned long used = *count;
  if (tjCompress2(handle, pixels, header->width, 0, header->height, pixel_format(header->layout),
                  &bytes, &used, subsampling, quality, TJFLAG_NOREALLOC | TJFLAG_ACCURATEDCT) != 0)
    return fail(handle, CIMG_FAILED, message);
  tjDestroy(handle);
  *count = used;
  return CIMG_OK;
}
