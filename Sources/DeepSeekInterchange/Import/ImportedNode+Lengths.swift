import DeepSeekTensor

/// What follows for shapes computed inside the graph: beside the tensors, their elements are followed as lengths, so that a
/// reshape to `[batch, -1]` is understood while the batch is still open.
extension ImportedNode {
  /// The elements of the first output, a scalar or a vector of integers, or of truths as 0 and 1; `nil` where they do not
  /// follow from lengths.
  func derivedLengths(_ output: Tensor) throws -> [Length]? {
    guard output.graphValue != nil, output.rank <= 1, [.int32, .int64, .bool].contains(output.dtype) else {
      return nil
    }
    guard let elements = try derivedElements(), elements.count == (output.rank == 0 ? 1 : output.dimension(0).known)
    else { return nil }
    return elements
  }

  /// All lengths multiplied.
  func product(_ lengths: [Length]?) -> [Length]? {
    var total = Length.number(1)
    guard let lengths else { return nil }
    for length in lengths {
      guard let next = total * length else { return nil }
      total = next
    }
    return [total]
  }
}
