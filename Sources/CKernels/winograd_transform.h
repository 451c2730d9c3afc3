// The transforms of single tiles, for LANES channels at a time.
//
// F(4x4, 3x3) evaluates polynomials at 0, +-p, +-q and infinity. With p = 3/4 and q = 3/2 all
// constants of the tile transforms are exact, and the error is half of that of the usual 1 and 2:
// 8e-7 instead of 1.7e-6 of the norm for random values and 64 channels.
#ifndef WINOGRAD_TRANSFORM_H
#define WINOGRAD_TRANSFORM_H

#include "winograd_geometry.h"
#include "winograd_vector.h"

#define P (0.75f)
#define Q (1.5f)
#define P2 (P * P)
#define Q2 (Q * Q)
// The weights' constants: 1 / (p^2 q^2), 1 / (2 p^2 (p^2 - q^2)) and 1 / (2 q^2 (q^2 - p^2)).
#define WEIGHT_0 ((float)(1.0 / (0.5625 * 2.25)))
#define WEIGHT_P ((float)(1.0 / (2 * 0.5625 * (0.5625 - 2.25))))
#define WEIGHT_Q ((float)(1.0 / (2 * 2.25 * (2.25 - 0.5625))))

// The lines of length 6 have elements for the points 0, p, -p, q, -q and infinity.

INLINE vector input_zero(vector d0, vector d2, vector d4) {
  return (d4 - (P2 + Q2) * d2) + P2 * Q2 * d0;
}

INLINE void input_pair(
    float point, float otherSquare, vector d1, vector d2, vector d3, vector d4, vector *plus,
    vector *minus) {
  vector even = d4 - otherSquare * d2, odd = d3 - otherSquare * d1;
  *plus = even + point * odd;
  *minus = even - point * odd;
}

INLINE vector input_infinity(vector d1, vector d3, vector d5) {
  return (d5 - (P2 + Q2) * d3) + P2 * Q2 * d1;
}

// Transforms a line and stores it to six planes.
INLINE void store_input_line(const vector d[6], float *v, size_t planeStride) {
  vector plus, minus;
  store(v, input_zero(d[0], d[2], d[4]));
  input_pair(P, Q2, d[1], d[2], d[3], d[4], &plus, &minus);
  store(v + planeStride, plus);
  store(v + 2 * planeStride, minus);
  input_pair(Q, P2, d[1], d[2], d[3], d[4], &plus, &minus);
  store(v + 3 * planeStride, plus);
  store(v + 4 * planeStride, minus);
  store(v + 5 * planeStride, input_infinity(d[1], d[3], d[5]));
}

// The transpose of `output_line`, in parts.
INLINE void gradient_pair(
    float point, vector y0, vector y1, vector y2, vector y3, vector *plus, vector *minus) {
  vector even = y0 + point * point * y2, odd = y1 + point * point * y3;
  *plus = even + point * odd;
  *minus = even - point * odd;
}

INLINE void store_gradient_line(const vector y[4], float *z, size_t planeStride) {
  vector plus, minus;
  store(z, y[0]);
  gradient_pair(P, y[0], y[1], y[2], y[3], &plus, &minus);
  store(z + planeStride, plus);
  store(z + 2 * planeStride, minus);
  gradient_pair(Q, y[0], y[1], y[2], y[3], &plus, &minus);
  store(z + 3 * planeStride, plus);
  store(z + 4 * planeStride, minus);
  store(z + 5 * planeStride, y[3]);
}

INLINE void output_line(const vector m[6], vector *y, int stride) {
  vector sumP = m[1] + m[2], differenceP = m[1] - m[2];
  vector sumQ = m[3] + m[4], differenceQ = m[3] - m[4];
  y[0] = m[0] + sumP + sumQ;
  y[stride] = P * differenceP + Q * differenceQ;
  y[2 * stride] = P2 * sumP + Q2 * sumQ;
  y[3 * stride] = m[5] + P2 * P * differenceP + Q2 * Q * differenceQ;
}

// x for x > 0 and negativeSlope x elsewhere; a NaN stays one.
INLINE vector activation(vector x, float negativeSlope) {
  mask positive = x > 0;
  return (vector)((positive & (mask)x) | (~positive & (mask)(x * negativeSlope)));
}

INLINE void weight_line(const vector w[3], vector u[6]) {
  vector evenP = w[0] + P2 * w[2], evenQ = w[0] + Q2 * w[2];
  u[0] = WEIGHT_0 * w[0];
  u[1] = WEIGHT_P * (evenP + P * w[1]);
  u[2] = WEIGHT_P * (evenP - P * w[1]);
  u[3] = WEIGHT_Q * (evenQ + Q * w[1]);
  u[4] = WEIGHT_Q * (evenQ - Q * w[1]);
  u[5] = w[2];
}

// The transpose of `weight_line`.
INLINE void weight_gradient_line(const vector u[6], vector w[3]) {
  vector sumP = WEIGHT_P * (u[1] + u[2]), differenceP = WEIGHT_P * (u[1] - u[2]);
  vector sumQ = WEIGHT_Q * (u[3] + u[4]), differenceQ = WEIGHT_Q * (u[3] - u[4]);
  w[0] = WEIGHT_0 * u[0] + sumP + sumQ;
  w[1] = P * differenceP + Q * differenceQ;
  w[2] = P2 * sumP + Q2 * sumQ + u[5];
}

