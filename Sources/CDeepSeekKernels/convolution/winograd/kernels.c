// What becomes of kernels: G g G' before the product, G' S G after the sums of a gradient.
#include "kernels.h"

#include "ds_threads.h"
#include "winograd.h"

enum { GRAIN = 2048 };  // kernels worth a thread

typedef struct kernel_plan {
  bool mirrored;
  int64_t outputs, inputs;
  int64_t strips;  // of a group
  const float *from;
  float *to;
} kernel_plan;

// G times three values.
static inline void spread(float a, float b, float c, float out[4]) {
  float ends = 0.5f * (a + c), middle = 0.5f * b;
  out[0] = a, out[1] = ends + middle, out[2] = ends - middle, out[3] = c;
}

// G' times four values.
static inline void gather(float a, float b, float c, float d, float out[3]) {
  float sum = 0.5f * (b + c);
  out[0] = a + sum, out[1] = 0.5f * (b - c), out[2] = sum + d;
}

// to[position * spacing] = G g G'; `way` is 1, or -1 for a kernel read from its last element back.
static inline void transform(const float *g, int64_t way, float *to, int64_t spacing) {
  float rows[3][4];
  for (int r = 0; r < 3; r++) spread(g[3 * r * way], g[(3 * r + 1) * way], g[(3 * r + 2) * way], rows[r]);
  for (int j = 0; j < 4; j++) {
    float column[4];
    spread(rows[0][j], rows[1][j], rows[2][j], column);
    for (int r = 0; r < 4; r++) to[(4 * r + j) * spacing] = column[r];
  }
}

// The range counts strips of groups: [inputs, rows] each.
static void pack(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const kernel_plan *plan = context;
  int64_t inputs = plan->inputs, outputs = plan->outputs, spacing = outputs * inputs;
  for (int64_t item = begin; item < end; item++) {
    int64_t group = item / plan->strips, strip = item % plan->strips, first = border(outputs, plan->strips, strip);
    int64_t rows = border(outputs, plan->strips, strip + 1) - first;
    float *to = plan->to + group * WINOGRAD_POSITIONS * spacing + first * inputs;
    for (int64_t i = 0; i < inputs; i++) {
      for (int64_t row = 0; row < rows; row++, to++) {
        int64_t kernel = plan->mirrored ? (group * inputs + i) * outputs + first + row
                                        : (group * outputs + first + row) * inputs + i;
        transform(plan->from + 9 * kernel + (plan->mirrored ? 8 : 0), plan->mirrored ? -1 : 1, to, spacing);
      }
    }
  }
}

// The range counts outputs.
static void restore(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const kernel_plan *plan = context;
  int64_t spacing = plan->outputs * plan->inputs;
  for (int64_t o = begin; o < end; o++) {
    float *g = plan->to + o * plan->inputs * 9;
    for (int64_t i = 0; i < plan->inputs; i++, g += 9) {
      const float *s = plan->from + o * plan->inputs + i;
      float rows[4][3];
      for (int r = 0; r < 4; r++) {
        const float *at = s + 4 * r * spacing;
        gather(at[0], at[spacing], at[2 * spacing], at[3 * spacing], rows[r]);
      }
      for (int j = 0; j < 3; j++) {
        float column[3];
        gather(rows[0][j], rows[1][j], rows[2][j], rows[3][j], column);
        for (int r = 0; r < 3; r++) g[3 * r + j] = column[r];
      }
    }
  }
}

void winograd_pack_kernels(const gemm_kernels *kernels, bool mirrored, int64_t groups, int64_t outputs, int64_t inputs,
                           const float *weight, float *strips) {
  kernel_plan plan = {.mirrored = mirrored, .outputs = outputs, .inputs = inputs,
                      .strips = ceiling(outputs, kernels->rows), .from = weight, .to = strips};
  ds_parallel_for(groups * plan.strips, 1 + GRAIN / (inputs * kernels->rows), pack, &plan);
}

void winograd_restore_kernels(const float *sums, int64_t outputs, int64_t inputs, float *dweight) {
  kernel_plan plan = {.outputs = outputs, .inputs = inputs, .from = sums, .to = dweight};
  ds_parallel_for(outputs, 1 + GRAIN / inputs, restore, &plan);
}
