// Checks the C kernels against plain loops in double precision: a program without Swift, so that it can be built for
// another processor and run there by qemu. launch/test-arm64 builds it; it says what it checked, with a hash of the
// results' bits, and exits with the number of checks that failed.
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adam.h"
#include "elementwise.h"
#include "moving_average.h"
#include "narrow.h"
#include "normalization.h"
#include "reduction.h"
#include "winograd.h"

static int failures = 0;
static uint64_t state = 0x9e3779b97f4a7c15;

// Numbers from -1 to 1, the same on every machine.
static float uniform(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return (float)(int32_t)(state >> 32) * 0x1p-31f;
}

static void *memory(size_t bytes) {
  void *result = NULL;
  if (posix_memalign(&result, 64, bytes + 64)) abort();
  memset(result, 0, bytes);
  return result;
}

static float *uniforms(size_t count) {
  float *result = memory(count * sizeof *result);
  for (size_t i = 0; i < count; i++) result[i] = uniform();
  return result;
}

// Compares with what is expected: ||a - b|| <= limit ||b||.
static void expect(const char *name, const float *result, const double *expected, size_t count, double limit) {
  double error = 0, size = 0;
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, &result[i], sizeof bits);
    hash = (hash ^ bits) * 0x100000001b3;
    error += (result[i] - expected[i]) * (result[i] - expected[i]);
    size += expected[i] * expected[i];
  }
  double relative = sqrt(error / size);
  bool passes = relative <= limit;
  failures += !passes;
  printf("%s %s: error %.1e, bits %016llx\n", passes ? "passed" : "FAILED", name, relative, (unsigned long long)hash);
}

// ---- Winograd ------------------------------------------------------------------------------------------------------------

enum { BATCH = 2, INPUTS = 19, OUTPUTS = 21, ROWS = 13, COLUMNS = 11 };

// The place of a number in feature maps with channels in blocks.
static size_t place(int block, int channels, int n, int c, int y, int x) {
  int blocks = (channels + block - 1) / block;
  return ((((size_t)n * blocks + c / block) * ROWS + y) * COLUMNS + x) * block + c % block;
}

static float *random_maps(int block, int channels) {
  float *maps = memory(sizeof(float) * BATCH * ((channels + block - 1) / block) * block * ROWS * COLUMNS);
  for (int n = 0; n < BATCH; n++)
    for (int c = 0; c < channels; c++)
      for (int y = 0; y < ROWS; y++)
        for (int x = 0; x < COLUMNS; x++) maps[place(block, channels, n, c, y, x)] = uniform();
  return maps;
}

