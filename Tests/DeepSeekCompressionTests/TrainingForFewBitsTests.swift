import DeepSeekCheckpoints
import DeepSeekCompression
import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@Suite("Training for few bits")
struct TrainingForFewBitsTests {
  @Test("values and gradients of fake quantization are those of PyTorch's learned step size", arguments: [0, 2])
  func fakeQuantization(_ zero: Int) {
    let x = Tensor([-3.0, -0.74, -0.1, 0.26, 0.9, 2.6]).requiringGradient()
    let scale = Tensor([0.25]).requiringGradient()
    let zeroPoint = Tensor([Double(zero)]).requiringGradient()
    let y = x.fakeQuantized(scale: scale, zeroPoint: zeroPoint, -8, 7)
    let weights = Tensor([1.0, 2.0, 3.0, -1.0, 0.5, 4.0])
    let gradients = backward(from: [(y * weights).sum()], gradients: [Tensor(1.0)])
    let expected = zero == 0 ? [-2.0, -0.75, 0, 0.25, 1, 1.75] : [-2.5, -0.75, 0, 0.25, 1, 1.25]
    #expect(largestDifference(y, Tensor(expected)) < 1e-6)
    #expect(gradients[x]!.array(of: Double.self) == [0, 2, 3, -1, 0.5, 0])
    #expect(abs(gradients[scale]!.item(as: Double.self) - (zero == 0 ? 21.36 : 11.36)) < 1e-4)
    #expect(abs(gradients[zeroPoint]!.item(as: Double.self) + 1.25) < 1e-6)
  }

  @Test(
    "4-bit weights and 8- or 7-bit inputs, trained for, read digits as full precision does, within a point",
    arguments: [8, 7])
  func digits(bits: Int) throws {
    let digits = try Digits()
    let model = RandomGenerator.withSeed(1) { DigitReader() }
    digits.train(model, steps: 250, learningRate: 5e-3)
    let full = digits.accuracy(model)
    #expect(full > 0.95, "\(full)")
    let weights = model.stateDictionary()

    try model.quantize()
    #expect(digits.accuracy(model) > full - 0.01, "8 bits after training")

    let trained = RandomGenerator.withSeed(1) { DigitReader() }
    try trained.load(weights)
    var config = QuantizationConfig(weightBits: 4, activationBits: bits)
    config.activation = .static
    let aware = try QuantizationAwareTraining(trained, config) { _ = trained(digits.images) }
    #expect(trained.namedParameters().contains { $0.name == "first.input_step" && $0.parameter.isTrainable })
    let step = trained.namedParameters().first { $0.name == "first.weight_step" }!.parameter
    let start = step.value
    digits.train(trained, steps: 80, learningRate: 1e-3)
    #expect(largestDifference(step.value, start) > 0, "steps are learned")
    let faked = digits.logits(trained)
    let report = aware.finish()
    #expect(report.layers.count == 2 && report.layers.allSatisfy { $0.format.bits == 4 })
    let real = digits.logits(trained)
    #expect(largestDifference(real, faked) < 0.05, "what was trained is what runs: \(largestDifference(real, faked))")
    #expect(digits.accuracy(trained) > full - 0.01, "\(digits.accuracy(trained)) against \(full)")
  }
}

final class DigitReader: Module {
  let first = Linear(64, 64)
  let second = Linear(64, 10)
  func callAsFunction(_ x: Tensor) -> Tensor { second(first(x, activation: .relu)) }
}

/// scikit-learn's digits: those to learn from, and the fifth held out.
struct Digits {
  let images: Tensor
  let labels: Tensor
  private let heldOut: (images: Tensor, labels: Tensor)

  init() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../DeepSeekEnginesTests/Fixtures")
    let images = try Npy.load(folder.appendingPathComponent("digits_images.npy").path).converted(to: .float32) / 16
    let labels = try Npy.load(folder.appendingPathComponent("digits_labels.npy").path).converted(to: .int64)
    let count = images.shape[0]
    let order = RandomGenerator.withSeed(0) { Tensor.randomPermutation(count) }
    let (x, y) = (images.reshaped([count, 64]).indexSelect(axis: 0, order), labels.indexSelect(axis: 0, order))
    (self.images, self.labels) = (x.sliced(0, 0..<count * 4 / 5), y.sliced(0, 0..<count * 4 / 5))
    heldOut = (x.sliced(0, count * 4 / 5..<count), y.sliced(0, count * 4 / 5..<count))
  }

  func train(_ model: DigitReader, steps: Int, learningRate: Double, after: (Int) -> Void = { _ in }) {
    let optimizer = Optimizer(model, AdamW(learningRate: learningRate))
    let size = 128
    for step in 0..<steps {
      let start = step * size % (images.shape[0] - size)
      let (x, y) = (images.sliced(0, start..<start + size), labels.sliced(0, start..<start + size))
      model(x).crossEntropy(y).backward()
      optimizer.step()
      model.zeroGradients()
      after(step + 1)
    }
  }

  func logits(_ model: DigitReader) -> Tensor { noGradient { model(heldOut.images) } }

  func accuracy(_ model: DigitReader) -> Double {
    logits(model).argmax(axis: 1).equal(to: heldOut.labels).cast(to: .float32).mean().item(as: Double.self)
  }
}
