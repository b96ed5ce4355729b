extension LegacyName {
  /// Every old name that has a counterpart today. Names of several words stand in it twice, as Python writes them
  /// (`tf.reduce_mean`) and as Swift does (`tf.reduceMean`).
  public static let all: [LegacyName] = families.flatMap(\.names)

  /// The same, part by part, each with a title.
  public static let families: [(title: String, names: [LegacyName])] = [
    ("The guides' own names", guides), ("Keras: models", bothSpellings(kerasModels)),
    ("Keras: layers", bothSpellings(kerasLayers)),
    ("Keras: training", bothSpellings(kerasTraining)),
    ("TensorFlow 1: graphs and sessions", bothSpellings(tensorFlowGraphs)),
    ("TensorFlow 1: training", bothSpellings(tensorFlowTraining)),
    ("TensorFlow 1: tensors", bothSpellings(tensorFlowTensors)),
    ("TensorFlow 1: arithmetic and reductions", bothSpellings(tensorFlowMath)),
    ("TensorFlow 1: networks", bothSpellings(tensorFlowNetworks)),
  ]

  /// Each row as it is, and in camel case where that differs; labels of arguments in both spellings.
  private static func bothSpellings(_ rows: [LegacyName]) -> [LegacyName] {
    rows.flatMap { row in
      let spelled = row.respelled(row.old)
      let camel = LegacyName.camelCase(row.old)
      return camel == row.old || camel == row.new ? [spelled] : [spelled, row.respelled(camel)]
    }
  }

  private func respelled(_ name: String) -> LegacyName {
    LegacyName(
      name, new, line: line, deprecatedSince: deprecatedSince, exactness, rewrite.withBothSpellings, note: note,
      hasAlias: hasAlias)
  }

  /// `reduce_mean` as `reduceMean`; parts between dots one by one, and names without an underscore as they are.
  static func camelCase(_ name: String) -> String {
    var result = ""
    var isRaised = false
    for (index, character) in name.enumerated() {
      if character == "_" && index > 0 {
        isRaised = true
        continue
      }
      result += isRaised ? character.uppercased() : String(character)
      isRaised = false
    }
    return result
  }
}

extension LegacyName.Rewrite {
  fileprivate var withBothSpellings: LegacyName.Rewrite {
    func both(_ labels: [String: String]) -> [String: String] {
      labels.merging(labels.map { (LegacyName.camelCase($0.key), $0.value) }) { first, _ in first }
    }
    switch self {
    case .rename, .byHand: return self
    case .relabel(let labels): return .relabel(both(labels))
    case .method(let labels): return .method(both(labels))
    }
  }
}
