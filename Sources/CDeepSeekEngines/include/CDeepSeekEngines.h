// Shapes of data in the C interfaces of other engines, declared by what their documentation says of them. The functions
// themselves are looked up when the program runs.
#ifndef CDEEPSEEK_ENGINES_H
#define CDEEPSEEK_ENGINES_H

#include <stdint.h>

// TensorFlow's TF_Output: one output of an operation. Its functions take it by value.
typedef struct dse_tf_output {
  void *operation;
  int32_t index;
} dse_tf_output;

#endif
