import CDeepSeekKernels
public import DeepSeekTensor

/// What may follow a linear layer while its result is still in the cache.
public enum Activation: String, Sendable, Hashable, Codable, CaseIterable {
  /// Nothing.
  case none
  /// max(x, 0).
  case relu
  /// x Φ(x).
  case gelu
  /// GELU's tanh form.
  case geluTanh = "gelu_tanh"
  /// x sigmoid(x).
  case silu
  /// Hyperbolic tangent.
  case tanh
  /// 1 / (1 + exp(-x)).
  case sigmoid

  var kernel: ds_activation {
    switch self {
    case .none: DS_ACTIVATION_NONE
    case .relu: DS_ACTIVATION_RELU
    case .gelu: DS_ACTIVATION_GELU
    case .geluTanh: DS_ACTIVATION_GELU_TANH
    case .silu: DS_ACTIVATION_SILU
    case .tanh: DS_ACTIVATION_TANH
    case .sigmoid: DS_ACTIVATION_SIGMOID
    }
  }

  /// The activation as an operator of its own; `nil` for none.
  package var operation: UnaryOperator? {
    switch self {
    case .none: nil
    case .relu: UnaryOperator(.relu)
    case .gelu: UnaryOperator(.gelu)
    case .geluTanh: UnaryOperator(.geluTanh)
    case .silu: UnaryOperator(.silu)
    case .tanh: UnaryOperator(.tanh)
    case .sigmoid: UnaryOperator(.sigmoid)
    }
  }
}

/// `activation(x Wᵀ + b)`: x is `[…, in]`, the weight `[out, in]`, the bias `[out]`.
///
/// A `float32` or `bfloat16` weight that stays the same is packed once, in a copy of its size, the first time it is used
/// without gradients. In `bfloat16` sums are `float32`, and the result is rounded once, after the activation.
public struct LinearOperator: PackableOperator {
  /// What follows the product.
  public let activation: Activation

  /// A product followed by `activation`.
  public init(_ activation: Activation = .none) { self.activation = activation }

  /// `linear`.
  public var name: String { "linear" }
  /// A product.
  public var traits: OperatorTraits { [.matmul, .computeBound, .lowPrecision] }

  package var weightInputs: Range<Int> { 1..<2 }

  package func packed(_ weight: [Tensor]) -> (operation: any PackedOperator, weight: [Tensor])? {
    PackedLinearOperator.packed(weight[0]).map {
      (PackedLinearOperator(outputSize: weight[0].shape[0], activation: activation), [$0])
    }
  }

