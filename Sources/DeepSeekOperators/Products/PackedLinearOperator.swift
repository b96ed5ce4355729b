import CDeepSeekKernels
public import DeepSeekTensor

/// `activation(x Wᵀ + b)` with the weight laid out beforehand as the product's kernel reads it, so that nothing is left to
/// do when a program opens: x is `[…, in]`, the packed weight `[panels · in, 32]`, the bias `[out]`.
///
/// Panel `p` holds columns `32p..<32p + 32` of Wᵀ, each of its rows one after the other, zeros behind the last column. The
/// layout is the same on every instruction set. Other types than `float32` compute the decomposition.
public struct PackedLinearOperator: Operator {
  /// The width of the result.
  public let outputSize: Int
  /// What follows the product.
  public let activation: Activation

  /// Columns of a panel.
  public static let panelWidth = 32

  /// A product of this width, followed by `activation`.
  public init(outputSize: Int, activation: Activation = .none) {
    self.outputSize = outputSize
    self.activation = activation
  }

  /// The weight `[out, in]` of a linear operator, packed; `nil` where that gains nothing: another type than `float32`, or
  /// a small matrix. Costs a copy of the weight, which is shared with what eager calls keep of the same weight.
  public static func packed(_ weight: Tensor) -> Tensor? {
    guard weight.dtype == .float32, weight.rank == 2, let packed = PackedWeight.kept(for: weight) else { return nil }
    let shape = PackedLinearOperator(outputSize: weight.shape[0]).packedShape(Dimension(weight.shape[1]))
    return Tensor(storage: packed.storage, dtype: .float32, layout: Layout(shape))
  }

  private var panelCount: Int { (outputSize + PackedLinearOperator.panelWidth - 1) / PackedLinearOperator.panelWidth }

  private func packedShape(_ inputSize: Dimension) -> Shape {
    Shape([Dimension(panelCount) * inputSize, Dimension(PackedLinearOperator.panelWidth)])
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
    guard outputSize > 0, x.rank >= 1, inputs[1].shape == packedShape(x.dimension(-1)) else {
      throw mismatch(
        "input \(x) and packed weight \(inputs[1].shape) for \(outputSize) columns; "
          + "[…, in] and [panels · in, 32] are expected")
    }
    if inputs.count == 3, inputs[2].shape != [outputSize] {
      throw mismatch("bias \(inputs[2].shape) for \(outputSize) columns")
    }
    return [TensorSpec(inputs[0].dtype, x.replacing(-1, with: Dimension(outputSize)))]
  }

  /// One product for all leading axes.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    if outputs[0].elementCount == 0 { return }
    guard outputs[0].dtype == .float32 else { return evaluateDecomposition(inputs, into: outputs) }
    let x = inputs[0].contiguous()
    let weight = PackedLinearOperator.aligned(inputs[1].contiguous())
    let bias = inputs.count == 3 ? inputs[2].contiguous() : nil
    let k = x.shape[-1]
    var epilogue = ds_epilogue()
    epilogue.bias = bias.map { UnsafePointer($0.pointer.assumingMemoryBound(to: Float.self)) }
    epilogue.activation = Int32(activation.kernel.rawValue)
    let status = ds_gemm_packed(
      Int64(outputs[0].elementCount / outputSize), Int64(outputSize), Int64(k),
      x.pointer.assumingMemoryBound(to: Float.self), Int64(k), weight.pointer.assumingMemoryBound(to: Float.self), 0,
      outputs[0].pointer.assumingMemoryBound(to: Float.self), Int64(outputSize), &epilogue)
    try withExtendedLifetime((x, weight, bias, outputs)) { try check(status, self, inputs) }
  }

  /// The weight where kernels may read it: in place, unless a file holds it at an odd address.
  private static func aligned(_ weight: Tensor) -> Tensor {
    let alignment = 64
    if Int(bitPattern: weight.pointer) % alignment == 0 { return weight }
    return weight.storage.prepared.form("aligned \(weight.layout.offset) \(weight.elementCount)") {
      let copy = Tensor(uninitialized: weight.dtype, weight.shape)
      weight.copyElements(to: copy)
      return copy
    }
  }

  /// All inputs.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: .all) }
  /// By the decomposition; training uses ``LinearOperator``.
  public func gradient(_ context: GradientContext) -> [Tensor?] { gradientThroughDecomposition(context) }

  /// The weight unpacked, then the plain operator's decomposition.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let (k, width) = (inputs[0].dimension(-1), Dimension(PackedLinearOperator.panelWidth))
    let columns = inputs[1].reshaped([Dimension(panelCount), k, width]).swappedAxes(1, 2)
    let weight = columns.reshaped([Dimension(panelCount) * width, k]).sliced(0, 0..<outputSize)
    return LinearOperator(activation).decomposition([inputs[0], weight] + inputs.dropFirst(2))
  }
}
