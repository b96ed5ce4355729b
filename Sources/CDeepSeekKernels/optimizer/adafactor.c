// Adafactor: second moments from sums over rows and columns, and an update whose size is known before it is applied.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../include/ds_optimizer.h"
#include "../include/ds_threads.h"
#include "optimizer_internal.h"

// Column sums are formed in at most this many pieces of rows, which depend on the sizes alone.
enum { MAX_PIECES = 64 };

// A parameter as lines: the rows of one matrix, or stretches of an unfactored parameter.
typedef struct adafactor_call {
  const optimizer_loops *loops;
  const ds_adafactor_options *options;
  size_t bytes;                // of an element
  int64_t count;               // of elements
  int64_t lines, width;        // the last line of an unfactored parameter may be shorter
  int64_t piece_lines;
  char *parameter, *momentum, *state;  // `state`: unfactored second moments
  const char *gradient;
  double beta2, scale, decay;  // scale: of the gradient, and once the update's size is known, of the update
  double *line_sums;           // [lines]: of squares, then factors
  double *column_sums;         // [pieces, width]
  void *column_factors;        // [width], of the parameter's type
} adafactor_call;

static int64_t last_line(const adafactor_call *call, int64_t piece) {
  int64_t end = (piece + 1) * call->piece_lines;
  return end < call->lines ? end : call->lines;
}

static int64_t line_width(const adafactor_call *call, int64_t line) {
  int64_t left = call->count - line * call->width;
  return left < call->width ? left : call->width;
}

static void sum_squares(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const adafactor_call *call = context;
  for (int64_t piece = begin; piece < end; piece++) {
    double *columns = call->column_sums + piece * call->width;
    memset(columns, 0, (size_t)call->width * sizeof(double));
    for (int64_t line = piece * call->piece_lines; line < last_line(call, piece); line++) {
      const char *gradient = call->gradient + (size_t)(line * call->width) * call->bytes;
      call->line_sums[line] =
          call->loops->factor_row(call->width, gradient, call->scale, call->options->epsilon1, columns);
    }
  }
}

// Leaves each line's sum of squares of the update in `line_sums`, in place of its factor, which factors() makes again.
static void measure(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const adafactor_call *call = context;
  const optimizer_loops *loops = call->loops;
  for (int64_t line = begin * call->piece_lines; line < last_line(call, end - 1); line++) {
    size_t at = (size_t)(line * call->width) * call->bytes;
    const char *gradient = call->gradient + at;
    call->line_sums[line] = call->state != NULL
                                ? loops->plain_squares(line_width(call, line), gradient, call->scale,
                                                       call->options->epsilon1, call->beta2, call->state + at)
                                : loops->factored_squares(call->width, gradient, call->scale, call->line_sums[line],
                                                          call->column_factors);
  }
}

static void move(void *context, int64_t begin, int64_t end, int32_t worker) {
  (void)worker;
  const adafactor_call *call = context;
  const optimizer_loops *loops = call->loops;
  double beta1 = call->options->beta1;
  for (int64_t line = begin * call->piece_lines; line < last_line(call, end - 1); line++) {
    size_t at = (size_t)(line * call->width) * call->bytes;
    void *momentum = call->momentum == NULL ? NULL : call->momentum + at;
    if (call->state != NULL) {
      loops->plain_apply(line_width(call, line), call->parameter + at, call->gradient + at, call->scale,
                         call->state + at, call->decay, beta1, momentum);
    } else {
      loops->factored_apply(call->width, call->parameter + at, call->gradient + at, call->scale,
                            call->line_sums[line], call->column_factors, call->decay, beta1, momentum);
    }
  }
}

static double get(const adafactor_call *call, const void *array, int64_t i) {
  return call->bytes == 8 ? ((const double *)array)[i] : (double)((const float *)array)[i];
}

static void set(const adafactor_call *call, void *array, int64_t i, double value) {
  if (call->bytes == 8) ((double *)array)[i] = value;
  else ((float *)array)[i] = (float)value;
}

static int64_t piece_count(const adafactor_call *call) {
  return (call->lines + call->piece_lines - 1) / call->piece_lines;
}

// Moves one matrix's factored moments towards the means of its squared gradient.
static void update_moments(adafactor_call *call, void *row_state, void *column_state) {
  ds_parallel_for(piece_count(call), 1, sum_squares, call);
  for (int64_t row = 0; row < call->lines; row++) {
    double mean = call->line_sums[row] / (double)call->width;
    set(call, row_state, row, call->beta2 * get(call, row_state, row) + (1.0 - call->beta2) * mean);
  }
  for (int64_t column = 0; column < call->width; column++) {
    double sum = 0.0;
    for (int64_t piece = 0; piece < piece_count(call); piece++) sum += call->column_sums[piece * call->width + column];
    double mean = sum / (double)call->lines;
    set(call, column_state, column, call->beta2 * get(call, column_state, column) + (1.0 - call->beta2) * mean);
  }
}

