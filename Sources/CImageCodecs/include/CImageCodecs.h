/* PNG and JPEG from and to memory, WebP and TIFF from memory, and the inner loops of image resampling.
 *
 * Every buffer belongs to the caller. Functions that can fail return 0 on success, or else a status
 * and put the library's reason into `message`, which has CIMG_MESSAGE_BYTES. All functions may be
 * called from several threads. */
#ifndef CIMAGECODECS_H
#define CIMAGECODECS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

#define CIMG_MUST_USE __attribute__((warn_unused_result))

enum {
  CIMG_OK = 0,
  /* The bytes are damaged or end too early. */
  CIMG_DAMAGED = 1,
  /* The library does not know this variant of the format. */
  CIMG_UNSUPPORTED = 2,
  /* No memory, or an argument outside the library's range. */
  CIMG_FAILED = 3,
};

enum { CIMG_MESSAGE_BYTES = 224 };

/* What the bytes of one decoded pixel mean. */
enum {
  CIMG_GREY = 1,
  CIMG_GREY_ALPHA = 2,
  CIMG_RGB = 3,
  CIMG_RGBA = 4,
  /* Four inks as stored, 255 = no ink (the Adobe convention). */
  CIMG_INVERTED_CMYK = 5,
};

typedef struct cimg_header {
  int32_t width;
  int32_t height;
  /* One of the pixel layouts above: what a decode gives. */
  int32_t layout;
} cimg_header;

/* MARK: PNG */

/* Reads what stands before the first pixel. */
CIMG_MUST_USE int32_t cimg_png_header(const uint8_t *bytes, size_t count, cimg_header *header,
                                      char *message);

/* Decodes into width * height pixels of the header's layout, 8 bits a channel; 16-bit files are
 * rounded to the nearest of 0...255, alpha is straight. Interlaced files of 16 bits are not supported
 * here. `header` is what cimg_png_header gave. */
CIMG_MUST_USE int32_t cimg_png_decode(const uint8_t *bytes, size_t count,
                                      const cimg_header *header, uint8_t *pixels, char *message);

/* The most bytes that cimg_png_encode writes for such an image. */
size_t cimg_png_encoded_bound(const cimg_header *header);

/* Encodes GREY, RGB or RGBA pixels. `count` holds the capacity before and the bytes used after. */
CIMG_MUST_USE int32_t cimg_png_encode(const uint8_t *pixels, const cimg_header *header,
                                      uint8_t *bytes, size_t *count, char *message);

/* MARK: PNG with 16 bits a channel */

/* Decodes the samples as stored, native byte order; `header` is what cimg_png_header gave. */
CIMG_MUST_USE int32_t cimg_png16_decode(const uint8_t *bytes, size_t count,
                                        const cimg_header *header, uint16_t *samples,
                                        char *message);

/* The most bytes that cimg_png16_encode writes for such an image. */
size_t cimg_png16_encoded_bound(const cimg_header *header);

/* Encodes GREY, GREY_ALPHA, RGB or RGBA samples. `count` holds the capacity before and the bytes used
 * after. */
CIMG_MUST_USE int32_t cimg_png16_encode(const uint16_t *samples, const cimg_header *header,
                                        uint8_t *bytes, size_t *count, char *message);

/* MARK: JPEG */

/* Reads what stands before the first pixel. */
CIMG_MUST_USE int32_t cimg_jpeg_header(const uint8_t *bytes, size_t count, cimg_header *header,
                                       char *message);

/* Decodes into width * height pixels of the header's layout, with the accurate integer inverse
 * transform and smooth chroma upsampling. What breaks a rule but loses no pixel (stray bytes between
 * segments, odd values in headers, no end marker) is read; what loses pixels is damage. */
CIMG_MUST_USE int32_t cimg_jpeg_decode(const uint8_t *bytes, size_t count,
                                       const cimg_header *header, uint8_t *pixels, char *message);

/* The most bytes that cimg_jpeg_encode writes for such an image, or 0 if JPEG cannot hold it. */
size_t cimg_jpeg_encoded_bound(const cimg_header *header);

