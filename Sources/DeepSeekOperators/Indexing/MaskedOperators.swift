import CDeepSeekKernels
public import DeepSeekTensor

/// The elements where a mask is set, in row-major order, as one list.
public struct MaskedSelectOperator: Operator {
  /// The operator; it has no attributes.
  public init() {}

  /// `masked_select`.
  public var name: String { "masked_select" }
  /// Moves memory; how much follows from the mask.
  public var traits: OperatorTraits { [.memoryBound, .shapeReadsValues] }

  /// Inputs: x and a `bool` mask of its shape, whose value must be known.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...2)
    guard inputs[1].dtype == .bool, inputs[1].shape == inputs[0].shape else {
      throw mismatch("the mask is \(inputs[1]); bool\(inputs[0].shape) is expected")
    }
    return [TensorSpec(inputs[0].dtype, [try inputs[1].nonzeroCount(self)])]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    try check(withViews(inputs[0], inputs[1], outputs[0]) { ds_masked_select($0, $1, $2) }, self, inputs)
  }

  /// The mask.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [1]) }

  /// The upstream elements in their places among zeros.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let g = context.gradient
    return [apply(MaskedScatterOperator(), g.stretched(0, to: context.inputSpec(0).shape), context.input(1), g), nil]
  }
}

/// A tensor whose elements where a mask is set are replaced, in row-major order, by those of a list.
public struct MaskedScatterOperator: Operator {
  /// The operator; it has no attributes.
  public init() {}

  /// `masked_scatter`.
  public var name: String { "masked_scatter" }
  /// Moves memory.
  public var traits: OperatorTraits { [.memoryBound] }

  /// Inputs: x, a `bool` mask of its shape, and a source of x's type with at least as many elements as the mask has set.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 3...3)
    guard inputs[1].dtype == .bool, inputs[1].shape == inputs[0].shape else {
      throw mismatch("the mask is \(inputs[1]); bool\(inputs[0].shape) is expected")
    }
    guard inputs[2].dtype == inputs[0].dtype else {
      throw mismatch("the source is \(inputs[2].dtype), the input \(inputs[0].dtype)")
    }
    return [TensorSpec(inputs[0].dtype, inputs[0].shape)]
  }

  /// Calls the C kernel; a source that is too short is reported.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    var out = outputs[0].kernelView
    let status = withViews(inputs[0], inputs[1], inputs[2]) { ds_masked_scatter($0, $1, $2, &out) }
    try withExtendedLifetime(outputs) { try check(status, self, inputs) }
  }

  /// The mask.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [1]) }

  /// The upstream gradient beside the mask, and its elements under it; source elements that were not used get zeros.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let (mask, g) = (context.input(1), context.gradient)
    var result: [Tensor?] = [nil, nil, nil]
    if context.wants(0) { result[0] = g.maskedFill(mask, 0) }
    if context.wants(2) {
      let source = context.inputSpec(2).shape
      let used = apply(MaskedSelectOperator(), g, mask)
      let unused = Tensor.zeros([source.elementCount - used.elementCount], dtype: g.dtype)
      result[2] = Tensor.concatenate([used, unused]).reshaped(source)
    }
    return result
  }
}

/// The indices of the elements that are not zero, in row-major order: `int64[count, rank]`.
public struct NonzeroOperator: Operator {
  /// The operator; it has no attributes.
  public init() {}

  /// `nonzero`.
  public var name: String { "nonzero" }
  /// Its length follows from the elements.
  public var traits: OperatorTraits { [.memoryBound, .shapeReadsValues, .nonDifferentiable] }

  /// One input, whose value must be known.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    try expectArithmetic(inputs[0])
    return [TensorSpec(.int64, [try inputs[0].nonzeroCount(self), inputs[0].shape.rank])]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    try check(withViews(inputs[0], outputs[0]) { ds_nonzero($0, $1) }, self, inputs)
  }
}

extension TensorSpec {
  /// How many elements of the known value are not zero.
  fileprivate func nonzeroCount(_ operation: some Operator) throws -> Int {
    guard let value else {
      throw operation.mismatch(
        "the result's length follows from the elements of a \(self), which are not known while a graph is being built")
    }
    var view = value.kernelView
    var count: Int64 = 0
    let status = ds_nonzero_count(&view, &count)
    try withExtendedLifetime(value) { try check(status, operation, [value]) }
    return Int(count)
  }
}

extension Tensor {
  /// The mask stretched to this tensor's shape; traps when it does not fit or is not `bool`.
  private func fitted(_ mask: Tensor, _ operation: String, file: StaticString, line: UInt) -> Tensor {
    if mask.dtype != .bool {
      fatalError("\(operation): the mask is \(mask.spec); bool is expected", file: file, line: line)
    }
    return mask.broadcast(to: shape, file: file, line: line)
  }

  /// The elements where `mask`, which broadcasts to this shape, is set, in row-major order, as one list. Its length follows
  /// from the mask, so it cannot be captured in a graph.
  public func maskedSelect(_ mask: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    let mask = fitted(mask, "masked_select", file: file, line: line)
    return apply(MaskedSelectOperator(), self, mask, file: file, line: line)
  }

  /// A copy with one number where `mask`, which broadcasts to this shape, is set.
  public func maskedFill(_ mask: Tensor, _ value: Double, file: StaticString = #file, line: UInt = #line) -> Tensor {
    let mask = fitted(mask, "masked_fill", file: file, line: line)
    return Tensor.select(mask, Tensor.full([], value, dtype: dtype), self, file: file, line: line)
  }

  /// A copy whose elements where `mask` is set are replaced, in row-major order, by those of `source`, which must have
  /// enough.
  public func maskedScatter(
    _ mask: Tensor, _ source: Tensor, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let mask = fitted(mask, "masked_scatter", file: file, line: line)
    return apply(MaskedScatterOperator(), self, mask, source.cast(to: dtype), file: file, line: line)
  }

  /// The indices of the elements that are not zero, in row-major order: `int64[count, rank]`. NaN is not zero. Its length
  /// follows from the elements, so it cannot be captured in a graph.
  public func nonzero(file: StaticString = #file, line: UInt = #line) -> Tensor {
    apply(NonzeroOperator(), self, file: file, line: line)
  }
}
