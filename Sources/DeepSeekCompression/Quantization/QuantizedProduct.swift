public import DeepSeekDynamic
public import DeepSeekOperators
public import DeepSeekTensor

/// A layer's product with a weight of few bits. The layer's weight itself holds the whole numbers; what belongs to them is
/// among the layer's fields: `weight_scale`, `weight_zero_point`, `input_factor`.
public final class QuantizedProduct: LayerProduct {
  /// How the weight is kept.
  public let format: WeightFormat
  /// What becomes of the layer's input.
  public let input: QuantizedInput
  /// The choices by which it was made.
  public let config: QuantizationConfig
  /// `[outputs]` or `[outputs, groups]`.
  let scales: Buffer
  let zeroPoints: Buffer?
  /// What inputs are multiplied by first, `[inputs]`.
  let factor: Buffer?
  private let lengths: (inputs: Int, outputs: Int)

  init(
    _ config: QuantizationConfig, _ format: WeightFormat, _ input: QuantizedInput, inputs: Int, outputs: Int,
    scales: Tensor, zeroPoints: Tensor?, factor: Tensor?
  ) {
    self.config = config
    self.format = format
    self.input = input
    self.scales = Buffer(scales)
    self.zeroPoints = zeroPoints.map { Buffer($0) }
    self.factor = factor.map { Buffer($0) }
    lengths = (inputs, outputs)
  }

  /// The lengths of the axes of the weight as it was.
  public var size: (inputs: Int, outputs: Int)? { lengths }

  /// The whole numbers lie by outputs.
  public var ownsWeight: Bool { true }

  /// Scales, zero points and factors.
  public var fields: [ModuleField] {
    var fields = [ModuleField("weight_scale", .buffer(scales))]
    if let zeroPoints { fields.append(ModuleField("weight_zero_point", .buffer(zeroPoints))) }
    if let factor { fields.append(ModuleField("input_factor", .buffer(factor))) }
    return fields
  }

  /// `activation(x Wᵀ + b)` by the operator for few bits, in `float32` or, with weights alone in few bits, `bfloat16`.
  public func linear(_ input: Tensor, weight: Tensor, bias: Tensor?, activation: Activation) -> Tensor {
    let isNative = input.dtype == .float32 || input.dtype == .bfloat16 && self.input == .unquantized
    var x = isNative ? input : input.cast(to: .float32)
    if let factor { x = x * factor.tensor.cast(to: x.dtype) }
    let operation = QuantizedLinearOperator(
      weightBits: format.bits, groupSize: format.groupSize, input: self.input, hasZeroPoints: format.hasZeroPoints,
      hasBias: bias != nil, activation: activation)
    var operands = [x, weight, scales.tensor.cast(to: .float32)]
    if let zeroPoints { operands.append(zeroPoints.tensor) }
    if let bias { operands.append(bias.cast(to: .float32)) }
    return apply(operation, operands)[0].cast(to: input.dtype)
  }

  /// Rows of a table, in `float32`.
  public func rows(of table: Tensor, at indices: Tensor) -> Tensor {
    func looked(_ tensor: Tensor) -> Tensor {
      if tensor.rank == 2 { return Tensor.embedding(tensor, indices) }
      return Tensor.embedding(tensor.expanded(1), indices).squeezed(-1)
    }
    return QuantizedWeight.rows(
      looked(table), scales: looked(scales.tensor), zeroPoints: zeroPoints.map { looked($0.tensor) }, format)
  }

  /// The table's first rows, in `float32`.
  public func firstRows(_ stored: Tensor) -> Tensor {
    func first(_ buffer: Buffer) -> Tensor { buffer.tensor.sliced(0, count: stored.dimension(0)) }
    return QuantizedWeight.rows(stored, scales: first(scales), zeroPoints: zeroPoints.map(first), format)
  }
}
