import DeepSeek
import DeepSeekCompatibility

// Old names that need no more than their fix-its: types and properties, functions with other names, with other labels, with labels
// where there were none, functions that are methods today, and initializers.
keras.backend.clear_session()
let first = keras.initializers.glorot_uniform()
let classifier = ds.Sequential([
  ds.layers.MaxPool2D(2), ds.layers.GlobalAvgPool2D(), ds.layers.Dense(4, kernelInitializer: first),
])
let x = tf.ones([2, 3])
let y = tf.zeros([2, 3], .float32)
print(x.shape, y.shape, try classifier.predict(tf.ones([1, 3, 4, 4])).shape)

let noise = tf.random_normal([2, 3], stddev: 0.5)
let table = ds.layers.Embedding(input_dim: 9, output_dim: 4)
let pooling = ds.layers.MaxPooling2D(poolSize: 2)
let recurrent = ds.layers.LSTM(units: 4, returnSequences: true)
let joined = tf.concat([x, y, noise], 1)
let steps = tf.linspace(0, 1, 5)
let none = tf.zeros_like(steps)
print(noise.shape, table(Tensor([1, 2])).shape, joined.shape, none.shape)
print(pooling(tf.ones([1, 1, 4, 4])).shape, recurrent(tf.ones([1, 2, 3])).shape)

let total = tf.reduce_sum(x)
let logits = tf.nn.relu(x)
let classes = tf.argmax(x, 1)
let shares = tf.nn.softmax(x, axis: 1)
let form = tf.reshape(x, [3, 2])
let whole = tf.cast(x, .int32)
let bounded = tf.clip_by_value(x, 0.0, 0.5)
let isLess = tf.less_equal(x, y)
let product = tf.matmul(x, form)
print(total.shape, logits.shape, classes.shape, shares.shape, whole.dtype, bounded.shape, isLess.dtype, product.shape)

let inputs = tf.random_normal([8, 3])
let targets = tf.random_normal([8, 1])
let model = ds.Sequential([ds.layers.Dense(1)])
model.compile(optimizer: .adam(), loss: .meanSquaredError)
try model.fit(inputs, targets, batch_size: 4, nb_epoch: 1)
print(try model.predict_proba(inputs, batch_size: 4).shape)

let weight = StaticGraph.current.variable("weight", Tensor([1.0, 2.0]))
let moved = tf.assign_add(weight, Tensor([1.0, 1.0]))
let session = Session(graph: StaticGraph.current)
let fed = StaticGraph.current.placeholder("fed", [nil])
let doubled = ds.name_scope("twice") { fed * 2 }
try session.run(moved, feed_dict: [:])
print(try session.run(doubled, feed_dict: [fed: Tensor([1.0])]).shape, weight.value.shape)
