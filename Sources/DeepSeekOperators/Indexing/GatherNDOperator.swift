import CDeepSeekKernels
public import DeepSeekTensor

/// Slices named by several indices each: x `[…]` and an index tensor `[n…, k]` give `[n…, x's axes from k on]`.
public struct GatherNDOperator: Operator {
  /// The operator; it has no attributes.
  public init() {}

  /// `gather_nd`.
  public var name: String { "gather_nd" }
  /// Moves memory.
  public var traits: OperatorTraits { [.memoryBound, .gathers] }

  /// Inputs: x and `int64` or `int32` indices whose last axis is no longer than x has axes.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...2)
    try expectIndices(inputs[1], "the index tensor")
    let (x, index) = (inputs[0].shape, inputs[1].shape)
    guard index.rank >= 1, let count = index.dimension(-1).known, count <= x.rank else {
      throw mismatch("index \(index) for input \(x); [n…, k] with k at most \(x.rank) is expected")
    }
    let lengths = index.dimensions.dropLast() + x.dimensions.dropFirst(count)
    guard lengths.count <= Shape.maximumRank else { throw mismatch("the result would have \(lengths.count) axes") }
    return [TensorSpec(inputs[0].dtype, Shape(Array(lengths)))]
  }

  /// Calls the C kernel; an index outside its axis is reported.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    try check(withViews(inputs[0], inputs[1], outputs[0]) { ds_gather_nd($0, $1, 0, $2) }, self, inputs)
  }

  /// The indices.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [1]) }

  /// The upstream slices added where they came from.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let g = context.gradient
    let zeros = g.stretched(0, to: context.inputSpec(0).shape)
    return [apply(ScatterNDOperator(.add), zeros, context.input(1), g), nil]
  }
}

/// Slices put where several indices each say: `out = x`, then the slice that `index[i]` names meets `source[i]`.
public struct ScatterNDOperator: Operator {
  /// How an element meets the one that is there.
  public let mode: ScatterOperator.Mode

  /// With this way of meeting.
  public init(_ mode: ScatterOperator.Mode) { self.mode = mode }

  /// `scatter_nd`, with the mode after it.
  public var name: String { mode == .set ? "scatter_nd" : "scatter_nd_" + mode.rawValue }
  /// Moves memory.
  public var traits: OperatorTraits { [.memoryBound] }

  /// Inputs: x, indices `[n…, k]`, and a source `[n…, x's axes from k on]` of x's type.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 3...3)
    let slices = try GatherNDOperator().infer([inputs[0], inputs[1]])[0]
    guard inputs[2] == slices else { throw mismatch("source \(inputs[2]); \(slices) is expected") }
    return [TensorSpec(inputs[0].dtype, inputs[0].shape)]
  }

  /// Calls the C kernel; an index outside its axis is reported.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    var out = outputs[0].kernelView
    let status = withViews(inputs[0], inputs[1], inputs[2]) { ds_scatter_nd($0, $1, $2, mode.kernel, &out) }
    try withExtendedLifetime(outputs) { try check(status, self, inputs) }
  }

  /// The indices, and all else where what came out says who gets its gradient.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { mode.residuals }

  /// As ``ScatterOperator``'s: what was set hides x there; each slice of the source gets the gradient of its place.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let (index, g) = (context.input(1), context.gradient)
    if mode.isReduction {
      let reduction = ScatterReduction(
        mode: mode, scatter: { apply(ScatterNDOperator($0), $1, index, $2) },
        gather: { apply(GatherNDOperator(), $0, index) })
      let (toInput, toSource) = reduction.gradients(context.input(0), context.input(2), context.output(0), g)
      return [context.wants(0) ? toInput : nil, nil, context.wants(2) ? toSource : nil]
    }
    var toInput: Tensor? = context.wants(0) ? g : nil
    if mode == .set && context.wants(0) {
      toInput = apply(ScatterNDOperator(.set), g, index, g.stretched(0, to: context.inputSpec(2).shape))
    }
    return [toInput, nil, context.wants(2) ? apply(GatherNDOperator(), g, index) : nil]
  }
}

extension Tensor {
  /// Slices named by several indices each: an index tensor `[batch…, n…, k]` gives `[batch…, n…, axes left…]`, where the
  /// first `batchAxes` axes are shared with this tensor (ONNX `GatherND`). Negative indices count from the end.
  public func gatherND(
    _ index: Tensor, batchAxes: Int = 0, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    if batchAxes < 0 || batchAxes >= Swift.max(index.rank, 1) || batchAxes > rank {
      fatalError("gather_nd: \(batchAxes) batch axes of \(shape) and index \(index.shape)", file: file, line: line)
    }
    return apply(GatherNDOperator(), self, withBatchPositions(index, batchAxes), file: file, line: line)
  }

  /// A copy with the slices of `source` put where the rows of `index` say (ONNX `ScatterND`).
  public func scatterND(
    _ index: Tensor, _ source: Tensor, mode: ScatterOperator.Mode = .set, file: StaticString = #file,
    line: UInt = #line
  ) -> Tensor {
    apply(ScatterNDOperator(mode), self, index, source.cast(to: dtype), file: file, line: line)
  }

  /// Index rows with the position along each batch axis before them.
  private func withBatchPositions(_ index: Tensor, _ batchAxes: Int) -> Tensor {
    if batchAxes == 0 { return index }
    let column = Array(index.shape.dropLast()) + [1]
    let positions = (0..<batchAxes).map { axis -> Tensor in
      var lengths = Array(repeating: 1, count: index.rank)
      lengths[axis] = index.shape[axis]
      return Tensor.range(lengths[axis]).reshaped(lengths).broadcast(to: Shape(column)).cast(to: index.dtype)
    }
    return Tensor.concatenate(positions + [index], axis: -1)
  }
}
