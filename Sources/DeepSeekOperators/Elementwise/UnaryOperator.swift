import CDeepSeekKernels
public import DeepSeekTensor

/// A function of one number, applied to each element.
///
/// Most functions of floats need a floating input; ``Function`` says which keep integers. `float16` and `bfloat16` compute
/// in `float32` and round once.
public struct UnaryOperator: Operator {
  /// Which function.
  public let function: Function
  /// The function's own parameters: a slope, a limit, a scalar. Unused ones are zero.
  public let parameters: SIMD2<Double>

  /// The function with its parameters.
  public init(_ function: Function, _ first: Double = 0, _ second: Double = 0) {
    self.function = function
    parameters = [first, second]
  }

  /// The function's name.
  public var name: String { function.rawValue }

  /// Elementwise; activations are recomputed for a gradient rather than kept.
  public var traits: OperatorTraits {
    var traits: OperatorTraits = [.elementwise, .memoryBound]
    if function.outputType == .bool { traits.insert(.nonDifferentiable) }
    if function.isActivation { traits.insert(.recomputable) }
    if function.isSteep { traits.insert(.fullPrecision) }
    return traits
  }

  /// The input's shape; its type, or `bool` for a test.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    let input = inputs[0]
    switch function.outputType {
    case .same:
      try expectArithmetic(input)
      if function == .bitwiseNot && input.dtype.isFloatingPoint { throw mismatch("not defined for \(input.dtype)") }
      return [TensorSpec(input.dtype, input.shape)]
    case .floating:
      try expectFloating(input)
      return [TensorSpec(input.dtype, input.shape)]
    case .bool:
      try expectArithmetic(input)
      return [TensorSpec(.bool, input.shape)]
    }
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let status = withUnsafeBytes(of: parameters) { parameters in
      withViews(inputs[0], outputs[0]) { x, out in
        ds_unary(function.kernel, x, parameters.baseAddress!.assumingMemoryBound(to: Double.self), out)
      }
    }
    try check(status, self, inputs)
  }
}
