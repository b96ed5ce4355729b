// A classifier of handwritten digits, as it was written for 1.x: a model by Keras's names, and a graph by TensorFlow's.
import DeepSeek
import DeepSeekCompatibility
import Foundation

/// Points on two arcs, and which arc each is on. The name ds.load_data in a comment stays.
func arcs(count: Int) -> (x: Tensor, y: Tensor) {
  let turns = tf.random_uniform([count, 1], minval: 0, maxval: 3.1415927)
  let upper = tf.random_uniform([count, 1]).greater(than: 0.5).cast(to: tf.float32)
  let sign = upper * 2 - 1
  let x = Tensor.concatenate([tf.cos(turns) * sign, tf.sin(turns) * sign - upper * 0.5], axis: 1)
  return (x, tf.squeeze(upper, axis: 1).cast(to: tf.int64))
}

/// A small convolutional network.
func convolutional() -> keras.models.Sequential {
  keras.models.Sequential([
    keras.layers.Conv2D(filters: 8, kernel_size: 3, activation: .relu, use_bias: true),  // 8 × 26 × 26
    keras.layers.MaxPooling2D(pool_size: 2),
    keras.layers.Flatten(),
    keras.layers.Dense(
      units: 10,
      activation: .softmax),
  ])
}

/// Least squares, declared as a graph and run in a session.
func leastSquares() throws -> Tensor {
  let graph = tf.Graph()
  return try graph.building {
    let (x, target) = (graph.placeholder("x", [nil, 3]), graph.placeholder("target", [nil, 1]))
    let weight = graph.variable("weight", tf.zeros([3, 1]))
    let loss = tf.name_scope("loss") {
      tf.reduce_mean(
        tf.square(tf.matmul(x, weight.tensor) - target),  // the squares' mean
        axis: 0)
    }
    let train = Optimizer([weight.parameter], keras.optimizers.SGD(lr: 0.1)).minimize(tf.reduce_sum(loss))
    let session = tf.Session(graph: graph)
    let points = tf.random_normal([64, 3], stddev: 1)
    let sums = tf.matmul(points, Tensor([[1], [2], [3]], dtype: .float32))
    for _ in 0..<100 { _ = try session.run([loss], updating: [train], feed_dict: [x: points, target: sums]) }
    return weight.value
  }
}

let data = arcs(count: 256)
let model = keras.Sequential([
  keras.layers.Dense(units: 16, activation: .tanh), ds.layers.Dense(2, activation: .softmax),
])
model.compile(optimizer: .adam(learningRate: 0.05), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
do {
  let stop = keras.callbacks.EarlyStopping(monitor: "loss", patience: 5, min_delta: 0.001)
  try model.fit(data.x, data.y, batch_size: 32, nb_epoch: 20, callbacks: [stop], verbose: false)
  let classes = tf.argmax(try model.predict(data.x, batch_size: 64), dimension: 1)
  print("arcs:", tf.reduce_mean(classes.equal(to: data.y).cast(to: tf.float32)), try leastSquares().shape)
  print("convolutional:", convolutional()(tf.zeros([1, 1, 28, 28])).shape)
} catch {
  fatalError("tf.float32 in a string stays: \(error), \(tf.float32)")
}
