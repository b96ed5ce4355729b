import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

/// One run of quantizing a model.
struct Quantizer {
  private let model: any Module
  private let config: QuantizationConfig
  private let targets: [QuantizationTarget]
  private var report = QuantizationReport()

  init(_ model: any Module, _ config: QuantizationConfig) throws(QuantizationError) {
    try config.validate()
    self.model = model
    self.config = config
    (targets, report.leftOut) = try config.targets(of: model)
    report.byteCountBefore = model.savedByteCount
  }

  /// A layer quantized, not yet in its place.
  private struct Prepared {
    let target: QuantizationTarget
    let weight: QuantizedWeight
    let product: QuantizedProduct
    let noise: Double?
  }

  mutating func run(_ budget: AccuracyBudget?, _ calibrate: (() throws -> Void)?) throws -> QuantizationReport {
    if config.needsCalibration && calibrate == nil { throw QuantizationError.needsCalibration(config.neediest) }
    let before = try budget.map { try noGradient($0.score) }
    let prepared = try noGradient { try prepare(calibrate) }
    if prepared.isEmpty {
      throw QuantizationError.nothingToQuantize(reasons: report.leftOut.map { "\($0.name): \($0.reason)" })
    }
    let originals = prepared.map {
      (value: $0.target.layer.weight.value, isTrainable: $0.target.layer.weight.isTrainable)
    }
    for layer in prepared { Quantizer.place(layer) }
    func restore(_ index: Int) {
      for layer in prepared[index].target.layers { layer.adapters.product = nil }
      prepared[index].target.layer.weight.value = originals[index].value
      prepared[index].target.layer.weight.isTrainable = originals[index].isTrainable
    }
    var kept = Set(prepared.indices)
    if let budget, let before {
      do {
        let order = prepared.indices.sorted {
          (prepared[$0].noise ?? .infinity, $0) < (prepared[$1].noise ?? .infinity, $1)
        }
        let search = SensitiveLayers(budget: budget, before: before, order: order)
        let (restored, score) = try search.run(place: { Quantizer.place(prepared[$0]) }, restore: restore)
        kept.subtract(restored)
        (report.scoreBefore, report.scoreAfter) = (before, score)
      } catch {
        for index in prepared.indices { restore(index) }
        throw error
      }
    }
    for index in prepared.indices {
      let layer = prepared[index]
      if kept.contains(index) {
        report.layers.append(
          .init(name: layer.target.name, format: layer.weight.format, signalToNoise: layer.noise))
      } else {
        report.leftOut.append(.init(name: layer.target.name, reason: "sensitive: the accuracy budget needs it"))
      }
    }
    report.byteCountAfter = model.savedByteCount
    return report
  }

  private static func place(_ prepared: Prepared) {
    for layer in prepared.target.layers { layer.place(prepared.weight.values, prepared.product) }
  }

  private mutating func prepare(_ calibrate: (() throws -> Void)?) throws -> [Prepared] {
    let linear = targets.filter { !$0.isTable }
    var factors: [String: Tensor] = [:]
    var seen: [String: InputObservation] = [:]
    if let calibrate {
      var needs: InputObservation.Needs = []
      if config.method != .roundToNearest { needs.insert(.products) }
      let isStatic = config.activationBits != nil && config.activation == .static
      if isStatic && config.smoothing == nil && config.method != .awq { needs.insert(.histogram) }
      seen = try InputObservation.observing(linear, needs, run: calibrate)
      factors = scalings(linear, seen)
      if isStatic && !needs.contains(.histogram) || config.smoothing != nil && needs.contains(.products) {
        seen = try InputObservation.observing(
          linear, isStatic ? needs.union(.histogram) : needs, scales: factors, run: calibrate)
      } else if !factors.isEmpty {
        for (name, factor) in factors { seen[name]?.products = nil; seen[name]?.scaleSamples(by: factor) }
      }
    }
    var result: [Prepared] = []
    for target in targets {
      let observation = seen[target.name]
      if config.needsCalibration && !target.isTable && (observation?.rowCount ?? 0) == 0 {
        report.leftOut.append(.init(name: target.name, reason: "the examples never reached it"))
        continue
      }
      guard let prepared = prepared(target, observation, factors[target.name]) else {
        report.leftOut.append(.init(name: target.name, reason: "its weight or its inputs hold an infinity or a NaN"))
        continue
      }
      result.append(prepared)
    }
    return result
  }

