#include "CColorManagement.h"

#include <lcms2.h>
#include <string.h>

static int32_t colours_of(cmsHPROFILE profile) {
  switch (cmsGetColorSpace(profile)) {
    case cmsSigGrayData: return CCOLOR_GREY;
    case cmsSigRgbData: return CCOLOR_RGB;
    case cmsSigCmykData: return CCOLOR_INVERTED_CMYK;
    default: return CCOLOR_NONE;
  }
}

int32_t ccolor_profile_colours(const uint8_t *profile, size_t count) {
  if (count > UINT32_MAX) return CCOLOR_NONE;
  cmsHPROFILE opened = cmsOpenProfileFromMem(profile, (cmsUInt32Number)count);
  if (!opened) return CCOLOR_NONE;
  int32_t colours = colours_of(opened);
  cmsCloseProfile(opened);
  return colours;
}

static cmsHPROFILE opened(const uint8_t *profile, size_t count) {
  if (!profile) return cmsCreate_sRGBProfile();
  return count > UINT32_MAX ? NULL : cmsOpenProfileFromMem(profile, (cmsUInt32Number)count);
}

static cmsUInt32Number number_of(ccolor_format format) {
  cmsUInt32Number common = CHANNELS_SH((cmsUInt32Number)format.colours) |
                           EXTRA_SH((cmsUInt32Number)format.alpha) |
                           BYTES_SH((cmsUInt32Number)format.bytes);
  switch (format.colours) {
    case CCOLOR_GREY: return COLORSPACE_SH(PT_GRAY) | common;
    case CCOLOR_INVERTED_CMYK: return COLORSPACE_SH(PT_CMYK) | FLAVOR_SH(1) | common;
    default: return COLORSPACE_SH(PT_RGB) | common;
  }
}

int32_t ccolor_transform_create(const uint8_t *source, size_t source_count,
                                ccolor_format source_format, const uint8_t *target,
                                size_t target_count, ccolor_format target_format,
                                ccolor_transform_t *transform) {
  cmsHPROFILE from = opened(source, source_count);
  cmsHPROFILE to = opened(target, target_count);
  cmsHTRANSFORM made = NULL;
  if (from && to && colours_of(from) == source_format.colours &&
      colours_of(to) == target_format.colours) {
    /* Without its cache, a transform has no state. */
    cmsUInt32Number flags = cmsFLAGS_NOCACHE;
    if (source_format.alpha && target_format.alpha) flags |= cmsFLAGS_COPY_ALPHA;
    made = cmsCreateTransform(from, number_of(source_format), to, number_of(target_format),
                              INTENT_PERCEPTUAL, flags);
  }
  if (from) cmsCloseProfile(from);
  if (to) cmsCloseProfile(to);
  *transform = (ccolor_transform_t)made;
  return made ? 0 : 1;
}

void ccolor_transform_apply(ccolor_transform_t transform, const void *source, void *target,
                            size_t pixels) {
  cmsDoTransform((cmsHTRANSFORM)transform, source, target, (cmsUInt32Number)pixels);
}

void ccolor_transform_destroy(ccolor_transform_t transform) {
  cmsDeleteTransform((cmsHTRANSFORM)transform);
}

int32_t ccolor_profile_make(double gamma, const double *chromaticities, uint8_t *profile,
                            size_t *count) {
  const double *c = chromaticities;
  cmsCIExyY white = {c[0], c[1], 1};
  cmsCIExyYTRIPLE primaries = {{c[2], c[3], 1}, {c[4], c[5], 1}, {c[6], c[7], 1}};
  const cmsFloat64Number srgb[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  cmsToneCurve *curve = gamma > 0 ? cmsBuildGamma(NULL, gamma) : cmsBuildParametricToneCurve(NULL, 4, srgb);
  if (!curve) return 1;
  cmsToneCurve *curves[] = {curve, curve, curve};
  cmsHPROFILE made = cmsCreateRGBProfile(&white, &primaries, curves);
  cmsFreeToneCurve(curve);
  if (!made) return 1;
  cmsSetProfileVersion(made, 2.4);
  cmsUInt32Number size = 0;
  int failed = !cmsSaveProfileToMem(made, NULL, &size) || size > *count ||
               !cmsSaveProfileToMem(made, profile, &size);
  cmsCloseProfile(made);
  if (failed) return 1;
  *count = size;
  return 0;
}