/* Encodes GREY or RGB pixels, quality 1...100; chroma at full or at half resolution. `count` holds
 * the capacity before and the bytes used after. */
CIMG_MUST_USE int32_t cimg_jpeg_encode(const uint8_t *pixels, const cimg_header *header,
                                       int32_t quality, int32_t full_chroma, uint8_t *bytes,
                                       size_t *count, char *message);

/* MARK: WebP */

/* Reads the header of a still picture. */
CIMG_MUST_USE int32_t cimg_webp_header(const uint8_t *bytes, size_t count, cimg_header *header,
                                       char *message);

/* Decodes into width * height RGB or RGBA pixels (straight alpha), as the header's layout says. */
CIMG_MUST_USE int32_t cimg_webp_decode(const uint8_t *bytes, size_t count,
                                       const cimg_header *header, uint8_t *pixels, char *message);

/* MARK: TIFF */

typedef struct cimg_tiff_header {
  /* The layouts GREY, GREY_ALPHA, RGB and RGBA occur. */
  cimg_header image;
  /* 8 or 16: the bits of a decoded sample. */
  int32_t bits;
  /* The orientation as in EXIF, 1...8. */
  int32_t orientation;
  /* Pixels a metre; 0 where the file does not tell. */
  double columns_per_metre, rows_per_metre;
  /* The colour profile's position in the file is the library's affair; its size in bytes, or 0. */
  size_t profile_bytes;
} cimg_tiff_header;

/* Reads the first directory; others are not looked at. */
CIMG_MUST_USE int32_t cimg_tiff_header_read(const uint8_t *bytes, size_t count,
                                            cimg_tiff_header *header, char *message);

/* Decodes the first picture into width * height pixels as stored, before any orientation: bytes, or
 * 16-bit samples in native byte order, as the header's bits say. Alpha is straight. */
CIMG_MUST_USE int32_t cimg_tiff_decode(const uint8_t *bytes, size_t count,
                                       const cimg_tiff_header *header, void *pixels, char *message);

/* Copies the colour profile, header->profile_bytes long. */
CIMG_MUST_USE int32_t cimg_tiff_profile(const uint8_t *bytes, size_t count,
                                        const cimg_tiff_header *header, uint8_t *profile,
                                        char *message);

/* MARK: Deflate */

/* The most bytes that cimg_deflate writes for so many. */
size_t cimg_deflated_bound(size_t count);

/* Compresses to a zlib stream. `used` holds the capacity before and the bytes used after. */
CIMG_MUST_USE int32_t cimg_deflate(const uint8_t *bytes, size_t count, uint8_t *output, size_t *used);

/* Expands a zlib stream. `used` holds the capacity before and the bytes used after; CIMG_FAILED where
 * the capacity is too small, CIMG_DAMAGED for other streams. */
CIMG_MUST_USE int32_t cimg_inflate(const uint8_t *bytes, size_t count, uint8_t *output, size_t *used);

/* MARK: Resampling */

/* Binary digits after the point of a coefficient; 8 for the pixel and 2 for overshoot stay free. */
enum { CIMG_COEFFICIENT_BITS = 32 - 8 - 2 };

/* One axis of a separable resampling: output i is the sum over j < taps of
 * coefficients[i * taps + j] * input[starts[i] + j], rounded and clamped to 0...255. */
typedef struct cimg_axis {
  int32_t outputs;
  /* Even; unused coefficients are 0. */
  int32_t taps;
  const int32_t *starts;
  const int32_t *coefficients;
} cimg_axis;

/* Resamples each of `rows` rows of `width` pixels (1, 3 or 4 channels, packed) to axis->outputs
 * pixels. `scratch` has 8 * (width + axis->taps) elements. */
void cimg_resample_horizontally(const uint8_t *source, int32_t width, int32_t channels,
                                int32_t rows, const cimg_axis *axis, int32_t *scratch,
                                uint8_t *destination);

/* Resamples rows of `row_bytes` bytes to axis->outputs rows; `rows` rows exist in the source. */
void cimg_resample_vertically(const uint8_t *source, size_t row_bytes, int32_t rows,
                              const cimg_axis *axis, uint8_t *destination);

#pragma clang assume_nonnull end

#endif
