import CDeepSeekKernels
public import DeepSeekTensor

/// The product of a ``QuantizedLinearOperator`` with the weight laid out beforehand as the kernels read it, so that nothing is
/// left to do when a program opens.
///
/// Inputs, in this order: x `[…, in]`; the values, `int8` or, in 4 bits, `uint8` `[panels · steps, 128]`, a step being as many
/// inputs as fit 32 bits, 4-bit values less 8; the scales, `float32` `[panels · groups, 32]`; where there are, the zero points
/// in the scales' shape, as `float32`, of 4 bits less 8; of 8 bits without groups, the sums of each column's values, `int32`
/// `[panels, 32]`; where there is, the bias, `float32` `[out]`.
///
/// The layout is ``PackedLayout/columns32``, the same on every instruction set.
public struct PackedQuantizedLinearOperator: PackedOperator {
  /// The product.
  public let product: QuantizedLinearOperator
  /// The width of the result.
  public let outputSize: Int
  /// How the weight lies.
  public let layout: PackedLayout

  /// The product with a packed weight of so many outputs.
  public init(_ product: QuantizedLinearOperator, outputSize: Int) {
    self.product = product
    self.outputSize = outputSize
    layout = .columns32
  }

  /// A product's weight, scales and, where it has them, zero points, packed, in the order of the inputs; `nil` where they do not
  /// fit the product. Costs a copy of the weight, which is shared with what eager calls keep of the same weight.
  public static func packed(_ product: QuantizedLinearOperator, _ parts: [Tensor]) -> [Tensor]? {
    guard let weight = parts.first, weight.rank == 2, weight.shape[0] > 0 else { return nil }
    let inputs = weight.shape[1] * (product.weightBits == 4 ? 2 : 1)
    let operation = PackedQuantizedLinearOperator(product, outputSize: weight.shape[0])
    var shape = product.kernelShape(outputs: weight.shape[0], inputs: inputs)
    var unbiased = product
    unbiased.hasBias = false
    guard (try? unbiased.infer([TensorSpec(.float32, [1, inputs])] + parts.map(\.spec))) != nil,
      let specs = try? operation.weightSpecs(inputs),
      let packed = PackedWeight.kept(shape, weight, parts[1], product.hasZeroPoints ? parts[2] : nil)
    else { return nil }
    let places = ds_quantized_parts(&shape, packed.storage.pointer)
    let starts: [UnsafeRawPointer?] = [
      places.values, UnsafeRawPointer(places.scales), UnsafeRawPointer(places.zero_points),
      product.hasSums ? UnsafeRawPointer(places.sums) : nil,
    ]
    return zip(starts.compactMap { $0 }, specs).map { start, spec in
      let offset = (start - UnsafeRawPointer(packed.storage.pointer)) / spec.dtype.byteCount
      return Tensor(storage: packed.storage, dtype: spec.dtype, layout: Layout(spec.shape, offset: offset))
    }
  }

  private var biasIndex: Int { weightInputs.upperBound }

  /// Values, scales, zero points and sums.
  package var weightInputs: Range<Int> { 1..<3 + (product.hasZeroPoints ? 1 : 0) + (product.hasSums ? 1 : 0) }

  /// The parts of a weight of so many inputs.
  private func weightSpecs(_ inputs: Int) throws -> [TensorSpec] {
    // A length that does not fit the groups, or 4 bits, is refused here.
    _ = try product.parameterShape(Dimension(outputSize), Dimension(inputs))
    let inStep = 32 / product.weightBits
    guard product.weightBits == 8 || inputs % 2 == 0 else { throw mismatch("\(inputs) inputs of 4 bits are no bytes") }
    let panels = Dimension(PackedLayout.panelCount(outputSize))
    let steps = Dimension(inputs / inStep + (inputs % inStep == 0 ? 0 : 1))
    let groups = Dimension(product.groupSize.map { Swift.max(inputs / $0, 1) } ?? 1)
    let width = Dimension(PackedLayout.panelWidth)
    let parameters = TensorSpec(.float32, Shape([panels * groups, width]))
    var specs = [TensorSpec(product.weightBits == 8 ? .int8 : .uint8, Shape([panels * steps, width * 4])), parameters]
    if product.hasZeroPoints { specs.append(parameters) }
    if product.hasSums { specs.append(TensorSpec(.int32, Shape([panels, width]))) }
    return specs
  }

