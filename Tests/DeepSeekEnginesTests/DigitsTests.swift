import DeepSeekCheckpoints
import DeepSeekDynamic
import DeepSeekEngines
import DeepSeekGraph
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor
import Foundation
import OperatorSamples
import TestSupport
import Testing

@Suite("Digits", .serialized)
struct DigitsTests {
  @Test(
    "a Sequential classifier, built, fitted, saved and restored in a new process, is right about 97 % of a held-out fifth",
    arguments: ["native"] + TestedEngine.present.map(\.testDescription))
  func digits(_ name: String) async throws {
    let backend = Digits.backend(name)
    let digits = try Digits()
    let model = RandomGenerator.withSeed(1) { Digits.classifier(backend) }
    try model.fit(digits.images, digits.labels, epochs: 40, seed: 3)
    let scores = try model.evaluate(digits.heldOutImages, digits.heldOutLabels, batchSize: 128)
    #expect(scores["accuracy"]! >= 0.97, "\(backend.name): \(scores)")

    let folder = try TemporaryFolder()
    try Saver(folder.path).save(model, model.optimizer, step: model.optimizer!.stepCount)
    let path = folder.path
    await #expect(processExitsWith: .success) { [name = name as String, path = path as String] in
      try Digits.predict(backend: name, path)
    }
    let (own, restored) = (try model.predict(digits.heldOutImages), try Npy.load(Digits.predictions(path)))
    #expect(sameBits(restored, own), "what was restored predicts what was saved")
    let native = RandomGenerator.withSeed(5) { Digits.classifier(.native) }
    native.build(inputShape: [64])
    try Saver(path).restoreLatest(into: native, native.optimizer)
    #expect(native.optimizer?.stepCount == model.optimizer?.stepCount)
    let ours = try native.predict(digits.heldOutImages)
    #expect(Comparison.problem(own, ours, tolerance: 1e-5) == nil, "\(backend.name) predicts what the native one does")
  }
}

/// scikit-learn's digits, 1,797 images of 8 by 8 points from 0 to 16: those to learn from, and the fifth held out.
private struct Digits {
  let images: Tensor
  let labels: Tensor
  let heldOutImages: Tensor
  let heldOutLabels: Tensor

  /// In an order that is the same in all processes.
  init() throws {
    let images = try Npy.load(Digits.fixture("digits_images.npy")).converted(to: .float32) / 16
    let labels = try Npy.load(Digits.fixture("digits_labels.npy")).converted(to: .int64)
    let count = images.shape[0]
    let order = RandomGenerator.withSeed(0) { Tensor.randomPermutation(count) }
    let (x, y) = (images.indexSelect(axis: 0, order), labels.indexSelect(axis: 0, order))
    let (first, second) = (0..<count * 4 / 5, count * 4 / 5..<count)
    (self.images, self.labels) = (x.sliced(0, first), y.sliced(0, first))
    (heldOutImages, heldOutLabels) = (x.sliced(0, second), y.sliced(0, second))
  }

  private static func fixture(_ name: String) -> String {
    Bundle.module.resourceURL!.appendingPathComponent("Fixtures").appendingPathComponent(name).path
  }

  static func backend(_ name: String) -> Backend {
    TestedEngine.all.first { $0.testDescription == name }?.backend ?? .native
  }

  static func classifier(_ backend: Backend) -> Keras.Model {
    let model = Keras.Sequential([
      Keras.Layers.Dense(128, activation: .relu), Keras.Layers.Dropout(0.3),
      Keras.Layers.Dense(10, activation: .softmax),
    ])
    var options = Keras.CompileOptions()
    options.backend = backend
    model.compile(
      optimizer: .adam(learningRate: 3e-3), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy],
      options: options)
    return model
  }

  static func predictions(_ folder: String) -> String { folder + "/predictions.npy" }

  /// In another process: restores the model of a folder and writes there what it predicts.
  static func predict(backend name: String, _ folder: String) throws {
    let model = classifier(backend(name))
    model.build(inputShape: [64])
    let state = try #require(try Saver(folder).restoreLatest(into: model, model.optimizer))
    guard state.step > 0 else { fatalError("no step was saved") }
    try Npy.save(try model.predict(Digits().heldOutImages), to: predictions(folder))
  }
}
