"""Writes small Keras models with inputs and outputs.  Run: python make_keras_fixtures.py Fixtures/keras

Needs tensorflow-cpu 2.21 (Keras 3.15).  Each model is saved as .keras and as .h5; x and y are in NAME.npz.
"""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
from keras import layers

out = sys.argv[1]
keras.utils.set_random_seed(7)


def save(name, model, *inputs, legacy=True):
    random = np.random.default_rng(3)
    weights = [w + random.normal(0, 0.1, w.shape).astype(w.dtype) for w in model.get_weights()]
    # Variances are positive.
    weights = [np.abs(w) if v.path.endswith("variance") else w for v, w in zip(model.weights, weights)]
    model.set_weights(weights)
    path = os.path.join(out, name + ".keras")
    model.save(path)
    # As the file has it: `Normalization` reckons with its weights only when it is loaded.
    y = keras.models.load_model(path).predict(list(inputs) if len(inputs) > 1 else inputs[0], verbose=0)
    ys = y if isinstance(y, list) else [y]
    if legacy:
        model.save(os.path.join(out, name + ".h5"))
    np.savez(os.path.join(out, name + ".npz"), **{f"x{i}": x for i, x in enumerate(inputs)}, **{f"y{i}": v for i, v in enumerate(ys)})


rng = np.random.default_rng(1)
image = rng.normal(size=(2, 12, 10, 3)).astype("f4")
steps = rng.normal(size=(2, 6, 4)).astype("f4")

x = keras.Input((12, 10, 3))
a = layers.ZeroPadding2D(((1, 0), (2, 1)))(x)
a = layers.Conv2D(6, (3, 2), strides=2, padding="same", activation="relu", name="first")(a)
b = layers.SeparableConv2D(4, 3, padding="same", depth_multiplier=2, activation="elu")(a)
c = layers.DepthwiseConv2D(3, padding="same", activation="sigmoid")(a)
c = layers.Conv2D(4, 1, use_bias=False, groups=2)(c)
d = layers.Add()([b, c])
d = layers.BatchNormalization(scale=False)(d)
d = layers.LeakyReLU(negative_slope=0.1)(d)
e = layers.AveragePooling2D(2, padding="same")(d)
e = layers.UpSampling2D(2)(e)
e = layers.Cropping2D(((0, 1), (1, 0)))(e)
f = layers.Conv2DTranspose(3, 3, strides=2, padding="same", activation="gelu")(d)
g = layers.Conv2DTranspose(2, 2, strides=1, activation="softplus")(d)
h = layers.PReLU(shared_axes=[1, 2])(layers.Conv2D(2, 3, dilation_rate=2, padding="same")(x))
i = layers.UpSampling2D(2, interpolation="bilinear")(h)
pools = [layers.GlobalAveragePooling2D()(t) for t in (e, f, g, i)] + [layers.GlobalMaxPooling2D()(h), layers.Flatten()(layers.MaxPooling2D(3)(h))]
z = layers.Concatenate()(pools)
z = layers.LayerNormalization()(z)
z = layers.Dropout(0.3)(z)
save("branches", keras.Model(x, [layers.Dense(3, activation="softmax", name="p")(z), layers.Dense(2, activation="hard_sigmoid")(z)]), image)

x = keras.Input((6, 4))
a = layers.LSTM(3, return_sequences=True)(x)
a = layers.Bidirectional(layers.GRU(2, return_sequences=True))(a)
b = layers.GRU(3, use_bias=False)(a)
c = layers.LSTM(2, go_backwards=True)(a)
d = layers.Bidirectional(layers.LSTM(2))(a)
e = layers.TimeDistributed(layers.Dense(2, activation="tanh"))(a)
e = layers.Conv1D(3, 2, padding="causal", activation="swish")(e)
e = layers.MaxPooling1D(2)(layers.ZeroPadding1D(1)(e))
e = layers.GlobalAveragePooling1D()(layers.UpSampling1D(2)(e))
f = layers.Flatten()(layers.Permute((2, 1))(a))
f = layers.RepeatVector(2)(f)
f = layers.Reshape((-1, 4))(f)
f = layers.GlobalMaxPooling1D()(f)
save("steps", keras.Model(x, layers.Concatenate()([b, c, d, e, f])), steps)

inner = keras.Sequential([keras.Input((4,)), layers.Dense(5, activation="relu"), layers.BatchNormalization(), layers.Dense(4)], name="inner")
one, two = keras.Input((4,), name="one"), keras.Input((4,), name="two")
shared = layers.Dense(4, name="shared")
left, right = shared(inner(one)), shared(inner(two))
merged = [layers.Subtract()([left, right]), layers.Multiply()([left, right]), layers.Average()([left, right]), layers.Maximum()([left, right]), layers.Minimum()([left, one])]
flat = rng.normal(size=(3, 4)).astype("f4")
save("nested", keras.Model([one, two], layers.Dense(2)(layers.Concatenate()(merged))), flat, flat[::-1].copy())

