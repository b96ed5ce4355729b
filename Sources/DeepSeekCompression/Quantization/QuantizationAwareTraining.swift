public import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import Synchronization

/// Training that prepares a model for few bits: its layers compute as if they had them, rounding lets gradients pass, and step
/// sizes are learned beside the weights (Esser and others, arXiv:1902.08153).
///
/// ```swift
/// let aware = try QuantizationAwareTraining(model, QuantizationConfig(weightBits: 4, activationBits: 8))
/// try Trainer(model, batches, objective: objective).train()   // made afterwards: steps are weights of the model too
/// let report = try aware.finish()                              // the real few bits
/// ```
public final class QuantizationAwareTraining: Sendable {
  private let model: any Module
  private let config: QuantizationConfig
  private let layers: [(name: String, layer: any AdaptableLayer, product: FakeQuantizedProduct)]
  private let leftOut: [QuantizationReport.LeftOut]
  private let isFinished = Mutex(false)

  /// Lets the layers compute as if they had few bits, from now on. Tables of embeddings stay as they are.
  ///
  /// - Parameters:
  ///   - model: In `float32`.
  ///   - config: How; of a symmetric scheme. The method and smoothing do not matter here.
  ///   - calibrate: Runs the model on examples, where the activation is static: its first steps come from them.
  /// - Throws: ``QuantizationError``, or what `calibrate` throws; then the model is as it was.
  public init(
    _ model: any Module, _ config: QuantizationConfig, calibrating calibrate: (() throws -> Void)? = nil
  ) throws {
    var config = config
    config.embeddingBits = nil
    config.embeddingGroupSize = nil
    try config.validate()
    if config.scheme != .symmetric {
      throw QuantizationError.invalidField("scheme", value: "asymmetric", expected: "symmetric, for training")
    }
    let (targets, others) = try config.targets(of: model)
    let isStatic = config.activationBits != nil && config.activation == .static
    if isStatic && calibrate == nil { throw QuantizationError.needsCalibration("a static activation") }
    var steps: [String: Double] = [:]
    if isStatic, let bits = config.activationBits, let calibrate {
      let seen = try InputObservation.observing(targets, .histogram) { try noGradient(calibrate) }
      for (name, observation) in seen {
        let range = observation.histogram.range(config.calibration, bits: bits)
        let reach = Swift.max(-range.lowerBound, range.upperBound)
        steps[name] = Swift.max(reach, 1e-6) / Double(FakeQuantizedProduct.inputIntegers(bits).upperBound)
      }
    }
    self.model = model
    self.config = config
    leftOut = others
    layers = noGradient {
      targets.map { target in
        let format = config.format(of: target.layer)
        let weight = target.layer.matrix
        let perTensor = config.granularity == .tensor
        let grid =
          config.clipsWeights
          ? WeightGrid(clipping: weight, format, perTensor: perTensor)
          : WeightGrid(weight, format, perTensor: perTensor)
        let product = FakeQuantizedProduct(
          format, scales: grid.scales, inputStep: steps[target.name],
          inputBits: isStatic && steps[target.name] == nil ? nil : config.activationBits)
        return (target.name, target.layer, product)
      }
    }
    for (_, layer, product) in layers { layer.adapters.product = product }
  }

  /// The layers that train for few bits.
  public var layerNames: [String] { layers.map(\.name) }

  /// Gives the layers the few bits that they were trained for; the model can no longer be trained. Traps the second time.
  @discardableResult
  public func finish() -> QuantizationReport {
    takeOnce()
    var report = QuantizationReport()
    report.leftOut = leftOut
    noGradient {
      for (_, layer, _) in layers { layer.adapters.product = nil }
      report.byteCountBefore = model.savedByteCount
      for (name, layer, product) in layers {
        let weight = layer.matrix
        let grid = product.grid(outputs: weight.shape[0])
        let codes = grid.codes(weight)
        let quantized = QuantizedWeight(codes, grid)
        let noise = SignalToNoise.decibels(weight, grid.dequantized(codes) - weight)
        layer.place(
          quantized.values,
          QuantizedProduct(
            config, product.format, product.quantizedInput, inputs: weight.shape[1], outputs: weight.shape[0],
            scales: quantized.scales, zeroPoints: nil, factor: nil))
        report.layers.append(.init(name: name, format: product.format, signalToNoise: noise))
      }
      report.byteCountAfter = model.savedByteCount
    }
    return report
  }

  /// Leaves the model in full precision with the weights as they are. Traps after ``finish()``.
  public func cancel() {
    takeOnce()
    for (_, layer, _) in layers { layer.adapters.product = nil }
  }

  private func takeOnce() {
    let wasFinished = isFinished.withLock { finished in
      defer { finished = true }
      return finished
    }
    if wasFinished { fatalError("QuantizationAwareTraining: it was finished or cancelled before") }
  }
}
