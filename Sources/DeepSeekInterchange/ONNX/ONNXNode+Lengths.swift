import DeepSeekProtocols
import DeepSeekTensor

extension ONNXNode {
  /// What its operator makes of the lengths that it reads.
  func derivedElements() throws -> [Length]? {
    let known = inputs.map { $0?.knownLengths }
    guard let first = known.first else { return nil }
    switch proto.opType {
    case "Cast", "CastLike", "Reshape", "Unsqueeze", "Squeeze", "Identity", "Flatten": return first
    case "Concat":
      let parts = known.compactMap { $0 }
      return parts.count == known.count ? Array(parts.joined()) : nil
    case "ReduceProd": return product(first)
    case "Mul": return combined(known, *)
    case "Add": return combined(known, +)
    case "Sub": return combined(known, -)
    case "Div": return combined(known, /)
    case "Equal": return combined(known) { $0.equals($1).map { .number($0 ? 1 : 0) } }
    case "Where": return known.count == 3 ? chosen(known[0], known[1], known[2]) : nil
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

  /// Elements of the second where those of the first are not zero, of the third elsewhere.
  private func chosen(_ truths: [Length]?, _ first: [Length]?, _ second: [Length]?) -> [Length]? {
    guard let truths, let first, let second else { return nil }
    let count = max(truths.count, first.count, second.count)
    guard [truths, first, second].allSatisfy({ $0.count == count || $0.count == 1 }) else { return nil }
    func element(_ list: [Length], _ index: Int) -> Length { list[list.count == 1 ? 0 : index] }
    let results = (0..<count).compactMap { index in
      element(truths, index).number.map { element($0 != 0 ? first : second, index) }
    }
    return results.count == count ? results : nil
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
