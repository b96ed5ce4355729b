import CDeepSeekKernels
public import DeepSeekTensor

/// An axis in order. Outputs: the elements, and where each stood, `int64`. Equal elements keep their order; NaN is above
/// everything.
public struct SortOperator: Operator {
  /// The axis, counted from the start.
  public let axis: Int
  /// Whether the largest comes first.
  public let isDescending: Bool

  /// Along `axis`.
  public init(_ axis: Int, isDescending: Bool = false) {
    self.axis = axis
    self.isDescending = isDescending
  }

  /// `sort`.
  public var name: String { "sort" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound] }

  /// The input's shape, twice.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    try expectArithmetic(inputs[0])
    _ = try inputs[0].shape.checkedIndex(of: axis, in: name)
    return [TensorSpec(inputs[0].dtype, inputs[0].shape), TensorSpec(.int64, inputs[0].shape)]
  }

  /// Calls the C kernel: a radix sort.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    var indices = outputs[1].kernelView
    let status = withViews(inputs[0], outputs[0]) { ds_sort($0, Int32(axis), isDescending, $1, &indices) }
    try withExtendedLifetime(outputs) { try check(status, self, inputs) }
  }

  /// Where each element stood.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(outputs: [1]) }

  /// The upstream gradient back where each element stood.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let zeros = context.gradient.stretched(0, to: context.inputSpec(0).shape)
    return [apply(ScatterOperator(.add, axis), zeros, context.output(1), context.gradient)]
  }
}

/// The largest or smallest elements along an axis, best first. Outputs: the elements, and where each stood, `int64`.
public struct TopKOperator: Operator {
  /// How many.
  public let count: Int
  /// The axis, counted from the start.
  public let axis: Int
  /// Whether the largest are wanted.
  public let isLargest: Bool

  /// The best `count` along `axis`.
  public init(_ count: Int, _ axis: Int, isLargest: Bool = true) {
    self.count = count
    self.axis = axis
    self.isLargest = isLargest
  }

  /// `top_k`.
  public var name: String { "top_k" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound] }

  /// The axis with length `count`, which must not be larger than it was.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    try expectArithmetic(inputs[0])
    let position = try inputs[0].shape.checkedIndex(of: axis, in: name)
    try expectWithinReach([count])
    guard count >= 0, inputs[0].shape.dimension(position).known.map({ count <= $0 }) ?? true else {
      throw mismatch("\(count) elements of axis \(axis) of \(inputs[0].shape)")
    }
    let shape = inputs[0].shape.replacing(position, with: Dimension(count))
    return [TensorSpec(inputs[0].dtype, shape), TensorSpec(.int64, shape)]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    var indices = outputs[1].kernelView
    let status = withViews(inputs[0], outputs[0]) { ds_top_k($0, Int32(axis), isLargest, $1, &indices) }
    try withExtendedLifetime(outputs) { try check(status, self, inputs) }
  }

  /// Where each element stood.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(outputs: [1]) }

  /// The upstream gradient back where each element stood.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let zeros = context.gradient.stretched(0, to: context.inputSpec(0).shape)
    return [apply(ScatterOperator(.add, axis), zeros, context.output(1), context.gradient)]
  }
}

extension Tensor {
  /// The elements of an axis in order, and where each stood, `int64`. Equal elements keep their order; NaN is above
  /// everything.
  public func sorted(
    axis: Int = -1, descending: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> (values: Tensor, indices: Tensor) {
    let operation = SortOperator(shape.index(of: axis), isDescending: descending)
    let results = apply(operation, [self], file: file, line: line)
    return (results[0], results[1])
  }

  /// Where the elements of an axis stand, in their order, `int64`.
  public func argsort(
    axis: Int = -1, descending: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    sorted(axis: axis, descending: descending, file: file, line: line).indices
  }

  /// The `count` largest elements along an axis (or the smallest), best first, and where each stood, `int64`. Of equal
  /// elements the earlier is the better.
  public func topK(
    _ count: Int, axis: Int = -1, largest: Bool = true, file: StaticString = #file, line: UInt = #line
  ) -> (values: Tensor, indices: Tensor) {
    let operation = TopKOperator(count, shape.index(of: axis), isLargest: largest)
    let results = apply(operation, [self], file: file, line: line)
    return (results[0], results[1])
  }
}