static void check_winograd(ckernels_instruction_set set, const char *name, int block, int dilation) {
  ckernels_winograd_shape shape = {
      .batch = BATCH, .inputChannels = INPUTS, .outputChannels = OUTPUTS, .height = ROWS, .width = COLUMNS,
      .padding = dilation, .dilation = dilation, .channelBlock = block, .instructionSet = set,
      .elementType = CKERNELS_FLOAT32};
  size_t in_count = (size_t)BATCH * ((INPUTS + block - 1) / block) * block * ROWS * COLUMNS;
  size_t out_count = (size_t)BATCH * ((OUTPUTS + block - 1) / block) * block * ROWS * COLUMNS;
  float *in = random_maps(block, INPUTS), *out_gradient = random_maps(block, OUTPUTS);
  float *weight = uniforms(OUTPUTS * INPUTS * 9), *bias = uniforms(OUTPUTS);
  float *out = memory(sizeof(float) * out_count), *in_gradient = memory(sizeof(float) * in_count);
  float *weight_gradient = memory(sizeof(float) * OUTPUTS * INPUTS * 9);
  double *expected_out = memory(sizeof(double) * out_count), *expected_in = memory(sizeof(double) * in_count);
  double *expected_weight = memory(sizeof(double) * OUTPUTS * INPUTS * 9);
  for (int n = 0; n < BATCH; n++)
    for (int o = 0; o < OUTPUTS; o++)
      for (int y = 0; y < ROWS; y++)
        for (int x = 0; x < COLUMNS; x++) {
          size_t to = place(block, OUTPUTS, n, o, y, x);
          double sum = bias[o];
          for (int i = 0; i < INPUTS; i++)
            for (int ky = 0; ky < 3; ky++)
              for (int kx = 0; kx < 3; kx++) {
                int sy = y + (ky - 1) * dilation, sx = x + (kx - 1) * dilation;
                if (sy < 0 || sy >= ROWS || sx < 0 || sx >= COLUMNS) continue;
                size_t from = place(block, INPUTS, n, i, sy, sx), w = ((size_t)o * INPUTS + i) * 9 + ky * 3 + kx;
                sum += (double)weight[w] * in[from];
                expected_in[from] += (double)weight[w] * out_gradient[to];
                expected_weight[w] += (double)in[from] * out_gradient[to];
              }
          expected_out[to] = sum > 0 ? sum : 0.2 * sum;
        }
  float *packed = memory(sizeof(float) * ckernels_winograd_packed_weight_count(&shape));
  char title[96];
  for (ckernels_winograd_direction direction = 0; direction < 3; direction++) {
    ckernels_winograd_scratch_counts counts = ckernels_winograd_scratch_count(&shape, direction);
    size_t threads = 8;
    ckernels_winograd_scratch scratch = {memory(4 * counts.shared), counts.shared, memory(4 * counts.thread * threads),
                                         counts.thread * threads, counts.thread};
    int32_t status = direction == CKERNELS_WINOGRAD_FORWARD
                         ? ckernels_winograd_pack_forward_weight(&shape, weight, packed)
                     : direction == CKERNELS_WINOGRAD_DATA_GRADIENT
                         ? ckernels_winograd_pack_data_gradient_weight(&shape, weight, packed)
                         : 0;
    if (status == 0)
      status = direction == CKERNELS_WINOGRAD_FORWARD
                   ? ckernels_winograd_forward(&shape, in, packed, bias, 0.2f, &scratch, out)
               : direction == CKERNELS_WINOGRAD_DATA_GRADIENT
                   ? ckernels_winograd_data_gradient(&shape, out_gradient, packed, &scratch, in_gradient)
                   : ckernels_winograd_weight_gradient(&shape, in, out_gradient, &scratch, weight_gradient);
    if (status) abort();
    static const char *const directions[] = {"forward", "data gradient", "weight gradient"};
    snprintf(title, sizeof title, "Winograd, %s, blocks of %d, dilation %d, %s", name, block, dilation, directions[direction]);
    expect(title, (float *[]){out, in_gradient, weight_gradient}[direction],
           (double *[]){expected_out, expected_in, expected_weight}[direction],
           (size_t[]){out_count, in_count, OUTPUTS * INPUTS * 9}[direction], 1e-5);
    free(scratch.shared), free(scratch.threads);
  }
  free(in), free(out_gradient), free(weight), free(bias), free(out), free(in_gradient), free(weight_gradient);
  free(expected_out), free(expected_in), free(expected_weight), free(packed);
}

// ---- element by element --------------------------------------------------------------------------------------------------

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }
static double softplus(double x) { return log1p(exp(x)); }
static double elu(double x) { return x > 0 ? x : expm1(x); }
static double leaky(double x) { return x > 0 ? x : 0.2 * x; }

static void check_functions(void) {
  static const struct {
    const char *name;
    ckernels_unary_function function;
    double (*expected)(double);
    bool is_of_positive;
  } functions[] = {
      {"leaky ReLU", CKERNELS_LEAKY_RELU, leaky, false}, {"ELU", CKERNELS_ELU, elu, false},
      {"tanh", CKERNELS_TANH, tanh, false},              {"sigmoid", CKERNELS_SIGMOID, sigmoid, false},
      {"softplus", CKERNELS_SOFTPLUS, softplus, false},  {"exp", CKERNELS_EXP, exp, false},
      {"log", CKERNELS_LOG, log, true},                  {"sqrt", CKERNELS_SQRT, sqrt, true},
  };
  enum { COUNT = 10007 };
  float *x = uniforms(COUNT), *result = memory(sizeof(float) * COUNT);
  double *expected = memory(sizeof(double) * COUNT);
  for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
    for (int i = 0; i < COUNT; i++) {
      x[i] = 10 * (functions[f].is_of_positive ? fabsf(uniform()) + 1e-3f : uniform());
      expected[i] = functions[f].expected(x[i]);
    }
    ckernels_unary(functions[f].function, x, 0.2f, result, COUNT, CKERNELS_FLOAT32);
    expect(functions[f].name, result, expected, COUNT, 2e-7);
  }
  free(x), free(result), free(expected);
}

