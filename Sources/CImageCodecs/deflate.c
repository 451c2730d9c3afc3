/* Streams of zlib, as PNG keeps colour profiles and texts in. */
#include "CImageCodecs.h"

#include <zlib.h>

size_t cimg_deflated_bound(size_t count) { return compressBound(count); }

int32_t cimg_deflate(const uint8_t *bytes, size_t count, uint8_t *output, size_t *used) {
  uLongf length = *used;
  if (compress(output, &length, bytes, count) != Z_OK) return CIMG_FAILED;
  *used = length;
  return CIMG_OK;
}

int32_t cimg_inflate(const uint8_t *bytes, size_t count, uint8_t *output, size_t *used) {
  uLongf length = *used;
  int status = uncompress(output, &length, bytes, count);
  if (status == Z_BUF_ERROR || status == Z_MEM_ERROR) return CIMG_FAILED;
  if (status != Z_OK) return CIMG_DAMAGED;
  *used = length;
  return CIMG_OK;
}