// The update is the gradient times 1 / sqrt(row / average row) times 1 / sqrt(column).
static void factors(adafactor_call *call, const void *row_state, const void *column_state) {
  double average = 0.0;
  for (int64_t row = 0; row < call->lines; row++) average += get(call, row_state, row);
  average /= (double)call->lines;
  for (int64_t row = 0; row < call->lines; row++) call->line_sums[row] = sqrt(average / get(call, row_state, row));
  for (int64_t column = 0; column < call->width; column++) {
    set(call, call->column_factors, column, 1.0 / sqrt(get(call, column_state, column)));
  }
}

static double measured(adafactor_call *call) {
  ds_parallel_for(piece_count(call), 1, measure, call);
  double total = 0.0;
  for (int64_t line = 0; line < call->lines; line++) total += call->line_sums[line];
  return total;
}

// The learning rate of this step.
static double step_rate(const ds_adafactor_options *options, double parameter_size) {
  double rate = options->learning_rate;
  if (options->relative_step) {
    double most = options->warmup ? 1e-6 * (double)options->step : 1e-2;
    rate = fmin(most, 1.0 / sqrt((double)options->step));
  }
  return options->scale_parameter ? rate * fmax(options->epsilon2, parameter_size) : rate;
}

// What is left of the step once the memory is there. `matrices` is 1 for an unfactored parameter.
static void step(adafactor_call *call, int64_t matrices, char *row_state, char *column_state) {
  const ds_adafactor_options *options = call->options;
  size_t matrix = (size_t)call->count * call->bytes;
  size_t rows = (size_t)call->lines * call->bytes, columns = (size_t)call->width * call->bytes;
  int64_t total = call->count * matrices;
  ds_dtype dtype = call->bytes == 8 ? DS_FLOAT64 : DS_FLOAT32;
  double parameter_squares = 0.0, update_squares = 0.0;
  if (options->scale_parameter) ds_gradient_squares(dtype, total, call->parameter, &parameter_squares, NULL);

  adafactor_call here = *call;
  for (int64_t i = 0; i < matrices; i++) {
    here.gradient = call->gradient + (size_t)i * matrix;
    if (call->state == NULL) {
      update_moments(&here, row_state + (size_t)i * rows, column_state + (size_t)i * columns);
      factors(&here, row_state + (size_t)i * rows, column_state + (size_t)i * columns);
    }
    update_squares += measured(&here);
  }
  double rate = step_rate(options, sqrt(parameter_squares / (double)total));
  double size = sqrt(update_squares / (double)total);
  here.scale = call->scale * rate / fmax(1.0, size / options->clip_threshold);
  here.decay = options->weight_decay * rate;
  for (int64_t i = 0; i < matrices; i++) {
    here.gradient = call->gradient + (size_t)i * matrix;
    here.parameter = call->parameter + (size_t)i * matrix;
    if (call->momentum != NULL) here.momentum = call->momentum + (size_t)i * matrix;
    if (call->state == NULL) factors(&here, row_state + (size_t)i * rows, column_state + (size_t)i * columns);
    ds_parallel_for(piece_count(&here), 1, move, &here);
  }
}

ds_status ds_adafactor(ds_dtype dtype, int64_t matrices, int64_t rows, int64_t columns, void *parameter,
                       const void *gradient, void *row_state, void *column_state, void *momentum,
                       const ds_adafactor_options *options) {
  adafactor_call call = {.loops = optimizer_loops_for(dtype), .options = options};
  if (call.loops == NULL) return DS_UNSUPPORTED_DTYPE;
  if (matrices < 0 || rows < 0 || columns < 0 || options->step < 1) return DS_INVALID_SHAPE;
  int64_t matrix, total;
  if (__builtin_mul_overflow(rows, columns, &matrix) || __builtin_mul_overflow(matrix, matrices, &total)) {
    return DS_INVALID_SHAPE;
  }
  if (total == 0) return DS_OK;
  call.bytes = dtype == DS_FLOAT64 ? 8 : 4;
  call.parameter = parameter;
  call.gradient = gradient;
  call.momentum = momentum;
  call.scale = options->gradient_scale;
  call.beta2 = 1.0 - pow((double)options->step, options->decay_rate);
  bool factored = column_state != NULL;
  if (factored) {
    call.count = matrix;
    call.lines = rows;
    call.width = columns;
    call.piece_lines = (rows + MAX_PIECES - 1) / MAX_PIECES;
    // Small matrices stay on few threads.
    int64_t least = OPTIMIZER_GRAIN / columns + 1;
    if (call.piece_lines < least) call.piece_lines = least;
  } else {
    call.count = total;
    call.width = OPTIMIZER_GRAIN;
    call.lines = total / OPTIMIZER_GRAIN + (total % OPTIMIZER_GRAIN != 0);
    call.piece_lines = 1;
    call.state = row_state;
  }
  int64_t doubles = call.lines + (factored ? (piece_count(&call) + 1) * call.width : 0);
  if ((uint64_t)doubles > SIZE_MAX / sizeof(double)) return DS_OUT_OF_MEMORY;
  double *memory = malloc((size_t)doubles * sizeof(double));
  if (memory == NULL) return DS_OUT_OF_MEMORY;
  call.line_sums = memory;
  if (factored) {
    call.column_factors = memory + call.lines;
    call.column_sums = memory + call.lines + call.width;
  }
  step(&call, factored ? matrices : 1, row_state, column_state);
  free(memory);
  return DS_OK;
}