static void check_adam(void) {
  enum { COUNT = 5003 };
  ckernels_adam_settings s = {1e-3f, 0.99f, 1e-8f, 0.5f, 0.01f, 0.25f, 0.5f, 0.1f};
  float *g = uniforms(COUNT), *p = uniforms(COUNT), *m = uniforms(COUNT), *v = memory(sizeof(float) * COUNT);
  double *expected = memory(sizeof(double) * COUNT);
  for (int i = 0; i < COUNT; i++) {
    double gradient = 0.25 * g[i], first = m[i] + 0.5 * (gradient - m[i]), second = 0.01 * gradient * gradient;
    expected[i] = p[i] - 1e-3 / 0.5 * first / (sqrt(second) / 0.1 + 1e-8);
  }
  failures += !ckernels_adam(&s, g, p, m, v, COUNT);
  expect("Adam", p, expected, COUNT, 1e-6);
  free(g), free(p), free(m), free(v), free(expected);
}

// ---- normalisation and narrow convolutions -------------------------------------------------------------------------------

static void check_normalization(void) {
  enum { N = 3, PLANES = 2, PIXELS = 77, LANES = 8, CHANNELS = N * PLANES * LANES, COUNT = CHANNELS * PIXELS };
  ckernels_normalization_shape shape = {N, PLANES, PIXELS, LANES, N, CKERNELS_FLOAT32};
  float *x = uniforms(COUNT), *y = memory(sizeof(float) * COUNT);
  double mean[CHANNELS], variance[CHANNELS], scale[CHANNELS], *expected = memory(sizeof(double) * COUNT);
  ckernels_moments(&shape, x, mean, variance);
  for (int c = 0; c < CHANNELS; c++) {
    double sum = 0, squares = 0;
    const float *first = x + (size_t)(c / LANES) * PIXELS * LANES + c % LANES;
    for (int i = 0; i < PIXELS; i++) sum += first[i * LANES];
    for (int i = 0; i < PIXELS; i++) squares += pow(first[i * LANES] - sum / PIXELS, 2);
    scale[c] = 1 / sqrt(variance[c] + 1e-5);
    for (int i = 0; i < PIXELS; i++)
      expected[first - x + i * LANES] = leaky((first[i * LANES] - sum / PIXELS) / sqrt(squares / PIXELS + 1e-5));
  }
  ckernels_normalize(&shape, x, mean, scale, NULL, 0.2f, NULL, y);
  expect("instance norm", y, expected, COUNT, 1e-6);
  free(x), free(y), free(expected);
}

static void check_narrow(void) {
  enum { C = 3, O = 2, H = 12, W = 20, N = 2 };
  ckernels_window_shape shape = {C, H, W, H, W, 3, 3, 1, 1, 1};
  float *x = uniforms(N * C * H * W), *y = memory(sizeof(float) * N * O * H * W);
  double weight[O * C * 9], *expected = memory(sizeof(double) * N * O * H * W);
  for (int i = 0; i < O * C * 9; i++) weight[i] = uniform();
  for (int n = 0; n < N; n++)
    for (int o = 0; o < O; o++)
      for (int p = 0; p < H * W; p++)
        for (int t = 0; t < C * 9; t++) {
          int sy = p / W + t % 9 / 3 - 1, sx = p % W + t % 3 - 1;
          if (sy >= 0 && sy < H && sx >= 0 && sx < W)
            expected[(n * O + o) * H * W + p] += weight[o * C * 9 + t] * x[((n * C + t / 9) * H + sy) * W + sx];
        }
  ckernels_narrow_convolution(&shape, N, O, x, weight, NULL, 1, y);
  expect("narrow convolution", y, expected, N * O * H * W, 1e-7);
  free(x), free(y), free(expected);
}

static void check_sum(void) {
  enum { COUNT = 100003 };
  float *x = uniforms(COUNT);
  double expected = 0;
  for (int i = 0; i < COUNT; i++) expected += x[i] = fabsf(x[i]);
  expect("sum", (float[]){(float)ckernels_sum(x, COUNT)}, &expected, 1, 1e-6);
  free(x);
}

int main(void) {
  static const struct {
    const char *name;
    ckernels_instruction_set set;
    int block;
  } paths[] = {{"portable", CKERNELS_PORTABLE, 8},
               {"portable", CKERNELS_PORTABLE, 16},
               {"portable in the shape of AVX-512", CKERNELS_PORTABLE_WIDE, 16},
               {"this processor's widest", CKERNELS_AUTOMATIC, 8}};
  for (size_t p = 0; p < sizeof paths / sizeof *paths; p++)
    for (int dilation = 1; dilation <= 4; dilation *= 2)
      check_winograd(paths[p].set, paths[p].name, paths[p].block, dilation);
  check_functions();
  check_adam();
  check_normalization();
  check_narrow();
  check_sum();
  return failures > 99 ? 99 : failures;
}
