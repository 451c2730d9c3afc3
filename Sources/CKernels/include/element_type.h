// How one element of a feature map is stored.
#ifndef CKERNELS_ELEMENT_TYPE_H
#define CKERNELS_ELEMENT_TYPE_H

typedef enum {
  CKERNELS_FLOAT32,
  CKERNELS_BFLOAT16,  // the upper half of a float32; every operation computes in float32 and rounds its result once
} ckernels_element_type;

#endif
