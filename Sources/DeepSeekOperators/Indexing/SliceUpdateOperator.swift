public import DeepSeekTensor

/// A tensor with a part of it replaced: `out = x`, then the indices of some extents get the source's elements.
public struct SliceUpdateOperator: Operator {
  /// One for each axis that is cut.
  public let extents: [SliceOperator.Extent]

  /// At these extents.
  public init(_ extents: [SliceOperator.Extent]) { self.extents = extents }

  /// `slice_update`.
  public var name: String { "slice_update" }
  /// Moves memory.
  public var traits: OperatorTraits { [.memoryBound] }

  /// Inputs: x, and a source of its type and of the shape that the extents cut.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...2)
    let part = try SliceOperator(extents).infer([inputs[0]])[0]
    guard inputs[1] == part else { throw mismatch("source \(inputs[1]); \(part) is expected") }
    return [TensorSpec(inputs[0].dtype, inputs[0].shape)]
  }

  /// Copies x, then the source over its part.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let out = outputs[0]
    inputs[0].copyElements(to: out)
    inputs[1].copyElements(to: out.viewed(out.layout.cut(extents)))
  }

  /// With the symbols in the extents replaced.
  public func resolved(_ bindings: [Dimension: Int]) -> SliceUpdateOperator {
    SliceUpdateOperator(extents.map { $0.resolved(bindings) })
  }

  /// The upstream gradient with zeros in the part, and the part.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let g = context.gradient
    return [
      context.wants(0) ? apply(self, g, g.stretched(0, to: context.inputSpec(1).shape)) : nil,
      context.wants(1) ? apply(SliceOperator(extents), g) : nil,
    ]
  }
}
