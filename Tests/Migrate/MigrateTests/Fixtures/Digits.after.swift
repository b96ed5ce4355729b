// A classifier of handwritten digits, as it was written for 1.x: a model by Keras's names, and a graph by TensorFlow's.
import DeepSeek
import DeepSeekCompatibility
import Foundation

/// Points on two arcs, and which arc each is on. The name ds.load_data in a comment stays.
func arcs(count: Int) -> (x: Tensor, y: Tensor) {
  let turns = Tensor.randomUniform([count, 1], 0, 3.1415927)
  let upper = Tensor.randomUniform([count, 1]).greater(than: 0.5).cast(to: DType.float32)
  let sign = upper * 2 - 1
  let x = Tensor.concatenate([turns.cos() * sign, turns.sin() * sign - upper * 0.5], axis: 1)
  return (x, upper.squeezed(1).cast(to: DType.int64))
}

/// A small convolutional network.
func convolutional() -> ds.Sequential {
  ds.Sequential([
    ds.layers.Conv2D(8, 3, activation: .relu, useBias: true),  // 8 × 26 × 26
    ds.layers.MaxPooling2D(2),
    ds.layers.Flatten(),
    ds.layers.Dense(
      10,
      activation: .softmax),
  ])
}

/// Least squares, declared as a graph and run in a session.
func leastSquares() throws -> Tensor {
  let graph = StaticGraph()
  return try graph.building {
    let (x, target) = (graph.placeholder("x", [nil, 3]), graph.placeholder("target", [nil, 1]))
    let weight = graph.variable("weight", Tensor.zeros([3, 1]))
    let loss = ds.nameScope("loss") {
      (x.matmul(weight.tensor) - target).square().mean(  // the squares' mean
        axis: 0)
    }
    let train = Optimizer([weight.parameter], SGD(learningRate: 0.1)).minimize(loss.sum())
    let session = Session(graph)
    let points = Tensor.randomNormal([64, 3], standardDeviation: 1)
    let sums = points.matmul(Tensor([[1], [2], [3]], dtype: .float32))
    for _ in 0..<100 { _ = try session.run([loss], updating: [train], feeds: [x: points, target: sums]) }
    return weight.value
  }
}

let data = arcs(count: 256)
let model = ds.Sequential([
  ds.layers.Dense(16, activation: .tanh), ds.layers.Dense(2, activation: .softmax),
])
model.compile(optimizer: .adam(learningRate: 0.05), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
do {
  let stop = Keras.EarlyStopping(monitoring: "loss", patience: 5, minimumChange: 0.001)
  try model.fit(data.x, data.y, batchSize: 32, epochs: 20, callbacks: [stop], verbose: false)
  let classes = (try model.predict(data.x, batchSize: 64)).argmax(axis: 1)
  print("arcs:", classes.equal(to: data.y).cast(to: DType.float32).mean(), try leastSquares().shape)
  print("convolutional:", convolutional()(Tensor.zeros([1, 1, 28, 28])).shape)
} catch {
  fatalError("tf.float32 in a string stays: \(error), \(DType.float32)")
}
