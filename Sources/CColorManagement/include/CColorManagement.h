/* Colour profiles (ICC) through Little CMS.
 *
 * Functions that can fail return 0 on success. Transforms may be used by several threads at once. */
#ifndef CCOLORMANAGEMENT_H
#define CCOLORMANAGEMENT_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

#define CCOLOR_MUST_USE __attribute__((warn_unused_result))

/* What the colour channels of a pixel mean. */
enum {
  CCOLOR_NONE = 0,
  CCOLOR_GREY = 1,
  CCOLOR_RGB = 3,
  /* Four inks, 255 = no ink (the Adobe convention). */
  CCOLOR_INVERTED_CMYK = 4,
};

typedef struct ccolor_transform *ccolor_transform_t;

/* How a pixel lies in memory. */
typedef struct ccolor_format {
  /* One of the above. */
  int32_t colours;
  /* 1 where an alpha channel follows the colours, else 0. */
  int32_t alpha;
  /* 1 or 2 bytes a channel. */
  int32_t bytes;
} ccolor_format;

/* What a profile describes: one of the above, or CCOLOR_NONE for what cannot be used. */
int32_t ccolor_profile_colours(const uint8_t *profile, size_t count);

/* Makes a transform between two profiles, without one sRGB, by the perceptual intent. Alpha, where
 * both formats have it, is copied. */
CCOLOR_MUST_USE int32_t ccolor_transform_create(const uint8_t *_Nullable source,
                                                size_t source_count, ccolor_format source_format,
                                                const uint8_t *_Nullable target,
                                                size_t target_count, ccolor_format target_format,
                                                ccolor_transform_t _Nullable *_Nonnull transform);

/* Converts pixels. */
void ccolor_transform_apply(ccolor_transform_t transform, const void *source, void *target,
                            size_t pixels);

void ccolor_transform_destroy(ccolor_transform_t transform);

/* Makes the RGB profile of a gamma (what values are raised to) and chromaticities: x and y of white,
 * red, green and blue. Gamma 0 stands for sRGB's curve. `count` holds the capacity before and the bytes used
 * after. */
CCOLOR_MUST_USE int32_t ccolor_profile_make(double gamma, const double *chromaticities,
                                            uint8_t *profile, size_t *count);

#pragma clang assume_nonnull end

#endif
