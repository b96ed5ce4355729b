import DeepSeekProtocols
import DeepSeekTensor

extension TensorFlowNode {
  /// What its operator makes of the lengths that it reads.
  func derivedElements() throws -> [Length]? {
    let known = inputs.map(\.knownLengths)
    guard let first = known.first else { return nil }
    switch proto.op {
    case "Cast", "Reshape", "ExpandDims", "Squeeze": return first
    case "Pack":
      let parts = known.compactMap { $0?.first }
      return parts.count == known.count && inputs[0].tensor.rank == 0 ? parts : nil
    case "ConcatV2":
      let parts = known.dropLast().compactMap { $0 }
      return parts.count == known.count - 1 ? Array(parts.joined()) : nil
    case "Prod": return product(first)
    case "Mul": return combined(known, *)
    case "Add", "AddV2": return combined(known, +)
    case "Sub": return combined(known, -)
    case "FloorDiv": return combined(known, /)
    case "GatherV2", "Gather":
      guard let first, let places = known[1] else { return nil }
      let picked = places.compactMap { place in place.number.flatMap { first.indices.contains($0) ? first[$0] : nil } }
      return picked.count == places.count ? picked : nil
    case "Slice":
      guard let first, let begin = known[1]?.first?.number, let size = known[2]?.first?.number, begin >= 0 else {
        return nil
      }
      let count = size == -1 ? first.count - begin : size
      return begin <= first.count && count >= 0 && count <= first.count - begin
        ? Array(first[begin..<begin + count]) : nil
    case "StridedSlice": return try first.flatMap { try slice(of: $0, known) }
    default: return nil
    }
  }

  /// One part of a vector.
  private func slice(of elements: [Length], _ known: [[Length]?]) throws -> [Length]? {
    guard known.count == 4, let begin = known[1]?.first?.number, let end = known[2]?.first?.number,
      let step = known[3]?.first?.number, known[1]?.count == 1, try int("ellipsis_mask", default: 0) == 0,
      try int("new_axis_mask", default: 0) == 0
    else { return nil }
    let count = elements.count
    func place(_ index: Int) -> Int { index < 0 && index > -count - 1 ? index + count : index }
    if try int("shrink_axis_mask", default: 0) & 1 == 1 {
      let index = place(begin)
      return elements.indices.contains(index) ? [elements[index]] : nil
    }
    guard step == 1 else { return nil }
    let first = try int("begin_mask", default: 0) & 1 == 1 ? 0 : min(max(place(begin), 0), count)
    let last = try int("end_mask", default: 0) & 1 == 1 ? count : min(max(place(end), 0), count)
    return first <= last ? Array(elements[first..<last]) : []
  }
}
