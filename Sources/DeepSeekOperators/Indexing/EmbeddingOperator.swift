import CDeepSeekKernels
public import DeepSeekTensor

/// Rows of a table: weight `[entries, width]` and indices of any shape give `[indices…, width]`.
public struct EmbeddingOperator: Operator {
  /// The index whose row receives no gradient; `nil` for none.
  public let paddingIndex: Int?

  /// A lookup whose row `paddingIndex` receives no gradient.
  public init(paddingIndex: Int? = nil) { self.paddingIndex = paddingIndex }

  /// `embedding`.
  public var name: String { "embedding" }
  /// Moves memory.
  public var traits: OperatorTraits { [.memoryBound, .gathers] }

  /// Inputs: the weight, of rank 2, and `int64` or `int32` indices.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...2)
    guard inputs[0].shape.rank == 2 else { throw mismatch("weight \(inputs[0].shape); [entries, width] is expected") }
    try expectIndices(inputs[1], "the index tensor")
    return [TensorSpec(inputs[0].dtype, Shape(inputs[1].shape.dimensions + [inputs[0].shape.dimension(1)]))]
  }

  /// Calls the C kernel; an index outside the table is reported.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    try check(withViews(inputs[0], inputs[1], outputs[0]) { ds_gather_rows($0, $1, $2) }, self, inputs)
  }

  /// The indices.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [1]) }

  /// The upstream rows added where they came from.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let operation = EmbeddingGradientOperator(context.inputSpec(0).shape, paddingIndex: paddingIndex)
    return [apply(operation, context.gradient, context.input(1)), nil]
  }
}

/// Rows added up in a table of zeros: the gradient of ``EmbeddingOperator``.
public struct EmbeddingGradientOperator: Operator {
  /// The table's shape.
  public let target: Shape
  /// The index whose rows are left out.
  public let paddingIndex: Int?

  /// Rows added up in a table of shape `target`.
  public init(_ target: Shape, paddingIndex: Int?) {
    self.target = target
    self.paddingIndex = paddingIndex
  }

  /// `embedding_gradient`.
  public var name: String { "embedding_gradient" }
  /// Moves memory.
  public var traits: OperatorTraits { [.memoryBound] }

  /// Inputs: the rows `[indices…, width]` and the indices.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...2)
    try expectFloating(inputs[0])
    try expectIndices(inputs[1], "the index tensor")
    let expected = Shape(inputs[1].shape.dimensions + [target.dimension(1)])
    guard inputs[0].shape == expected else { throw mismatch("rows \(inputs[0].shape); \(expected) is expected") }
    return [TensorSpec(inputs[0].dtype, target)]
  }

  /// Calls the C kernel on zeros.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let out = outputs[0]
    out.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: out.elementCount * out.dtype.byteCount)
    let status = withViews(inputs[0], inputs[1], out) {
      ds_gather_rows_backward($0, $1, Int64(paddingIndex ?? -1), $2)
    }
    try check(status, self, inputs)
  }

  /// The indices.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [1]) }

  /// The rows of the upstream gradient; zeros at the padding index.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let indices = context.input(1)
    let rows = Tensor.embedding(context.gradient, indices)
    guard let paddingIndex else { return [rows, nil] }
    let isPadding = indices.equal(to: Double(paddingIndex)).expanded(-1)
    return [Tensor.select(isPadding, Tensor.zeros([], dtype: rows.dtype), rows), nil]
  }

  /// With the symbols in the target replaced.
  public func resolved(_ bindings: [Dimension: Int]) -> EmbeddingGradientOperator {
    EmbeddingGradientOperator(target.resolved(bindings), paddingIndex: paddingIndex)
  }
}

extension Tensor {
  /// Rows of a table: weight `[entries, width]` and indices of any shape give `[indices…, width]`. Rows at `paddingIndex`
  /// receive no gradient. An index outside the table traps.
  public static func embedding(
    _ weight: Tensor, _ indices: Tensor, paddingIndex: Int? = nil, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    apply(EmbeddingOperator(paddingIndex: paddingIndex), weight, indices, file: file, line: line)
  }
}