  /// Inputs: x, weight, and, if wanted, bias.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...3)
    let (x, weight) = (inputs[0], inputs[1])
    try expectFloating(x)
    for other in inputs.dropFirst() where other.dtype != x.dtype {
      throw mismatch("the input is \(x.dtype), a weight or bias \(other.dtype)")
    }
    guard x.shape.rank >= 1, weight.shape.rank == 2, x.shape.dimension(-1) == weight.shape.dimension(1) else {
      throw mismatch("input \(x.shape) and weight \(weight.shape); […, in] and [out, in] are expected")
    }
    if inputs.count == 3, inputs[2].shape != Shape([weight.shape.dimension(0)]) {
      throw mismatch("bias \(inputs[2].shape) for weight \(weight.shape); [out] is expected")
    }
    return [TensorSpec(x.dtype, x.shape.replacing(-1, with: weight.shape.dimension(0)))]
  }

  /// One product for all leading axes.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    if outputs[0].elementCount == 0 { return }
    let dtype = outputs[0].dtype
    guard dtype == .float32 || dtype == .bfloat16 else { return evaluateDecomposition(inputs, into: outputs) }
    let x = inputs[0].contiguous()
    let weight = inputs[1]
    let bias = inputs.count == 3 ? inputs[2].contiguous().converted(to: .float32) : nil
    let (n, k) = (Int64(weight.shape[0]), Int64(weight.shape[1]))
    let m = Int64(outputs[0].elementCount) / n
    var epilogue = ds_epilogue()
    epilogue.bias = bias.map { UnsafePointer($0.pointer.assumingMemoryBound(to: Float.self)) }
    epilogue.activation = Int32(activation.kernel.rawValue)
    let packed = PackedWeight.prepared(for: weight)
    let status: ds_status
    if dtype == .bfloat16 {
      let result = ds_result(data: outputs[0].pointer, dtype: Int32(DS_BFLOAT16.rawValue), stride: n)
      let left = ds_matrix(data: x.pointer, dtype: Int32(DS_BFLOAT16.rawValue), transposed: false, stride: k)
      if let packed {
        status = ds_bf16_gemm_packed(m, n, k, left, packed.storage.pointer, result, &epilogue)
      } else {
        let matrix = MatrixStack(weight.viewed(weight.layout.permuted([1, 0])), batch: [])
        status = ds_bf16_gemm(m, n, k, left, matrix.operand, result, &epilogue)
        withExtendedLifetime(matrix.tensor) {}
      }
    } else {
      let source = x.pointer.assumingMemoryBound(to: Float.self)
      let result = outputs[0].pointer.assumingMemoryBound(to: Float.self)
      if let packed {
        status = ds_gemm_packed(m, n, k, source, k, packed.elements, 0, result, n, &epilogue)
      } else {
        let matrix = MatrixStack(weight.viewed(weight.layout.permuted([1, 0])), batch: [])
        status = ds_gemm(
          false, matrix.isTransposed, m, n, k, 1, source, k,
          matrix.tensor.pointer.assumingMemoryBound(to: Float.self), Int64(matrix.leading), 0, result, n, &epilogue)
        withExtendedLifetime(matrix.tensor) {}
      }
    }
    try withExtendedLifetime((x, weight, bias, packed, outputs)) { try check(status, self, inputs) }
  }

  /// The weight for the input's gradient, the input for the weight's.
  public func residuals(wanting gradients: IndexSet64) -> Residuals {
    if activation != .none { return Residuals(inputs: .all) }
    var inputs = IndexSet64()
    if gradients.contains(0) { inputs.insert(1) }
    if gradients.contains(1) { inputs.insert(0) }
    return Residuals(inputs: inputs)
  }

  /// G W, Gᵀ x and the sum of G over all leading axes.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    if activation != .none { return gradientThroughDecomposition(context) }
    let g = context.gradient
    let columns = g.dimension(-1)
    let rows = g.shape.product(0..<g.rank - 1)
    let flat = g.reshaped([rows, columns])
    var result: [Tensor?] = [nil, nil]
    if context.wants(0) {
      result[0] = flat.matmul(context.input(1)).reshaped(context.inputSpec(0).shape)
    }
    if context.wants(1) {
      let x = context.input(0)
      result[1] = flat.transposed().matmul(x.reshaped([rows, x.dimension(-1)]))
    }
    if context.inputCount == 3 { result.append(context.wants(2) ? flat.sum(axis: 0) : nil) }
    return result
  }

  /// Product, sum and activation.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    var result = inputs[0].matmul(inputs[1].transposed())
    if inputs.count == 3 { result = result + inputs[2] }
    return [activation.operation.map { apply($0, result) } ?? result]
  }
}

extension Tensor {
  /// `activation(x Wᵀ + b)` over the last axis: this is `[…, in]`, the weight `[out, in]`, the bias `[out]`.
  ///
  /// Where a gradient is wanted the activation is an operator of its own, whose output is computed again rather than kept.
  public func linear(
    _ weight: Tensor, bias: Tensor? = nil, activation: Activation = .none, file: StaticString = #file,
    line: UInt = #line
  ) -> Tensor {
    let inputs = bias.map { [self, weight, $0] } ?? [self, weight]
    let isTracked = isGradientEnabled && inputs.contains(where: \.tracksGradient)
    if isTracked, let operation = activation.operation {
      return apply(operation, apply(LinearOperator(), inputs, file: file, line: line)[0])
    }
    return apply(LinearOperator(activation), inputs, file: file, line: line)[0]
  }
}
