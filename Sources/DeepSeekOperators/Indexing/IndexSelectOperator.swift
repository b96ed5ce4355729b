import CDeepSeekKernels
public import DeepSeekTensor

/// Entries of an axis in the order that a list of indices gives, some perhaps repeated or left out.
public struct IndexSelectOperator: Operator {
  /// The axis, counted from the start.
  public let axis: Int

  /// Along `axis`.
  public init(_ axis: Int) { self.axis = axis }

  /// `index_select`.
  public var name: String { "index_select" }
  /// Moves memory.
  public var traits: OperatorTraits { [.memoryBound, .gathers] }

  /// Inputs: x and `int64` or `int32` indices of rank 1.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...2)
    try expectIndices(inputs[1], "the index tensor")
    let position = try inputs[0].shape.checkedIndex(of: axis, in: name)
    guard inputs[1].shape.rank == 1 else { throw mismatch("index \(inputs[1].shape); one axis is expected") }
    return [TensorSpec(inputs[0].dtype, inputs[0].shape.replacing(position, with: inputs[1].shape.dimension(0)))]
  }

  /// Calls the C kernel; an index outside the axis is reported.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    try check(withViews(inputs[0], inputs[1], outputs[0]) { ds_index_select($0, Int32(axis), $1, $2) }, self, inputs)
  }

  /// The indices.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [1]) }

  /// The upstream entries added where they came from.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let g = context.gradient
    let zeros = g.stretched(0, to: context.inputSpec(0).shape)
    return [apply(IndexAddOperator(axis), zeros, context.input(1), g), nil]
  }
}

/// Entries added to those of an axis that a list of indices names.
public struct IndexAddOperator: Operator {
  /// The axis, counted from the start.
  public let axis: Int

  /// Along `axis`.
  public init(_ axis: Int) { self.axis = axis }

  /// `index_add`.
  public var name: String { "index_add" }
  /// Moves memory.
  public var traits: OperatorTraits { [.memoryBound] }

  /// Inputs: x, indices of rank 1, and a source of x's type and shape, save that the axis has one entry for each index.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 3...3)
    try expectArithmetic(inputs[0])
    let entries = try IndexSelectOperator(axis).infer([inputs[0], inputs[1]])[0]
    guard inputs[2] == entries else { throw mismatch("source \(inputs[2]); \(entries) is expected") }
    return [TensorSpec(inputs[0].dtype, inputs[0].shape)]
  }

  /// Calls the C kernel; an index outside the axis is reported.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    var out = outputs[0].kernelView
    let status = withViews(inputs[0], inputs[1], inputs[2]) { ds_index_add($0, Int32(axis), $1, $2, &out) }
    try withExtendedLifetime(outputs) { try check(status, self, inputs) }
  }

  /// The indices.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [1]) }

  /// The upstream gradient, and its entries that something was added to.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let g = context.gradient
    return [
      context.wants(0) ? g : nil, nil,
      context.wants(2) ? apply(IndexSelectOperator(axis), g, context.input(1)) : nil,
    ]
  }
}

extension Tensor {
  /// Entries of an axis in the order that `index`, of rank 1, gives. Negative indices count from the end; one outside the
  /// axis traps.
  public func indexSelect(axis: Int, _ index: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    apply(IndexSelectOperator(shape.index(of: axis)), self, index, file: file, line: line)
  }

  /// A copy with the entries of `source` added to the entries of an axis that `index`, of rank 1, names.
  public func indexAdd(
    axis: Int, _ index: Tensor, _ source: Tensor, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    apply(IndexAddOperator(shape.index(of: axis)), self, index, source.cast(to: dtype), file: file, line: line)
  }

  /// Entries along an axis at indices of any shape, whose axes take the axis' place; of the flattened tensor when no axis is
  /// given. As NumPy's `take`.
  public func take(_ indices: Tensor, axis: Int? = nil, file: StaticString = #file, line: UInt = #line) -> Tensor {
    guard let axis else { return flattened().take(indices, axis: 0, file: file, line: line) }
    let position = shape.index(of: axis)
    var lengths = shape.dimensions
    lengths.replaceSubrange(position...position, with: indices.shape.dimensions)
    let flat = indices.reshaped([indices.shape.product(0..<indices.rank)])
    return indexSelect(axis: position, flat, file: file, line: line).reshaped(Shape(lengths))
  }
}
