import CDeepSeekKernels
public import DeepSeekTensor

/// Where along an axis the largest or smallest element is; the first of equals, the first NaN where there is one.
public struct ArgReduceOperator: Operator {
  /// Largest or smallest.
  public enum Function: String, Sendable, Hashable, Codable {
    /// Where the largest is.
    case argmax
    /// Where the smallest is.
    case argmin
  }

  /// Largest or smallest.
  public let function: Function
  /// The axis, counted from the start.
  public let axis: Int

  /// Along `axis`.
  public init(_ function: Function, _ axis: Int) {
    self.function = function
    self.axis = axis
  }

  /// `argmax` or `argmin`.
  public var name: String { function.rawValue }
  /// A reduction.
  public var traits: OperatorTraits { [.reduction, .memoryBound, .nonDifferentiable] }

  /// `int64` with the axis at length 1, which must not be empty.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    try expectArithmetic(inputs[0])
    let position = try inputs[0].shape.checkedIndex(of: axis, in: name)
    guard inputs[0].shape.dimension(position) != 0 else {
      throw mismatch("axis \(axis) of \(inputs[0].shape) is empty")
    }
    return [TensorSpec(.int64, inputs[0].shape.replacing(position, with: 1))]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let code = function == .argmax ? DS_ARGMAX : DS_ARGMIN
    try check(withViews(inputs[0], outputs[0]) { ds_arg_reduce(code, $0, Int32(axis), $1) }, self, inputs)
  }
}

extension Tensor {
  private func argReduced(
    _ function: ArgReduceOperator.Function, _ axis: Int?, _ keepAxes: Bool, file: StaticString, line: UInt
  ) -> Tensor {
    guard let axis else { return flattened().argReduced(function, 0, false, file: file, line: line) }
    let position = shape.index(of: axis)
    let result = apply(ArgReduceOperator(function, position), self, file: file, line: line)
    return keepAxes ? result : result.squeezed(position)
  }

  /// Where the largest element along an axis is, `int64`; of the flattened tensor when no axis is given.
  public func argmax(
    axis: Int? = nil, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    argReduced(.argmax, axis, keepAxes, file: file, line: line)
  }

  /// Where the smallest element along an axis is, `int64`; of the flattened tensor when no axis is given.
  public func argmin(
    axis: Int? = nil, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    argReduced(.argmin, axis, keepAxes, file: file, line: line)
  }
}
