import CDeepSeekKernels
public import DeepSeekTensor

/// `activation(x Wᵀ + b)` with a weight that is kept in 8 or 4 bits: w ≈ (q - zeroPoint) · scale.
///
/// Inputs, in this order: x `[…, in]`; the weight, `int8` `[out, in]` or, in 4 bits, `uint8` `[out, in / 2]` with the first of
/// two values in the low bits; the scales, `float32`, `[out]` or, by groups, `[out, in / groupSize]`; where there are, the zero
/// points in the scales' shape, `int8` or, for 4 bits, `uint8`; where there is, the bias, `float32` `[out]`. 4-bit values
/// without zero points count from 8.
///
/// Where the input is not quantized a gradient flows to x, and to nothing else; where it is, none does.
public struct QuantizedLinearOperator: PackableOperator {
  /// How many bits an element of the weight takes: 8 or 4.
  public var weightBits: Int
  /// How many inputs share a scale, a divisor of `in` and a multiple of 32; `nil`: all of an output's.
  public var groupSize: Int?
  /// In which form x is multiplied.
  public var input: QuantizedInput
  /// Whether the weight has zero points.
  public var hasZeroPoints: Bool
  /// Whether there is a bias.
  public var hasBias: Bool
  /// What follows.
  public var activation: Activation

  /// A product with these properties.
  public init(
    weightBits: Int = 8, groupSize: Int? = nil, input: QuantizedInput = .unquantized, hasZeroPoints: Bool = false,
    hasBias: Bool = false, activation: Activation = .none
  ) {
    self.weightBits = weightBits
    self.groupSize = groupSize
    self.input = input
    self.hasZeroPoints = hasZeroPoints
    self.hasBias = hasBias
    self.activation = activation
  }

  /// `quantized_linear`.
  public var name: String { "quantized_linear" }
  /// A product.
  public var traits: OperatorTraits {
    input == .unquantized ? [.matmul, .computeBound] : [.matmul, .computeBound, .nonDifferentiable]
  }

  /// The weight, its scales and zero points.
  package var weightInputs: Range<Int> { 1..<(hasZeroPoints ? 4 : 3) }
  /// Where the bias is among the inputs.
  var biasIndex: Int { weightInputs.upperBound }

  package func packed(_ weight: [Tensor]) -> (operation: any PackedOperator, weight: [Tensor])? {
    PackedQuantizedLinearOperator.packed(self, weight).map {
      (PackedQuantizedLinearOperator(self, outputSize: weight[0].shape[0]), $0)
    }
  }

  /// A multiplication and an addition for each input of each output.
  public func arithmetic(_ inputs: [TensorSpec]) -> Double? {
    guard inputs.count > 1, inputs[0].shape.isKnown, inputs[1].shape.isKnown else { return nil }
    return 2 * Double(inputs[0].shape.elementCount) * Double(inputs[1].shape[0])
  }