x = keras.Input((6, 4))
outputs = []
for mode in ("sum", "mul", "ave"):
    a = layers.Bidirectional(layers.LSTM(3, return_sequences=True), merge_mode=mode)(x)
    outputs.append(layers.Bidirectional(layers.GRU(2), merge_mode=mode)(a))
save("directions", keras.Model(x, outputs), steps)

x = keras.Input((5, 6, 7, 2))
a = layers.Conv3D(4, (2, 3, 3), strides=(1, 2, 1), padding="same", activation="relu", groups=2)(x)
b = layers.MaxPooling3D(2)(a)
c = layers.AveragePooling3D((2, 1, 2), strides=1, padding="same")(a)
d = layers.Conv3D(3, 1, use_bias=False, name="mixed")(c)
pools = [layers.GlobalMaxPooling3D()(b), layers.GlobalAveragePooling3D()(d), layers.Flatten()(b)]
save("volumes", keras.Model(x, layers.Dense(2)(layers.Concatenate()(pools))), rng.normal(size=(2, 5, 6, 7, 2)).astype("f4"))

tokens = np.array([[3, 1, 4, 0, 0, 0], [0, 2, 0, 5, 6, 1]], "i4")
padded = steps * (tokens[:, :, None] != 0)

# Masks: of indices and of values, through layers that pass them on.
x, v = keras.Input((6,), dtype="int32"), keras.Input((6, 4))
a = layers.Embedding(7, 4, mask_zero=True)(x)
a = layers.Dropout(0.1)(layers.Dense(4, activation="tanh")(a))
b = layers.LSTM(3, return_sequences=True)(a)
c = layers.GRU(3)(b)
d = layers.Bidirectional(layers.LSTM(2, return_sequences=True))(b)
e = layers.GlobalAveragePooling1D()(layers.TimeDistributed(layers.Dense(2))(d))
m = layers.Masking()(v)
f = layers.SimpleRNN(3, go_backwards=True)(layers.LayerNormalization()(m))
g = layers.GRU(2, return_sequences=True, zero_output_for_mask=True)(m)
h = layers.LSTM(2)(layers.Concatenate()([m, a]))
i = layers.GlobalAveragePooling1D()(layers.Add()([m, a]))
save("masks", keras.Model([x, v], [c, e, f, g, h, i]), tokens, padded)

# States that one layer ends with and another begins with.
x, v = keras.Input((6, 4)), keras.Input((3, 4))
_, h, c = layers.LSTM(3, return_state=True)(x)
a = layers.LSTM(3, return_sequences=True)(v, initial_state=[h, c])
b, s = layers.GRU(3, return_sequences=True, return_state=True)(v, initial_state=h)
both, *four = layers.Bidirectional(layers.LSTM(2, return_state=True))(x)
p, q = layers.Bidirectional(layers.GRU(2, return_sequences=True), merge_mode=None)(x)
save("states", keras.Model([x, v], [a, b, s, both, *four, p, q]), steps, steps[:, :3].copy())

# Other cells, activations and biases.
x = keras.Input((6, 4))
cells = [
    layers.GRU(3, reset_after=False), layers.GRU(3, reset_after=False, use_bias=False, activation="relu"),
    layers.LSTM(3, recurrent_activation="hard_sigmoid"), layers.LSTM(3, activation="softsign", recurrent_dropout=0.2),
    layers.SimpleRNN(3, activation="relu"), layers.SimpleRNN(3, activation="sigmoid"), layers.RNN(layers.LSTMCell(3)),
    layers.RNN(layers.GRUCell(2), return_sequences=True), layers.Bidirectional(layers.SimpleRNN(2, return_sequences=True)),
    layers.Bidirectional(layers.GRU(2, reset_after=False)),
]
save("cells", keras.Model(x, [cell(x) for cell in cells]), steps)

# Attention, with masks and without.
x, w = keras.Input((6,), dtype="int32"), keras.Input((3, 5))
# Keras takes the masks off what these are called with, so that each has an embedding of its own.
a, own, other = [layers.Embedding(7, 4, mask_zero=True)(x) for _ in range(3)]
b = layers.MultiHeadAttention(2, 3)(own, own)
c = layers.MultiHeadAttention(2, 3, value_dim=5, output_shape=6)(w, other)
d, s = layers.MultiHeadAttention(3, 2, use_bias=False)(w, w, return_attention_scores=True, use_causal_mask=True)
e = layers.Attention()([layers.Dense(4)(w), a])
f = layers.Attention(use_scale=True)([w, layers.Dense(3)(w), layers.Dense(5)(w)], use_causal_mask=True)
g = layers.AdditiveAttention()([layers.Dense(4)(w), a])
h = layers.Attention(score_mode="concat")([a, a])
save("attention", keras.Model([x, w], [b, c, d, s, e, f, g, h]), tokens, steps[:, :3, :1] + np.arange(5, dtype="f4") / 4)

