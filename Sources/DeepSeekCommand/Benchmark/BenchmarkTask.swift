import ArgumentParser

extension BenchmarkCommand.Task {
  /// The layer that it measures; `nil` where `--version` says which.
  private var layer: FrameworkLayer? {
    switch self {
    case .nlp, .recovery: nil
    case .ops, .eager, .tokenize, .data: .dynamic
    case .engines, .inference, .serving: .heterogeneous
    }
  }

  /// The options that it uses, beside `--version`, `--quick` and `--json`.
  private var options: Set<String> {
    switch self {
    case .nlp: ["batch", "sequence", "seconds", "part", "precision", "model", "eval"]
    case .ops, .eager, .engines: ["seconds"]
    case .tokenize, .serving: ["seconds", "model", "input"]
    case .data: ["seconds", "data"]
    case .inference: ["seconds", "batch", "sequence", "program", "precision"]
    case .recovery: []
    }
  }

  /// Seconds that each figure is measured for when nobody says.
  var usualSeconds: Double {
    switch self {
    case .nlp, .data, .inference, .serving, .recovery: 10
    case .tokenize: 3
    case .eager, .engines: 1
    case .ops: 0.5
    }
  }

  /// The most seconds for a figure when it is to be quick.
  var quickSeconds: Double {
    switch self {
    case .nlp, .inference, .serving, .recovery: 2
    case .tokenize: 0.5
    case .eager, .engines: 0.2
    case .ops: 0.1
    case .data: 0
    }
  }

  /// Refuses what would have no effect.
  func check(given command: BenchmarkCommand) throws {
    let given: [(name: String, isGiven: Bool)] = [
      ("batch", command.batchSize != nil), ("sequence", command.sequenceLength != nil),
      ("seconds", command.seconds != nil), ("part", command.part != nil), ("data", command.data != nil),
      ("model", command.model != nil), ("input", command.input != nil), ("program", command.program != nil),
      ("precision", command.precision != nil), ("eval", command.evaluation != nil),
    ]
    for (name, isGiven) in given where isGiven && !options.contains(name) {
      throw ValidationError("--\(name) has no effect on --task \(rawValue).")
    }
    guard let layer, let asked = command.version else { return }
    guard case .one(layer) = asked else {
      throw ValidationError("--task \(rawValue) measures --version \(layer.rawValue).")
    }
  }
}
