import CDeepSeekKernels
public import DeepSeekTensor

/// `activation(x Wᵀ + b)` with the weight laid out beforehand as the product's kernel reads it, so that nothing is left to
/// do when a program opens: x is `[…, in]`, the packed weight `[panels · in, 32]` or, in `bfloat16`, whose elements lie by
/// twos, `[panels · ⌈in / 2⌉, 64]`, the bias `[out]`.
///
/// The layout is ``PackedLayout/columns32``, the same on every instruction set. Other types than `float32` and `bfloat16`
/// compute the decomposition.
public struct PackedLinearOperator: PackedOperator {
  /// The width of the result.
  public let outputSize: Int
  /// What follows the product.
  public let activation: Activation
  /// How the weight lies.
  public let layout: PackedLayout

  private enum CodingKeys: CodingKey { case outputSize, activation, layout }

  /// A product of this width, followed by `activation`.
  public init(outputSize: Int, activation: Activation = .none) {
    self.outputSize = outputSize
    self.activation = activation
    layout = .columns32
  }

  /// Reads the attributes; files of old, all of one layout, do not name it.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    outputSize = try container.decode(Int.self, forKey: .outputSize)
    activation = try container.decode(Activation.self, forKey: .activation)
    layout = try container.decodeIfPresent(PackedLayout.self, forKey: .layout) ?? .columns32
  }

  /// The weight `[out, in]` of a linear operator, packed; `nil` where that gains nothing: another type than `float32` and
  /// `bfloat16`, or a small matrix. Costs a copy of the weight, which is shared with what eager calls keep of the same weight.
  public static func packed(_ weight: Tensor) -> Tensor? {
    guard weight.rank == 2, weight.dtype == .float32 || weight.dtype == .bfloat16,
      let packed = PackedWeight.kept(for: weight)
    else { return nil }
    let operation = PackedLinearOperator(outputSize: weight.shape[0])
    let shape = operation.packedShape(Dimension(weight.shape[1]), weight.dtype)
    return Tensor(storage: packed.storage, dtype: weight.dtype, layout: Layout(shape))
  }

  /// The weight, all that is not x or the bias.
  package var weightInputs: Range<Int> { 1..<2 }

  /// How many elements of a column follow one another in the packed weight.
  private func elementsOfWord(_ dtype: DType) -> Int { dtype == .bfloat16 ? 2 : 1 }

  private func packedShape(_ inputSize: Dimension, _ dtype: DType) -> Shape {
    let count = elementsOfWord(dtype)
    let steps = (inputSize + Dimension(count - 1)) / Dimension(count)
    return Shape([Dimension(PackedLayout.panelCount(outputSize)) * steps, Dimension(PackedLayout.panelWidth * count)])
  }

  /// `packed_linear`.
  public var name: String { "packed_linear" }
  /// A product.
  public var traits: OperatorTraits { [.matmul, .computeBound] }

  /// Inputs: x, packed weight, and, if wanted, bias.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...3)
    try expectWithinReach([outputSize])
    try expectFloating(inputs[0])
    guard inputs.allSatisfy({ $0.dtype == inputs[0].dtype }) else {
      throw mismatch("the input is \(inputs[0].dtype), a weight or bias is not")
    }
    let x = inputs[0].shape
    guard outputSize > 0, x.rank >= 1, inputs[1].shape == packedShape(x.dimension(-1), inputs[0].dtype) else {
      let expected = inputs[0].dtype == .bfloat16 ? "[panels · ⌈in / 2⌉, 64]" : "[panels · in, 32]"
      throw mismatch(
        "input \(x) and packed weight \(inputs[1].shape) for \(outputSize) columns; […, in] and \(expected) are expected"
      )
    }
    if inputs.count == 3, inputs[2].shape != [outputSize] {
      throw mismatch("bias \(inputs[2].shape) for \(outputSize) columns")
    }
    return [TensorSpec(inputs[0].dtype, x.replacing(-1, with: Dimension(outputSize)))]
  }

  /// One product for all leading axes.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    if outputs[0].elementCount == 0 { return }
    let dtype = outputs[0].dtype
    guard dtype == .float32 || dtype == .bfloat16 else { return evaluateDecomposition(inputs, into: outputs) }
    let x = inputs[0].contiguous()
    let weight = PackedWeight.aligned(inputs[1])
    let bias = inputs.count == 3 ? inputs[2].contiguous().converted(to: .float32) : nil
    let (n, k) = (Int64(outputSize), Int64(x.shape[-1]))
    let m = Int64(outputs[0].elementCount) / n
    var epilogue = ds_epilogue()
    epilogue.bias = bias.map { UnsafePointer($0.pointer.assumingMemoryBound(to: Float.self)) }
    epilogue.activation = Int32(activation.kernel.rawValue)
    let status: ds_status
    if dtype == .bfloat16 {
      let left = ds_matrix(data: x.pointer, dtype: Int32(DS_BFLOAT16.rawValue), transposed: false, stride: k)
      let result = ds_result(data: outputs[0].pointer, dtype: Int32(DS_BFLOAT16.rawValue), stride: n)
      status = ds_bf16_gemm_packed(m, n, k, left, weight.pointer, result, &epilogue)
    } else {
      status = ds_gemm_packed(
        m, n, k, x.pointer.assumingMemoryBound(to: Float.self), k, weight.pointer.assumingMemoryBound(to: Float.self),
        0,
        outputs[0].pointer.assumingMemoryBound(to: Float.self), n, &epilogue)
    }
    try withExtendedLifetime((x, weight, bias, outputs)) { try check(status, self, inputs) }
  }

  /// All inputs.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: .all) }
  /// By the decomposition; training uses ``LinearOperator``.
  public func gradient(_ context: GradientContext) -> [Tensor?] { gradientThroughDecomposition(context) }

  /// The weight unpacked, then the plain operator's decomposition.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let elements = elementsOfWord(inputs[1].dtype)
    var weight = PackedLayout.rows(of: inputs[1], outputs: outputSize, elements: elements)
    if elements > 1 { weight = weight.sliced(1, count: inputs[0].dimension(-1)) }
    return LinearOperator(activation).decomposition([inputs[0], weight] + inputs.dropFirst(2))
  }
}
