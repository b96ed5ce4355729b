import CDeepSeekKernels
public import DeepSeekTensor

/// Elements picked along an axis by an index tensor: `out[…, a, …] = x[…, index[…, a, …], …]`.
public struct GatherOperator: Operator {
  /// The axis, counted from the start.
  public let axis: Int

  /// Along `axis`.
  public init(_ axis: Int) { self.axis = axis }

  /// `gather`.
  public var name: String { "gather" }
  /// Moves memory.
  public var traits: OperatorTraits { [.memoryBound, .gathers] }

  /// Inputs: x and an index tensor of the same rank, no larger than x in any other axis. The result has the index' shape.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...2)
    try expectIndices(inputs[1], "the index tensor")
    try expectIndexFits(inputs[0].shape, inputs[1].shape, axis)
    return [TensorSpec(inputs[0].dtype, inputs[1].shape)]
  }

  /// Calls the C kernel; an index outside the axis is reported.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    try check(withViews(inputs[0], inputs[1], outputs[0]) { ds_gather($0, Int32(axis), $1, $2) }, self, inputs)
  }

  /// The index tensor.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [1]) }

  /// The upstream gradient added up where it was picked.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let g = context.gradient
    let zeros = g.stretched(0, to: context.inputSpec(0).shape)
    return [apply(ScatterOperator(.add, axis), zeros, context.input(1), g), nil]
  }
}

extension Operator {
  /// Checks that an index tensor has the rank of `shape` and is no larger in any axis but one.
  func expectIndexFits(_ shape: Shape, _ index: Shape, _ axis: Int) throws {
    let position = try shape.checkedIndex(of: axis, in: name)
    guard index.rank == shape.rank else { throw mismatch("index \(index) and input \(shape) differ in rank") }
    for other in 0..<shape.rank where other != position {
      if let length = shape.dimension(other).known, let count = index.dimension(other).known, count > length {
        throw mismatch("index \(index) is larger than input \(shape) in axis \(other)")
      }
    }
  }
}

/// Elements put along an axis where an index tensor says: `out = x`, then `out[…, index[…, a, …], …]` meets
/// `source[…, a, …]`.
public struct ScatterOperator: Operator {
  /// How an element meets the one that is there.
  public enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
    /// Takes its place; the last of several stays.
    case set
    /// Is added.
    case add
    /// Multiplies.
    case multiply
    /// The larger stays.
    case max
    /// The smaller stays.
    case min

    var kernel: ds_scatter_mode {
      switch self {
      case .set: DS_SCATTER_SET
      case .add: DS_SCATTER_ADD
      case .multiply: DS_SCATTER_MULTIPLY
      case .max: DS_SCATTER_MAX
      case .min: DS_SCATTER_MIN
      }
    }
  }

  /// How an element meets the one that is there.
  public let mode: Mode
  /// The axis, counted from the start.
  public let axis: Int

  /// Along `axis`.
  public init(_ mode: Mode, _ axis: Int) {
    self.mode = mode
    self.axis = axis
  }

  /// `scatter`, or `scatter_` and the mode.
  public var name: String { mode == .set ? "scatter" : "scatter_" + mode.rawValue }
  /// Moves memory.
  public var traits: OperatorTraits { [.memoryBound] }

  /// Inputs: x, an index tensor, and a source of the index' shape and x's type.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 3...3)
    try expectIndices(inputs[1], "the index tensor")
    try expectIndexFits(inputs[0].shape, inputs[1].shape, axis)
    guard inputs[2] == TensorSpec(inputs[0].dtype, inputs[1].shape) else {
      throw mismatch("source \(inputs[2]); \(inputs[0].dtype)\(inputs[1].shape) is expected")
    }
    return [TensorSpec(inputs[0].dtype, inputs[0].shape)]
  }

  /// Calls the C kernel; an index outside the axis is reported.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    var out = outputs[0].kernelView
    let status = withViews(inputs[0], inputs[1], inputs[2]) { x, index, source in
      ds_scatter(x, Int32(axis), index, source, mode.kernel, &out)
    }
    try withExtendedLifetime(outputs) { try check(status, self, inputs) }
  }

  /// The index tensor, and all else where what came out says who gets its gradient.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { mode.residuals }

  /// What was set passes no gradient to x; what was set or added gets it from its place. Where several were set at one
  /// place, all of them get it, though one stayed, as PyTorch has it. Of a product each factor gets that of the others;
  /// those that tie for a maximum or minimum share its gradient evenly.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let (index, g) = (context.input(1), context.gradient)
    if mode.isReduction {
      let axis = axis
      let reduction = ScatterReduction(
        mode: mode, scatter: { apply(ScatterOperator($0, axis), $1, index, $2) },
        gather: { apply(GatherOperator(axis), $0, index) })
      let (toInput, toSource) = reduction.gradients(context.input(0), context.input(2), context.output(0), g)
      return [context.wants(0) ? toInput : nil, nil, context.wants(2) ? toSource : nil]
    }
    var toInput: Tensor? = g
    if mode == .set && context.wants(0) {
      toInput = apply(ScatterOperator(.set, axis), g, index, g.stretched(0, to: index.shape))
    }
    return [context.wants(0) ? toInput : nil, nil, context.wants(2) ? apply(GatherOperator(axis), g, index) : nil]
  }
}

extension ScatterOperator.Mode {
  /// Whether what came out of several elements depends on all of them, other than by their sum.
  var isReduction: Bool { self != .set && self != .add }

  /// What a scatter's gradient reads.
  var residuals: Residuals { isReduction ? Residuals(inputs: [0, 1, 2], outputs: [0]) : Residuals(inputs: [1]) }
}

extension Tensor {
  /// Elements picked along an axis: `out[…, a, …] = self[…, index[…, a, …], …]`, of the index' shape. Negative indices count
  /// from the end.
  public func gather(axis: Int, _ index: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    apply(GatherOperator(shape.index(of: axis)), self, index, file: file, line: line)
  }

  /// A copy with elements of `source` put along an axis where `index`, of the source's shape, says.
  public func scatter(
    axis: Int, _ index: Tensor, _ source: Tensor, mode: ScatterOperator.Mode = .set, file: StaticString = #file,
    line: UInt = #line
  ) -> Tensor {
    apply(ScatterOperator(mode, shape.index(of: axis)), self, index, source, file: file, line: line)
  }

  /// A copy with elements of `source` added along an axis where `index` says.
  func scatteringSum(axis: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
    apply(ScatterOperator(.add, axis), self, index, source)
  }
}
