import DeepSeekTensor

/// The labels of an Einstein sum: `"bij,bjk->bik"` read against the operands' ranks, ellipses written out.
struct EinsumEquation {
  /// One label for each axis of each operand; an ellipsis' axes have negative ones.
  let operands: [[Int]]
  /// The labels of the result's axes.
  let result: [Int]

  init(_ text: String, ranks: [Int]) throws {
    let compact = text.filter { $0 != " " }
    let (left, right) = EinsumEquation.sides(compact)
    let terms = left.split(separator: ",", omittingEmptySubsequences: false).map { Array($0.unicodeScalars) }
    guard terms.count == ranks.count else {
      throw OperatorError("einsum", "'\(text)' has \(terms.count) operands, \(ranks.count) are given")
    }
    // Ellipses align at their last axis, as broadcasting does, so their axes are numbered from the back.
    operands = try zip(terms, ranks).map { try EinsumEquation.labels($0, rank: $1, text) }
    let widest = operands.map { $0.filter { $0 < 0 }.count }.max() ?? 0
    let ellipsis = (0..<widest).map { -(widest - $0) }
    guard let right else {
      // Without a right side: the ellipsis, then the labels that occur once, in alphabetical order.
      let all = operands.joined().filter { $0 > 0 }
      result = ellipsis + Set(all).filter { label in all.filter { $0 == label }.count == 1 }.sorted()
      return
    }
    let scalars = Array(right.unicodeScalars)
    result = try EinsumEquation.labels(scalars, rank: nil, text, ellipsis: ellipsis)
    let known = Set(operands.joined())
    if let stranger = result.first(where: { $0 > 0 && !known.contains($0) }) {
      throw OperatorError(
        "einsum", "label '\(EinsumEquation.name(stranger))' of the result is in no operand of '\(text)'")
    }
    guard Set(result).count == result.count else {
      throw OperatorError("einsum", "a label occurs twice in the result of '\(text)'")
    }
  }

  private static func sides(_ text: String) -> (String, String?) {
    guard let arrow = text.firstIndex(of: "-"), text[arrow...].hasPrefix("->") else { return (text, nil) }
    return (String(text[..<arrow]), String(text[text.index(arrow, offsetBy: 2)...]))
  }

  private static func labels(
    _ scalars: [Unicode.Scalar], rank: Int?, _ text: String, ellipsis: [Int] = []
  ) throws -> [Int] {
    var labels: [Int] = []
    var dots: Int?
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      if scalar == "." {
        guard dots == nil, index + 2 < scalars.count, scalars[index + 1] == ".", scalars[index + 2] == "." else {
          throw OperatorError("einsum", "'\(text)' has dots that are not one ellipsis '...' a term")
        }
        dots = labels.count
        index += 3
        continue
      }
      guard scalar.isASCII, scalar.properties.isAlphabetic else {
        throw OperatorError("einsum", "'\(scalar)' in '\(text)' is not a label; letters are expected")
      }
      labels.append(Int(scalar.value))
      index += 1
    }
    guard let rank else {
      if let dots { labels.insert(contentsOf: ellipsis, at: dots) }
      return labels
    }
    let spare = rank - labels.count
    guard spare == 0 || (spare > 0 && dots != nil) else {
      throw OperatorError("einsum", "a term of '\(text)' has \(labels.count) labels for \(rank) axes")
    }
    if let dots { labels.insert(contentsOf: (0..<spare).map { -(spare - $0) }, at: dots) }
    return labels
  }

  static func name(_ label: Int) -> String {
    label > 0 ? String(Character(Unicode.Scalar(UInt8(truncatingIfNeeded: label)))) : "..."
  }
}
