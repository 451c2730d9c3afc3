/* WebP through libwebp's simple API. */
#include "CImageCodecs.h"

#include <stdio.h>
#include <webp/decode.h>

static int32_t refuse(VP8StatusCode code, char *message) {
  static const char *const reasons[] = {"",
                                        "no memory",
                                        "an argument that is not valid",
                                        "it contradicts itself",
                                        "a feature that the library does not know",
                                        "it was suspended",
                                        "it was stopped",
                                        "it ends early"};
  snprintf(message, CIMG_MESSAGE_BYTES, "%s",
           (unsigned)code < sizeof reasons / sizeof *reasons ? reasons[code] : "unknown");
  switch (code) {
    case VP8_STATUS_OUT_OF_MEMORY: return CIMG_FAILED;
    case VP8_STATUS_UNSUPPORTED_FEATURE: return CIMG_UNSUPPORTED;
    default: return CIMG_DAMAGED;
  }
}

int32_t cimg_webp_header(const uint8_t *bytes, size_t count, cimg_header *header, char *message) {
  WebPBitstreamFeatures features;
  VP8StatusCode code = WebPGetFeatures(bytes, count, &features);
  if (code != VP8_STATUS_OK) return refuse(code, message);
  if (features.has_animation) {
    snprintf(message, CIMG_MESSAGE_BYTES, "it is animated");
    return CIMG_UNSUPPORTED;
  }
  *header = (cimg_header){features.width, features.height, features.has_alpha ? CIMG_RGBA : CIMG_RGB};
  return CIMG_OK;
}

int32_t cimg_webp_decode(const uint8_t *bytes, size_t count, const cimg_header *header,
                         uint8_t *pixels, char *message) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) return refuse(VP8_STATUS_INVALID_PARAM, message);
  size_t channels = (size_t)header->layout;
  config.output.colorspace = header->layout == CIMG_RGBA ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = pixels;
  config.output.u.RGBA.stride = (int)((size_t)header->width * channels);
  config.output.u.RGBA.size = (size_t)header->width * (size_t)header->height * channels;
  VP8StatusCode code = WebPDecode(bytes, count, &config);
  WebPFreeDecBuffer(&config.output);
  return code == VP8_STATUS_OK ? CIMG_OK : refuse(code, message);
}