// The tiles of the input and of the output gradient are transformed one or two rows at a time: so
// many intermediate vectors fit in 16 registers, and loading elements twice costs less than storing
// a whole intermediate tile beside the 36 results.

// A 6x6 tile of the input to 36 planes.
INLINE void transform_input_tile(
    const void *x, ptrdiff_t rowStep, ptrdiff_t columnStep, bool half, float *v,
    size_t planeStride) {
#define X(i, j) load_map(x, (i) * rowStep + (j) * columnStep, half)
  vector a[6], b[6];
  for (int j = 0; j < 6; j++) a[j] = input_zero(X(0, j), X(2, j), X(4, j));
  store_input_line(a, v, planeStride);
  for (int j = 0; j < 6; j++) {
    input_pair(P, Q2, X(1, j), X(2, j), X(3, j), X(4, j), &a[j], &b[j]);
  }
  store_input_line(a, v + 6 * planeStride, planeStride);
  store_input_line(b, v + 12 * planeStride, planeStride);
  for (int j = 0; j < 6; j++) {
    input_pair(Q, P2, X(1, j), X(2, j), X(3, j), X(4, j), &a[j], &b[j]);
  }
  store_input_line(a, v + 18 * planeStride, planeStride);
  store_input_line(b, v + 24 * planeStride, planeStride);
  for (int j = 0; j < 6; j++) a[j] = input_infinity(X(1, j), X(3, j), X(5, j));
  store_input_line(a, v + 30 * planeStride, planeStride);
#undef X
}

// A 4x4 tile of the output gradient to 36 planes.
INLINE void transform_gradient_tile(
    const void *y, ptrdiff_t rowStep, ptrdiff_t columnStep, bool half, float *z,
    size_t planeStride) {
#define Y(i, j) load_map(y, (i) * rowStep + (j) * columnStep, half)
  vector a[4], b[4];
  for (int j = 0; j < 4; j++) {
    a[j] = Y(0, j);
    b[j] = Y(3, j);
  }
  store_gradient_line(a, z, planeStride);
  store_gradient_line(b, z + 30 * planeStride, planeStride);
  for (int j = 0; j < 4; j++) {
    gradient_pair(P, Y(0, j), Y(1, j), Y(2, j), Y(3, j), &a[j], &b[j]);
  }
  store_gradient_line(a, z + 6 * planeStride, planeStride);
  store_gradient_line(b, z + 12 * planeStride, planeStride);
  for (int j = 0; j < 4; j++) {
    gradient_pair(Q, Y(0, j), Y(1, j), Y(2, j), Y(3, j), &a[j], &b[j]);
  }
  store_gradient_line(a, z + 18 * planeStride, planeStride);
  store_gradient_line(b, z + 24 * planeStride, planeStride);
#undef Y
}

// 36 planes to a 4x4 tile of the output. With so few stores the intermediate tile is cheaper.
INLINE void transform_output_tile(
    const float *m, size_t planeStride, const float *bias, float negativeSlope, void *y,
    ptrdiff_t rowStep, ptrdiff_t columnStep, bool half) {
  vector lines[4][6], line[6], offset = load(bias);
  for (int j = 0; j < 6; j++) {
    for (int i = 0; i < 6; i++) line[i] = load(m + (size_t)(i * 6 + j) * planeStride);
    output_line(line, &lines[0][j], 6);
  }
  for (int i = 0; i < 4; i++) {
    vector result[4];
    output_line(lines[i], result, 1);
    for (int j = 0; j < 4; j++) {
      vector value = activation(result[j] + offset, negativeSlope);
      store_map(y, i * rowStep + j * columnStep, value, half);
    }
  }
}

// A 3x3 kernel, its elements LANES floats apart, to 36 planes.
INLINE void transform_weight_tile(const float *w, float *u, size_t planeStride) {
  vector half[6][3], line[3], result[6];
  for (int j = 0; j < 3; j++) {
    for (int i = 0; i < 3; i++) line[i] = load(w + (i * 3 + j) * LANES);
    weight_line(line, result);
    for (int i = 0; i < 6; i++) half[i][j] = result[i];
  }
  for (int i = 0; i < 6; i++) {
    weight_line(half[i], result);
    for (int j = 0; j < 6; j++) store(u + (size_t)(i * 6 + j) * planeStride, result[j]);
  }
}

// 36 planes to a 3x3 kernel, its elements LANES floats apart.
INLINE void transform_weight_gradient_tile(const float *u, size_t planeStride, float *w) {
  vector half[3][6], line[6], result[3];
  for (int j = 0; j < 6; j++) {
    for (int i = 0; i < 6; i++) line[i] = load(u + (size_t)(i * 6 + j) * planeStride);
    weight_gradient_line(line, result);
    for (int i = 0; i < 3; i++) half[i][j] = result[i];
  }
  for (int i = 0; i < 3; i++) {
    weight_gradient_line(half[i], result);
    for (int j = 0; j < 3; j++) store(w + (i * 3 + j) * LANES, result[j]);
  }
}

#endif
