public import DeepSeekTensor

/// The lengths of a tensor's axes, as `int64[rank]`: for graphs from elsewhere that compute with them.
public struct ShapeOperator: Operator {
  /// The operator; it has no attributes.
  public init() {}

  /// `shape`.
  public var name: String { "shape" }
  /// Reads no element.
  public var traits: OperatorTraits { [.memoryBound, .nonDifferentiable] }

  /// One number for each axis.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    return [TensorSpec(.int64, [inputs[0].shape.rank])]
  }

  /// Writes the lengths.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let target = outputs[0].pointer.assumingMemoryBound(to: Int64.self)
    for axis in 0..<inputs[0].rank { target[axis] = Int64(inputs[0].shape[axis]) }
  }
}
