/// Special tokens by a template such as `[CLS] $A [SEP] $B:1 [SEP]:1`.
struct TemplateProcessing: Sendable {
  enum Part: Sendable {
    /// The text (0) or its pair (1).
    case sequence(Int, typeID: Int)
    case special(String, typeID: Int)
  }

  /// A special token may stand for several ids.
  struct Special: Sendable {
    var ids: [Int]
    var tokens: [String]
  }

  var single: [Part]
  var pair: [Part]
  var specials: [String: Special]

  func addedCount(isPair: Bool) -> Int {
    (isPair ? pair : single).reduce(0) { count, part in
      if case .special(let name, _) = part { return count + (specials[name]?.ids.count ?? 0) }
      return count
    }
  }

  func process(_ encodings: [Encoding], addSpecialTokens: Bool) throws(TokenizerError) -> [Encoding] {
    guard encodings.count == 1 || encodings.count == 2 else {
      throw .invalidField(path: "post_processor", reason: "a template cannot follow another post-processor's tokens")
    }
    let names = encodings[0].names
    var result: [Encoding] = []
    for part in encodings.count == 2 ? pair : single {
      switch part {
      case .sequence(let index, let typeID):
        guard index < encodings.count else {
          throw .invalidField(path: "post_processor.single", reason: "the template names a second text")
        }
        var encoding = encodings[index]
        encoding.setTypeIDs(typeID)
        encoding.setSequence(index)
        result.append(encoding)
      case .special(let name, let typeID):
        guard addSpecialTokens, let special = specials[name] else { continue }
        result.append(
          Encoding(special: Array(zip(special.ids, special.tokens)), typeID: typeID, names: names))
      }
    }
    return result
  }
}
