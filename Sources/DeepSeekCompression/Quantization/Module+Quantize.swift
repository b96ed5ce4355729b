public import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

extension Module {
  /// Keeps the fully connected layers' weights, and what the layers are given, in few bits from now on.
  ///
  /// The model keeps its type and its keys: a layer's `weight` then holds whole numbers, beside `weight_scale` and what else
  /// belongs to them. It computes with the operator for few bits, at once as in programs that are compiled of it, and can no
  /// longer be trained; see ``QuantizationAwareTraining`` for training that prepares for it.
  ///
  /// ```swift
  /// var config = QuantizationConfig(weightBits: 8, activationBits: 8)
  /// config.activation = .static
  /// try model.quantize(config) { for batch in examples { _ = model(batch) } }
  /// ```
  ///
  /// - Parameters:
  ///   - config: How.
  ///   - budget: With one, the layers that suffer most stay as they are until the score is within it.
  ///   - calibrate: Runs the model on examples, a hundred or so; needed where ``QuantizationConfig/needsCalibration`` says so.
  ///     Called twice where inputs are made even first.
  /// - Returns: What was quantized, and what was left out and why.
  /// - Throws: ``QuantizationError``, or what `calibrate` or the budget's score throws; then the model is as it was.
  @discardableResult
  public func quantize(
    _ config: QuantizationConfig = QuantizationConfig(), budget: AccuracyBudget? = nil,
    calibrating calibrate: (() throws -> Void)? = nil
  ) throws -> QuantizationReport {
    var quantizer = try Quantizer(self, config)
    return try quantizer.run(budget, calibrate)
  }

  /// Whether a layer's weight is in few bits.
  public var isQuantized: Bool {
    namedModules().contains { ($0.module as? any AdaptableLayer)?.quantizedProduct != nil }
  }

  /// Bytes of all weights and of the buffers that are saved, each once.
  public var savedByteCount: Int {
    var seen: Set<ObjectIdentifier> = []
    var total = 0
    visitFields { _, content in
      let parameter: Parameter
      switch content {
      case .parameter(let held): parameter = held
      case .buffer(let buffer) where buffer.isPersistent: parameter = buffer.parameter
      case .buffer, .module, .mode: return
      }
      if seen.insert(ObjectIdentifier(parameter)).inserted {
        total += parameter.spec.shape.elementCount * parameter.spec.dtype.byteCount
      }
    }
    return total
  }
}

extension AdaptableLayer {
  var quantizedProduct: QuantizedProduct? { adapters.product as? QuantizedProduct }

  /// The lengths of the weight, before it is kept in few bits; a table's entries are its outputs.
  var matrixSize: (outputs: Int, inputs: Int) {
    let shape = weight.spec.shape
    return weightLayout == .inputsByOutputs ? (shape[1], shape[0]) : (shape[0], shape[1])
  }

  /// The weight as `float32[outputs, inputs]`, before it is kept in few bits.
  var matrix: Tensor {
    let values = weight.value.cast(to: .float32)
    return weightLayout == .inputsByOutputs ? values.transposed().contiguous() : values
  }

  /// Takes whole numbers `[outputs, inputs]` in place of the weight, and what multiplies by them.
  func place(_ values: Tensor, _ product: QuantizedProduct) {
    weight.clearGradient()
    weight.isTrainable = false
    weight.value = values
    adapters.product = product
  }
}
