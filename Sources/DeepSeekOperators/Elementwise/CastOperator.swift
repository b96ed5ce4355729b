import CDeepSeekKernels
public import DeepSeekTensor

/// The same numbers as another element type: floats round to nearest even, floats become integers by truncation, integers
/// wrap, anything but zero is `true`.
public struct CastOperator: Operator {
  /// The type to cast to.
  public let dtype: DType

  /// A cast to `dtype`.
  public init(_ dtype: DType) { self.dtype = dtype }

  /// `cast`.
  public var name: String { "cast" }
  /// Elementwise.
  public var traits: OperatorTraits { [.elementwise, .memoryBound] }

  /// The input's shape with the new type.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    return [TensorSpec(dtype, inputs[0].shape)]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    try check(withViews(inputs[0], outputs[0]) { ds_cast($0, $1) }, self, inputs)
  }

  /// The gradient, cast back.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    [context.gradient.cast(to: context.inputSpec(0).dtype)]
  }
}

extension Tensor {
  /// The same numbers as another element type; itself when it has that type. Gradients flow between floating types.
  public func cast(to dtype: DType, file: StaticString = #file, line: UInt = #line) -> Tensor {
    dtype == self.dtype ? self : apply(CastOperator(dtype), self, file: file, line: line)
  }
}
