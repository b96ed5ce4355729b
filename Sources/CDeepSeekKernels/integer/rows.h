// The integer product of one matrix pair, by instruction set. Private to the C target.
#ifndef DSV_INTEGER_ROWS_H
#define DSV_INTEGER_ROWS_H

#include <stdint.h>

// c [m, n] = a [m, k] b [k, n]; strides in elements. Rows of b and c have no gaps.
typedef struct ds_integer_rows {
  int64_t m, n, k;
  const void *a;
  int64_t a_row, a_column;
  const void *b;
  int64_t b_row;
  void *c;  // row stride n
} ds_integer_rows;

// By the number of bytes of an element: 1, 2, 4 and 8.
typedef struct ds_integer_table {
  void (*rows[4])(const ds_integer_rows *product);
} ds_integer_table;

extern const ds_integer_table ds_integer_portable, ds_integer_avx2, ds_integer_avx512, ds_integer_neon;

#endif