  /// x is of a floating type, the output has its type and leading axes.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try checkAttributes()
    let count = biasIndex + (hasBias ? 1 : 0)
    try expect(inputs, count...count)
    let (x, weight, scales) = (inputs[0], inputs[1], inputs[2])
    try expectFloating(x)
    let stored: DType = weightBits == 8 ? .int8 : .uint8
    guard weight.dtype == stored else { throw mismatch("the weight is \(weight.dtype); \(stored) is expected") }
    guard x.shape.rank >= 1, weight.shape.rank == 2 else {
      throw mismatch("input \(x.shape) and weight \(weight.shape); […, in] and [out, in] are expected")
    }
    let (length, width) = (x.shape.dimension(-1), weight.shape.dimension(1))
    guard length == (weightBits == 8 ? width : width * 2) else {
      throw mismatch("input \(x.shape) and weight \(weight.shape) of \(weightBits) bits: the inner lengths differ")
    }
    let expected = try parameterShape(weight.shape.dimension(0), length)
    guard scales.dtype == .float32, scales.shape == expected else {
      throw mismatch("the scales are \(scales); float32 \(expected) is expected")
    }
    if hasZeroPoints, inputs[3].dtype != stored || inputs[3].shape != expected {
      throw mismatch("the zero points are \(inputs[3]); \(stored) \(expected) is expected")
    }
    if hasBias {
      let bias = inputs[biasIndex]
      guard bias.dtype == .float32, bias.shape == Shape([weight.shape.dimension(0)]) else {
        throw mismatch("the bias is \(bias) for weight \(weight.shape); float32 [out] is expected")
      }
    }
    return [TensorSpec(x.dtype, x.shape.replacing(-1, with: weight.shape.dimension(0)))]
  }

  func checkAttributes() throws {
    guard weightBits == 8 || weightBits == 4 else {
      throw mismatch("weights in \(weightBits) bits; 8 or 4 are expected")
    }
    if let bits = input.bits, bits != 8 && bits != 7 {
      throw mismatch("an input in \(bits) bits; 8 or 7 are expected")
    }
    if case .fixed(let scale, let zeroPoint, let bits) = input {
      let largest = QuantizedInput.largest(bits: bits)
      guard scale > 0, scale.isFinite, (0...largest).contains(zeroPoint) else {
        throw mismatch(
          "the input's scale \(scale) and zero point \(zeroPoint); above 0 and 0 to \(largest) are expected")
      }
    }
  }

  /// The shape of scales and zero points.
  func parameterShape(_ outputs: Dimension, _ inputs: Dimension) throws -> Shape {
    guard let groupSize else { return Shape([outputs]) }
    guard groupSize > 0, groupSize % 32 == 0, let length = inputs.known, length % groupSize == 0 else {
      throw mismatch("groups of \(groupSize) of \(inputs) inputs; a multiple of 32 that divides them is expected")
    }
    return Shape([outputs, Dimension(length / groupSize)])
  }

  /// In integers, exactly, where the input is quantized and the weight has 8 bits and no groups; else the weight is turned into
  /// `float32` on its way into the product, and an input that is quantized has gone through its few bits before.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let out = outputs[0]
    if out.elementCount == 0 { return }
    let weight = inputs[1]
    var shape = kernelShape(outputs: weight.shape[0], inputs: inputs[0].shape[inputs[0].rank - 1])
    guard hasKernel(inputs[0].dtype),
      let packed = PackedWeight.prepared(shape, weight, inputs[2], hasZeroPoints ? inputs[3] : nil)
    else { return evaluateDecomposition(inputs, into: outputs) }
    let parts = ds_quantized_parts(&shape, packed.storage.pointer)
    let status = multiply(inputs[0], shape, parts, bias: hasBias ? inputs[biasIndex] : nil, into: out)
    try withExtendedLifetime(packed) { try check(status, self, inputs) }
  }

  /// Whether x may be of this type in ``multiply(_:_:_:bias:into:)``.
  func hasKernel(_ dtype: DType) -> Bool { dtype == .float32 || dtype == .bfloat16 && input == .unquantized }

  /// Whether the weight may be multiplied in 8 bits, and its packed form has the sums which that takes.
  var hasSums: Bool { weightBits == 8 && groupSize == nil }

  /// The weight's shape as the kernels take it.
  func kernelShape(outputs: Int, inputs: Int) -> ds_quantized_shape {
    ds_quantized_shape(
      n: Int64(outputs), k: Int64(inputs), bits: Int32(weightBits), has_zero_points: hasZeroPoints,
      group_size: Int64(groupSize ?? 0))
  }

  /// The product with a packed weight, whose memory the caller keeps.
  func multiply(
    _ x: Tensor, _ shape: ds_quantized_shape, _ weight: ds_quantized_weight, bias: Tensor?, into out: Tensor
  ) -> ds_status {
    var shape = shape
    let isExact = input != .unquantized && hasSums && shape.k <= DS_INT8_MAX_DEPTH
    let x = (isExact ? x : noGradient { input.roundTrip(x.detached()) }).contiguous()
    let bias = bias?.contiguous()
    var epilogue = ds_epilogue()
    epilogue.bias = bias.map { UnsafePointer($0.pointer.assumingMemoryBound(to: Float.self)) }
    epilogue.activation = Int32(activation.kernel.rawValue)
    let kernelType = Int32((x.dtype == .bfloat16 ? DS_BFLOAT16 : DS_FLOAT32).rawValue)
    let left = ds_matrix(data: x.pointer, dtype: kernelType, transposed: false, stride: shape.k)
    let result = ds_result(data: out.pointer, dtype: kernelType, stride: shape.n)
    let m = Int64(out.elementCount) / shape.n
    return withExtendedLifetime((x, bias, out)) {
      isExact
        ? ds_int8_gemm(&shape, weight, m, left, input.kernel, result, &epilogue)
        : ds_quantized_gemm(&shape, weight, m, left, result, &epilogue)
    }
  }

  /// What the weight is made of; with an activation, all inputs.
  public func residuals(wanting gradients: IndexSet64) -> Residuals {
    if activation != .none { return Residuals(inputs: .all) }
    var inputs: IndexSet64 = [1, 2]
    if hasZeroPoints { inputs.insert(3) }
    return Residuals(inputs: inputs)
  }

  /// G W for x.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    var result: [Tensor?] = Array(repeating: nil, count: context.inputCount)
    guard context.wants(0) else { return result }
    if activation != .none {
      result[0] = gradientThroughDecomposition(context)[0]
    } else {
      let zeroPoints = hasZeroPoints ? context.input(3) : nil
      let weight = dequantized(context.input(1), context.input(2), zeroPoints, context.gradient.dtype)
      result[0] = context.gradient.matmul(weight)
    }
    return result
  }

  /// The weight as floats, x as what is left of it, and the plain product.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let bias = hasBias ? inputs[biasIndex] : nil
    return [
      decomposed(inputs[0], bias) { dequantized(inputs[1], inputs[2], hasZeroPoints ? inputs[3] : nil, $0) }
    ]
  }

  /// The product with a weight of floats, `[out, in]` of the given type.
  func decomposed(_ x: Tensor, _ bias: Tensor?, weight: (DType) -> Tensor) -> Tensor {
    let x = input.roundTrip(x)
    let dtype: DType = x.dtype == .float64 ? .float64 : .float32
    var result = x.cast(to: dtype).matmul(weight(dtype).transposed())
    if let bias { result = result + bias.cast(to: dtype) }
    result = activation.operation.map { apply($0, result) } ?? result
    return result.cast(to: x.dtype)
  }

  /// (q - zeroPoint) · scale, `[out, in]`.
  private func dequantized(_ weight: Tensor, _ scales: Tensor, _ zeroPoints: Tensor?, _ dtype: DType) -> Tensor {
    let values = weight.cast(to: dtype)
    if weightBits == 8 { return scaled(values, scales, zeroPoints) }
    return scaled(QuantizedLinearOperator.nibbles(values), scales, zeroPoints ?? Tensor(8.0, dtype: dtype))
  }

  /// What two 4-bit values in each byte are, the first in the low bits: `[out, bytes · 2]` from 0 to 15.
  static func nibbles(_ bytes: Tensor) -> Tensor {
    let high = (bytes / 16).floor()
    let pairs = Tensor.stack([bytes - high * 16, high], axis: -1)
    return pairs.reshaped([bytes.dimension(0), bytes.dimension(1) * 2])
  }

  /// (values - zeroPoints) · scales for values `[out, in]`; zero points for all, or in the scales' shape.
  func scaled(_ values: Tensor, _ scales: Tensor, _ zeroPoints: Tensor?) -> Tensor {
    let (outputs, inputs) = (values.dimension(0), values.dimension(1))
    var values = values
    if let groupSize, let length = inputs.known {
      values = values.reshaped([outputs, Dimension(length / groupSize), Dimension(groupSize)])
    }
    if let zeroPoints {
      let zeros = zeroPoints.cast(to: values.dtype)
      values = values - (zeros.rank == 0 ? zeros : zeros.expanded(-1))
    }
    return (values * scales.cast(to: values.dtype).expanded(-1)).reshaped([outputs, inputs])
  }
}
