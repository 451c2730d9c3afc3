#include "peak.h"

#include "parallel.h"

// Enough sums to keep two units of four cycles' latency busy, and few enough for 16 registers.
enum { SUMS = 12 };

// What the compiler must not know, so that it does every multiplication.
static volatile float factor = 0.5f, addend = 1.0f, sink;

#define MULTIPLY_ADDS(NAME, LANES, ATTRIBUTES)                                       \
  ATTRIBUTES static void NAME(uint64_t rounds) {                                     \
    typedef float vector __attribute__((vector_size(4 * LANES)));                    \
    vector a = (vector){} + factor, b = (vector){} + addend, sums[SUMS];             \
    for (int i = 0; i < SUMS; i++) sums[i] = b * (float)i;                           \
    for (uint64_t round = 0; round < rounds; round++) {                              \
      for (int i = 0; i < SUMS; i++) sums[i] = sums[i] * a + b;                      \
    }                                                                                \
    vector total = {};                                                               \
    for (int i = 0; i < SUMS; i++) total += sums[i];                                 \
    float result = 0;                                                                \
    for (int lane = 0; lane < LANES; lane++) result += total[lane];                  \
    sink = result;                                                                   \
  }

typedef struct {
  void (*run)(uint64_t rounds);
  uint64_t rounds;
} work;

static void run(size_t index, void *context) {
  (void)index;
  const work *w = context;
  w->run(w->rounds);
}

MULTIPLY_ADDS(four_lanes, 4, )
#if defined(__x86_64__)
MULTIPLY_ADDS(eight_lanes, 8, __attribute__((target("avx2,fma"))))
MULTIPLY_ADDS(sixteen_lanes, 16, __attribute__((target("avx512f"))))
#endif

uint64_t ckernels_multiply_adds(uint64_t rounds) {
  work w = {four_lanes, rounds};
  uint64_t lanes = 4;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    w.run = sixteen_lanes;
    lanes = 16;
  } else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    w.run = eight_lanes;
    lanes = 8;
  }
#endif
  size_t threads = (size_t)ckernels_thread_count();
  ckernels_parallel_for(threads, run, &w);
  return 2 * lanes * SUMS * rounds * threads;
}