  /// What each layer's inputs are divided by.
  private func scalings(_ targets: [QuantizationTarget], _ seen: [String: InputObservation]) -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    if config.method == .awq {
      for target in targets {
        guard let observation = seen[target.name], observation.rowCount > 0 else { continue }
        let weight = target.layer.matrix
        let format = config.format(of: target.layer)
        result[target.name] = InputScaling.activationAware(weight, observation) { scaled in
          QuantizedWeight(
            rounding: scaled, format, clips: config.clipsWeights, perTensor: config.granularity == .tensor
          ).dequantized
        }
      }
    } else if let alpha = config.smoothing {
      // Layers that saw the same inputs get the same scales, so that the division is made once.
      var groups: [[Float]: [QuantizationTarget]] = [:]
      for target in targets {
        guard let largest = seen[target.name]?.largest else { continue }
        groups[largest.array(of: Float.self), default: []].append(target)
      }
      for group in groups.values {
        let scales = InputScaling.smoothing(
          seen[group[0].name]!.largest!, group.map { $0.layer.matrix }, alpha: alpha)
        for target in group { result[target.name] = scales }
      }
    }
    return result
  }

  private func prepared(
    _ target: QuantizationTarget, _ observation: InputObservation?, _ scales: Tensor?
  ) -> Prepared? {
    let own = target.layer.matrix
    let weight = scales.map { own * $0 } ?? own
    guard weight.isAllFinite, observation?.largest?.isAllFinite != false else { return nil }
    let format = config.format(of: target.layer)
    let perTensor = config.granularity == .tensor
    let quantized: QuantizedWeight
    if case .gptq(let damping) = config.method, let products = observation?.products {
      let gptq = GPTQ(damping: damping, format: format, clips: config.clipsWeights, perTensor: perTensor)
      quantized = gptq(weight, products: products)
    } else {
      quantized = QuantizedWeight(rounding: weight, format, clips: config.clipsWeights, perTensor: perTensor)
    }
    let product = QuantizedProduct(
      config, format, input(target, observation), inputs: own.shape[1], outputs: own.shape[0], scales: quantized.scales,
      zeroPoints: quantized.zeroPoints, factor: scales.map { $0.reciprocal() })
    let noise: Double?
    if let sample = observation?.sample, !target.isTable {
      // The sample is divided already.
      let input = scales.map { sample * $0 } ?? sample
      let expected = input.linear(own)
      noise = SignalToNoise.decibels(
        expected, product.linear(input, weight: quantized.values, bias: nil, activation: .none) - expected)
    } else {
      noise = SignalToNoise.decibels(own, quantized.dequantized - weight)
    }
    return Prepared(target: target, weight: quantized, product: product, noise: noise)
  }

  /// How a layer's input is kept.
  private func input(_ target: QuantizationTarget, _ observation: InputObservation?) -> QuantizedInput {
    guard let bits = config.activationBits, !target.isTable else { return .unquantized }
    guard config.activation == .static, let observation else { return .dynamic(bits: bits) }
    return config.fixedInput(observation.histogram.range(config.calibration, bits: bits), bits: bits)
  }
}

extension InputObservation {
  /// Multiplies the kept rows by the reciprocal of scales.
  mutating func scaleSamples(by scales: Tensor) {
    guard let sample else { return }
    replaceSamples(sample / scales)
  }
}

extension QuantizationConfig {
  /// What calls for examples, for messages.
  var neediest: String {
    if smoothing != nil { return "smoothing" }
    if activation == .static && activationBits != nil { return "a static activation" }
    return method == .awq ? "the method awq" : "the method gptq"
  }

  /// Scale and zero point of a range.
  func fixedInput(_ range: ClosedRange<Double>, bits: Int) -> QuantizedInput {
    let (low, high) = (range.lowerBound, range.upperBound)
    let largest = Double(QuantizedInput.largest(bits: bits))
    if activationScheme == .symmetric {
      let reach = Swift.max(-low, high)
      let half = (largest + 1) / 2
      return .fixed(scale: Float(Swift.max(reach, 1e-30) / (half - 1)), zeroPoint: Int(half), bits: bits)
    }
    let scale = Swift.max(high - low, 1e-30) / largest
    let zeroPoint = Swift.min(Swift.max((-low / scale).rounded(), 0), largest)
    return .fixed(scale: Float(scale), zeroPoint: Int(zeroPoint), bits: bits)
  }
}

/// How much stronger a signal is than its error.
enum SignalToNoise {
  /// In decibels; `nil` without any error.
  static func decibels(_ signal: Tensor, _ error: Tensor) -> Double? {
    let noise = error.cast(to: .float64).sumSquares().item(as: Double.self)
    if noise == 0 { return nil }
    return 10 * (signal.cast(to: .float64).sumSquares().item(as: Double.self) / noise).logarithm / 10.0.logarithm
  }
}
