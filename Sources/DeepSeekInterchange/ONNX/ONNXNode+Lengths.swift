import DeepSeekProtocols
import DeepSeekTensor

/// What follows for shapes computed inside the graph: beside the tensors, their elements are followed as lengths, so that a
/// reshape to `[batch, -1]` is understood while the batch is still open.
extension ONNXNode {
  /// The elements of the first output, a scalar or a vector of integers; `nil` where they are not lengths.
  func derivedLengths(_ output: Tensor) throws -> [Length]? {
    guard output.graphValue != nil, output.rank <= 1, output.dtype == .int32 || output.dtype == .int64 else {
      return nil
    }
    guard let elements = try elements(), elements.count == (output.rank == 0 ? 1 : output.dimension(0).known) else {
      return nil
    }
    return elements
  }

  private func elements() throws -> [Length]? {
    let known = inputs.map { $0?.knownLengths }
    guard let first = known.first else { return nil }
    switch proto.opType {
    case "Cast", "CastLike", "Reshape", "Unsqueeze", "Squeeze", "Identity", "Flatten": return first
    case "Concat":
      let parts = known.compactMap { $0 }
      return parts.count == known.count ? Array(parts.joined()) : nil
    case "ReduceProd":
      let product = first?.reduce(Optional(Length.number(1))) { total, length in total.flatMap { $0 * length } }
      return product.flatMap { $0 }.map { [$0] }
    case "Mul": return combined(known, *)
    case "Add": return combined(known, +)
    case "Sub": return combined(known, -)
    case "Div": return combined(known, /)
    case "Gather":
      guard let first, known.count > 1, let places = known[1] else { return nil }
      let picked = places.compactMap { place -> Length? in
        guard let number = place.number else { return nil }
        let index = number < 0 && number > .min / 2 ? number + first.count : number
        return first.indices.contains(index) ? first[index] : nil
      }
      return picked.count == places.count ? picked : nil
    case "Slice": return try first.flatMap { try slice(of: $0) }
    default: return nil
    }
  }

  /// One part of a vector.
  private func slice(of elements: [Length]) throws -> [Length]? {
    let count = elements.count
    guard let begin = try lengths(input: 1, orAttribute: "starts")?.first?.number,
      let end = try lengths(input: 2, orAttribute: "ends")?.first?.number,
      !has(4) || inputs[4]?.knownLengths == [.number(1)]
    else { return nil }
    func place(_ index: Int) -> Int { min(max(index < 0 && index > .min / 2 ? index + count : index, 0), count) }
    return place(begin) <= place(end) ? Array(elements[place(begin)..<place(end)]) : []
  }
}
