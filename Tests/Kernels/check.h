// The smallest harness for C kernel tests: count what was checked, print what failed, return an exit status.
#ifndef DEEPSEEK_CHECK_H
#define DEEPSEEK_CHECK_H

#include <math.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

// Built to run under an emulator, some thirty times slower: the tests that take longest then take fewer samples.
#if !defined(CHECK_EMULATED)
#define CHECK_EMULATED 0
#endif

// A broken kernel fails in every element: past this many lines the rest is counted, not printed.
enum { CHECK_LINES = 20 };

static atomic_long check_count;
static atomic_long check_failures;

__attribute__((format(printf, 3, 4), unused)) static void check_fail(const char *file, int line, const char *format,
                                                                      ...) {
  if (atomic_fetch_add(&check_failures, 1) >= CHECK_LINES) return;
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "%s:%d: ", file, line);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
}

// Whether `actual` is within absolute + relative * |expected| of `expected`; NaN matches NaN, and an infinity itself.
__attribute__((unused)) static int check_is_close(double actual, double expected, double absolute, double relative) {
  if (isnan(actual) || isnan(expected)) return isnan(actual) && isnan(expected);
  if (isinf(actual) || isinf(expected)) return actual == expected;
  return fabs(actual - expected) <= absolute + relative * fabs(expected);
}

// CHECK(condition, format, …): counts; when the condition fails, prints the formatted case.
#define CHECK(condition, ...)                                             \
  do {                                                                    \
    atomic_fetch_add_explicit(&check_count, 1, memory_order_relaxed);     \
    if (!(condition)) check_fail(__FILE__, __LINE__, __VA_ARGS__);        \
  } while (0)

// CHECK_CLOSE(actual, expected, absolute, relative, format, …): the two numbers are printed too. The format is a
// string literal.
#define CHECK_CLOSE(actual, expected, absolute, relative, format, ...)                                      \
  do {                                                                                                      \
    double check_actual = (actual), check_expected = (expected);                                            \
    atomic_fetch_add_explicit(&check_count, 1, memory_order_relaxed);                                       \
    if (!check_is_close(check_actual, check_expected, (absolute), (relative)))                              \
      check_fail(__FILE__, __LINE__, "%.9g, expected %.9g: " format, check_actual, check_expected __VA_OPT__(, ) \
                                                                         __VA_ARGS__);                      \
  } while (0)

// Prints the counts; the exit status of main. A program that checked nothing has failed.
__attribute__((unused)) static int check_summary(void) {
  long failures = atomic_load(&check_failures), count = atomic_load(&check_count);
  if (failures > CHECK_LINES) fprintf(stderr, "… and %ld failures more\n", failures - CHECK_LINES);
  printf("%ld checks, %ld failures\n", count, failures);
  return failures == 0 && count > 0 ? 0 : 1;
}

#endif
