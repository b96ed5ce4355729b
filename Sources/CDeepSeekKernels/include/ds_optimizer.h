// Optimizer steps, in place and fused: each reads and writes every buffer once (twice where a step needs norms of the
// whole update first), so that a step costs memory bandwidth and nothing else.
//
// Buffers are contiguous, `count` elements of float32 or float64 (`dtype`; others: DS_UNSUPPORTED_DTYPE), and don't
// overlap. A negative count: DS_INVALID_SHAPE. Every step takes gradient * gradient_scale for the gradient, so that
// clipping and loss scaling cost no pass of their own; pass 1 for neither. Results are the same for every thread count.
// States begin as zeros. Where PyTorch has the optimizer, the arithmetic is PyTorch's.
#ifndef DS_OPTIMIZER_H
#define DS_OPTIMIZER_H

#include "ds_common.h"

#ifdef __cplusplus
extern "C" {
#endif

// Stochastic gradient descent with momentum (Sutskever et al., "On the importance of initialization and momentum in deep
// learning", ICML 2013).
typedef struct ds_sgd_options {
  double learning_rate, momentum, dampening, weight_decay, gradient_scale;
  bool nesterov;
  bool first_step;  // the momentum buffer starts as the gradient, without dampening
} ds_sgd_options;

// `velocity`: the momentum buffer; NULL when momentum is zero, else DS_INVALID_SHAPE.
ds_status ds_sgd(ds_dtype dtype, int64_t count, void *parameter, const void *gradient, void *velocity,
                 const ds_sgd_options *options);

// Adam (Kingma, Ba, ICLR 2015); AdamW with `decoupled` (Loshchilov, Hutter, ICLR 2019).
typedef struct ds_adam_options {
  double learning_rate, beta1, beta2, epsilon, weight_decay, gradient_scale;
  double correction1, correction2;  // 1 - beta1^t and 1 - beta2^t, for the step t = 1, 2, ...
  bool decoupled;                   // weight decay acts on the parameter, not through the gradient
} ds_adam_options;

// `largest`: the running maximum of second moments, for AMSGrad (Reddi et al., ICLR 2018); else NULL.
ds_status ds_adam(ds_dtype dtype, int64_t count, void *parameter, const void *gradient, void *first, void *second,
                  void *largest, const ds_adam_options *options);

// RMSprop (Tieleman, Hinton, 2012); centered as in Graves, "Generating sequences with recurrent neural networks", 2013.
typedef struct ds_rmsprop_options {
  double learning_rate, alpha, epsilon, momentum, weight_decay, gradient_scale;
} ds_rmsprop_options;

// `average`: the gradient's running mean, when centered, else NULL. `velocity`: NULL when momentum is zero.
ds_status ds_rmsprop(ds_dtype dtype, int64_t count, void *parameter, const void *gradient, void *square, void *average,
                     void *velocity, const ds_rmsprop_options *options);

// Adagrad (Duchi, Hazan, Singer, JMLR 2011). PyTorch's decay: learning_rate = lr / (1 + (t - 1) decay).
typedef struct ds_adagrad_options {
  double learning_rate, epsilon, weight_decay, gradient_scale;
} ds_adagrad_options;

ds_status ds_adagrad(ds_dtype dtype, int64_t count, void *parameter, const void *gradient, void *sum,
                     const ds_adagrad_options *options);

// Lion (Chen et al., "Symbolic discovery of optimization algorithms", 2023), with decoupled weight decay.
typedef struct ds_lion_options {
  double learning_rate, beta1, beta2, weight_decay, gradient_scale;
} ds_lion_options;

ds_status ds_lion(ds_dtype dtype, int64_t count, void *parameter, const void *gradient, void *momentum,
                  const ds_lion_options *options);

// LAMB (You et al., "Large batch optimization for deep learning: training BERT in 76 minutes", ICLR 2020): Adam's
// direction plus decay, scaled by |parameter| / |direction| (by 1 where either is zero). One call is one layer.
typedef struct ds_lamb_options {
  double learning_rate, beta1, beta2, epsilon, weight_decay, gradient_scale;
  double correction1, correction2;  // as for Adam; 1 for LAMB without bias correction
} ds_lamb_options;

ds_status ds_lamb(ds_dtype dtype, int64_t count, void *parameter, const void *gradient, void *first, void *second,
                  const ds_lamb_options *options);

// LARS (You, Gitman, Ginsburg, "Large batch training of convolutional networks", 2017): with the local rate
// trust |parameter| / (|gradient| + weight_decay |parameter| + epsilon), or 1 where either norm is zero,
// velocity = momentum velocity + learning_rate local (gradient + weight_decay parameter); parameter -= velocity.
typedef struct ds_lars_options {
  double learning_rate, momentum, weight_decay, trust, epsilon, gradient_scale;
} ds_lars_options;

ds_status ds_lars(ds_dtype dtype, int64_t count, void *parameter, const void *gradient, void *velocity,
                  const ds_lars_options *options);

// Adafactor (Shazeer, Stern, ICML 2018), with the defaults and order of operations that are common for T5.
typedef struct ds_adafactor_options {
  double learning_rate;      // without relative_step
  double epsilon1;           // added to squared gradients: 1e-30
  double epsilon2;           // the least parameter scale: 1e-3
  double clip_threshold;     // of the update's root mean square: 1
  double decay_rate;         // second moments decay by 1 - step^decay_rate: -0.8
  double beta1;              // of the optional momentum
  double weight_decay, gradient_scale;
  int64_t step;              // 1, 2, ...
  bool relative_step;        // the rate is min(1e-2, 1 / sqrt(step)), or with warmup min(1e-6 step, 1 / sqrt(step))
  bool warmup;
  bool scale_parameter;      // the rate is multiplied by max(epsilon2, root mean square of the parameter)
} ds_adafactor_options;

// Of a parameter [matrices, rows, columns]: second moments factored into row_state [matrices, rows] and column_state
// [matrices, columns]. With column_state NULL the moments are not factored, and row_state has the parameter's shape (for
// vectors). `momentum` has the parameter's shape, or is NULL.
ds_status ds_adafactor(ds_dtype dtype, int64_t matrices, int64_t rows, int64_t columns, void *parameter,
                       const void *gradient, void *row_state, void *column_state, void *momentum,
                       const ds_adafactor_options *options);

// The sum of squares of a buffer, in double, and whether all of its elements are finite (`finite` may be NULL). What
// clipping by the global norm needs: scale = min(1, limit / sqrt(total)), passed on as gradient_scale.
ds_status ds_gradient_squares(ds_dtype dtype, int64_t count, const void *x, double *sum, bool *finite);

#ifdef __cplusplus
}
#endif
#endif
