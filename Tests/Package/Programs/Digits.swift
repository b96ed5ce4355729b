// A digit classifier in 1.x style, in two processes: `Digits train FIXTURES FOLDER` fits and saves it, `Digits predict FIXTURES
// FOLDER` restores it. Both print the classes of a held-out fifth; the first fails under 97 %.
import DeepSeek
import Foundation

/// The examples in an order that is the same in both processes: those to learn from, and those held out.
func examples(_ fixtures: String) throws -> (x: Tensor, y: Tensor, heldOutX: Tensor, heldOutY: Tensor) {
  let images = try Npy.load(fixtures + "/digits_images.npy").converted(to: .float32) / 16
  let labels = try Npy.load(fixtures + "/digits_labels.npy").converted(to: .int64)
  let count = images.shape[0]
  let order = RandomGenerator.withSeed(0) { Tensor.randomPermutation(count) }
  let (x, y) = (images.indexSelect(axis: 0, order), labels.indexSelect(axis: 0, order))
  let (first, second) = (0..<count * 4 / 5, count * 4 / 5..<count)
  return (x.sliced(0, first), y.sliced(0, first), x.sliced(0, second), y.sliced(0, second))
}

func classifier() -> Keras.Model {
  let model = ds.Sequential([
    ds.layers.Dense(128, activation: .relu), ds.layers.Dropout(0.3), ds.layers.Dense(10, activation: .softmax),
  ])
  model.compile(optimizer: .adam(learningRate: 3e-3), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
  return model
}

let arguments = CommandLine.arguments
guard arguments.count == 4 else { fatalError("Digits train|predict FIXTURES FOLDER") }
do {
  let data = try examples(arguments[2])
  let saver = ds.Saver(arguments[3], keeping: 1)
  let model = RandomGenerator.withSeed(1) { classifier() }
  if arguments[1] == "train" {
    try model.fit(data.x, data.y, epochs: 40, seed: 3)
    try saver.save(model, model.optimizer, step: model.optimizer?.stepCount ?? 0)
  } else {
    model.build(inputShape: [64])
    guard try saver.restoreLatest(into: model, model.optimizer) != nil else { fatalError("no checkpoint") }
  }
  let scores = try model.evaluate(data.heldOutX, data.heldOutY)
  guard scores["accuracy"]! >= 0.97 else { fatalError("accuracy \(scores)") }
  print(scores["accuracy"]!, try model.predict(data.heldOutX).argmax(axis: 1).array(of: Int.self))
} catch {
  fatalError("\(error)")
}
