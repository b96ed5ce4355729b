// The pointwise parts of LSTM and GRU cells and their gradients, each in one pass; the matrix products around them are
// ds_gemm's. For float32, float64, float16 and bfloat16 (halves are computed in float32).
//
// Views have rank 2, [batch, width], and elements of a row lie next to each other; rows may be any distance apart, in
// outputs too, so that a step can read and write its slice of a whole sequence. An output may be the same memory as an
// input of the same shape and row distance, and else overlaps nothing.
#ifndef DS_RECURRENT_H
#define DS_RECURRENT_H

#include "ds_common.h"

#ifdef __cplusplus
extern "C" {
#endif

// One LSTM step (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000). gates_x [batch, 4H] and
// gates_h [batch, 4H] (NULL: none) are the products of input and hidden state with their weights, biases in one or both,
// in the order input, forget, cell, output. With i, f, o the sigmoids and g the tanh of their sums:
// c = f * c_previous + i * g, h = o * tanh(c). saved [batch, 4H] (NULL: none) receives i, f, g, o for the gradient.
ds_status ds_lstm_cell(const ds_view *gates_x, const ds_view *gates_h, const ds_view *c_previous, const ds_view *h,
                       const ds_view *c, const ds_view *saved);

// Its gradient: from dh [batch, H] and dc [batch, H] (NULL: zero) to dgates [batch, 4H], that of both gates_x and gates_h,
// and dc_previous [batch, H].
ds_status ds_lstm_cell_backward(const ds_view *saved, const ds_view *c_previous, const ds_view *c, const ds_view *dh,
                                const ds_view *dc, const ds_view *dgates, const ds_view *dc_previous);

// One GRU step (Cho et al. 2014, in the form that applies the reset gate after the product, as PyTorch and cuDNN do).
// gates_x and gates_h [batch, 3H], each with its bias, in the order reset, update, new. With r and z the sigmoids of the
// first two sums and n = tanh(gates_x.new + r * gates_h.new): h = (1 - z) * n + z * h_previous. saved [batch, 4H] (NULL:
// none) receives r, z, n and gates_h.new for the gradient.
ds_status ds_gru_cell(const ds_view *gates_x, const ds_view *gates_h, const ds_view *h_previous, const ds_view *h,
                      const ds_view *saved);

// Its gradient: from dh [batch, H] to dgates_x and dgates_h [batch, 3H], and dh_previous [batch, H], which lacks what
// comes through the product with the hidden state's weight.
ds_status ds_gru_cell_backward(const ds_view *saved, const ds_view *h_previous, const ds_view *dh,
                               const ds_view *dgates_x, const ds_view *dgates_h, const ds_view *dh_previous);

#ifdef __cplusplus
}
#endif
#endif