  /// `packed_quantized_linear`.
  public var name: String { "packed_quantized_linear" }
  /// A product.
  public var traits: OperatorTraits { product.traits }

  /// A multiplication and an addition for each input of each output.
  public func arithmetic(_ inputs: [TensorSpec]) -> Double? {
    guard let x = inputs.first?.shape, x.isKnown else { return nil }
    return 2 * Double(x.elementCount) * Double(outputSize)
  }

  /// x is of a floating type and a known length, the output has its type and leading axes.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try product.checkAttributes()
    try expectWithinReach([outputSize])
    let count = biasIndex + (product.hasBias ? 1 : 0)
    try expect(inputs, count...count)
    let x = inputs[0]
    try expectFloating(x)
    guard outputSize > 0, x.shape.rank >= 1, let length = x.shape.dimension(-1).known else {
      throw mismatch("input \(x.shape) for \(outputSize) columns; […, in] of a known length is expected")
    }
    var expected = try weightSpecs(length)
    if product.hasBias { expected.append(TensorSpec(.float32, Shape([Dimension(outputSize)]))) }
    for (found, expected) in zip(inputs.dropFirst(), expected)
    where found.dtype != expected.dtype || found.shape != expected.shape {
      throw mismatch("a part of the packed weight or the bias is \(found); \(expected) is expected")
    }
    return [TensorSpec(x.dtype, x.shape.replacing(-1, with: Dimension(outputSize)))]
  }

  /// As the product itself, bit for bit.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let x = inputs[0]
    if outputs[0].elementCount == 0 { return }
    guard product.hasKernel(x.dtype) else { return evaluateDecomposition(inputs, into: outputs) }
    let parts = inputs[weightInputs].map(PackedWeight.aligned)
    var weight = ds_quantized_weight()
    weight.values = UnsafeRawPointer(parts[0].pointer)
    weight.scales = UnsafePointer(parts[1].pointer.assumingMemoryBound(to: Float.self))
    if product.hasZeroPoints {
      weight.zero_points = UnsafePointer(parts[2].pointer.assumingMemoryBound(to: Float.self))
    }
    if product.hasSums {
      weight.sums = UnsafePointer(parts[parts.count - 1].pointer.assumingMemoryBound(to: Int32.self))
    }
    let shape = product.kernelShape(outputs: outputSize, inputs: x.shape[x.rank - 1])
    let status = product.multiply(x, shape, weight, bias: product.hasBias ? inputs[biasIndex] : nil, into: outputs[0])
    try withExtendedLifetime(parts) { try check(status, self, inputs) }
  }

  /// All inputs.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: .all) }

  /// By the decomposition, for x; nothing flows to what is packed.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    var result: [Tensor?] = Array(repeating: nil, count: context.inputCount)
    if context.wants(0) { result[0] = gradientThroughDecomposition(context)[0] }
    return result
  }

  /// The weight unpacked and as floats, and the plain product.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    guard let length = inputs[0].dimension(-1).known else { return nil }
    let bias = product.hasBias ? inputs[biasIndex] : nil
    return [
      product.decomposed(inputs[0], bias) { dtype in
        var values = PackedLayout.rows(of: inputs[1], outputs: outputSize, elements: 4).cast(to: dtype)
        if product.weightBits == 4 {
          // The bits of two's complement: 8 to 15 stand for -8 to -1.
          let bits = QuantizedLinearOperator.nibbles(values)
          values = bits - (bits / 8).floor() * 16
        }
        return product.scaled(
          values.sliced(1, 0..<length), parameters(inputs[2]), product.hasZeroPoints ? parameters(inputs[3]) : nil)
      }
    ]
  }

  /// Scales or zero points in the product's own shape.
  private func parameters(_ part: Tensor) -> Tensor {
    let rows = PackedLayout.rows(of: part, outputs: outputSize)
    return product.groupSize == nil ? rows.squeezed(-1) : rows
  }
}