# What else users meet: sequences, normalization, sizes, operations between layers.
x, y = keras.Input((8, 4)), keras.Input((7, 6, 4))
norm = layers.Normalization()
norm.adapt(rng.normal(1, 2, size=(20, 4)).astype("f4"))
a = norm(x)
b = layers.SeparableConv1D(6, 3, padding="same", depth_multiplier=2, activation="relu")(a)
c = layers.DepthwiseConv1D(3, padding="same", dilation_rate=2)(a)
d = layers.Conv1DTranspose(3, 3, strides=2, padding="same")(a)
e = layers.Cropping1D((1, 2))(layers.AlphaDropout(0.1)(layers.GaussianDropout(0.2)(b)))
f = layers.GroupNormalization(2)(y)
g = layers.RMSNormalization()(layers.UnitNormalization()(y))
h = layers.CenterCrop(4, 3)(layers.RandomFlip()(f))
i = layers.Resizing(5, 9)(g)
j = layers.Resizing(4, 13, interpolation="nearest")(y)
k = layers.Dot(axes=(2, 1))([c, layers.Permute((2, 1))(c)])
l = layers.Dot(axes=1, normalize=True)([layers.GlobalMaxPooling1D()(b), layers.GlobalAveragePooling1D()(b)])
o = keras.ops.exp(-(a * 2 - c) / 3) + 1 - keras.ops.mean(a, axis=-1, keepdims=True)
p = layers.Softmax()(layers.Identity()(o))
save("more", keras.Model([x, y], [d, e, h, i, j, k, l, p]), rng.normal(size=(2, 8, 4)).astype("f4"), rng.normal(size=(2, 7, 6, 4)).astype("f4"))

x = keras.Input((5, 6, 7, 2))
a = layers.ZeroPadding3D(((1, 0), (0, 2), (1, 1)))(x)
a = layers.Cropping3D(((0, 1), (1, 1), (2, 0)))(a)
save("borders", keras.Model(x, layers.UpSampling3D((2, 1, 1))(layers.SpatialDropout3D(0.1)(a))), rng.normal(size=(1, 5, 6, 7, 2)).astype("f4"))

# A model of several outputs within a model.
x = keras.Input((4,))
inner = keras.Model(x, [layers.Dense(3, name="one")(x), layers.Dense(2, name="two")(x)], name="pair")
x = keras.Input((4,))
u, v = inner(x)
save("several", keras.Model(x, layers.Concatenate()([v, u])), flat)

# Cells on top of each other, and convolutions that remember.
x, v = keras.Input((5, 4)), keras.Input((4, 6, 5, 2))
stack = layers.RNN([layers.LSTMCell(3), layers.GRUCell(2), layers.LSTMCell(4)], go_backwards=True)
m = layers.Masking()(x)
pile = layers.RNN(layers.StackedRNNCells([layers.SimpleRNNCell(3, use_bias=False), layers.GRUCell(2)]), return_sequences=True, go_backwards=True)
a, b = stack(x), pile(m)
c = layers.ConvLSTM2D(3, (3, 2), padding="same", return_sequences=True)(v)
d = layers.ConvLSTM2D(2, 2, strides=(2, 1), go_backwards=True, recurrent_activation="hard_sigmoid", use_bias=False)(v)
e, h, s = layers.ConvLSTM1D(2, 3, dilation_rate=2, return_state=True)(layers.Reshape((4, 30, 2))(v))
f = layers.Conv3DTranspose(3, (2, 3, 2), strides=(1, 2, 2), padding="same", activation="relu")(v)
g = layers.Conv3DTranspose(2, 2, strides=(2, 1, 3), use_bias=False)(v)
short = (steps * (np.arange(6) < 4)[:, None])[:, 1:].astype("f4")
film = rng.normal(size=(2, 4, 6, 5, 2)).astype("f4")
save("stacks", keras.Model([x, v], [a, b, c, d, e, h, s, f, g]), short, film)

# Sums of products by equations, and heads of keys that several heads of queries share.
a = layers.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), bias_axes="de", activation="tanh")(x)
b = layers.EinsumDense("...x,xy->...y", output_shape=6, bias_axes="y")(v)
c = layers.EinsumDense("abc,bcd->abd", output_shape=(5, 3), bias_axes="b")(x)
d = layers.EinsumDense("ab...,bc->ac...", output_shape=3, bias_axes="c")(x)
e = layers.GroupQueryAttention(3, 4, 2)(x, x, use_causal_mask=True)
f, g = layers.GroupQueryAttention(2, 6, 3, use_bias=False)(layers.Dense(4)(x), x, return_attention_scores=True)
save("sums", keras.Model([x, v], [a, b, c, d, e, f, g]), short, film)

model = keras.Sequential([keras.Input((3,)), layers.Lambda(lambda x: x * 2), layers.Dense(1)])
model.save(os.path.join(out, "lambda.keras"))
