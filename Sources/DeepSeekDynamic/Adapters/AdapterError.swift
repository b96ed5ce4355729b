/// Why an adapter cannot be made, loaded or merged; nothing was changed.
public enum AdapterError: Error, Sendable, Hashable, CustomStringConvertible {
  /// No layer that can be adapted has a name that the targets select.
  case noTarget(targets: String, available: [String])
  /// A regular expression that cannot be read.
  case invalidPattern(String, reason: String)
  /// A setting outside its range.
  case invalidSetting(String, value: String, expected: String)
  /// A part to be trained whole that the model lacks.
  case unknownModule(String)
  /// A name that is taken, or cannot be part of a key.
  case invalidName(String, reason: String)
  /// A name under which there is no adapter.
  case unknownAdapter(String, known: [String])
  /// Weights are merged already; they have to be unmerged first.
  case merged(names: [String])
  /// A merged weight would hold an infinity or a NaN.
  case notFinite(layer: String)
  /// The weight is not kept as it is, so that nothing can be added to it.
  case replacedProduct(layer: String)
  /// Tensors that do not fit the adapter: missing, unknown or of another shape.
  case unfitting(missing: [String], unused: [String], mismatched: [String])

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .noTarget(let targets, let available):
      "adapter: no layer's name is selected by \(targets); layers: \(AdapterError.some(available))"
    case .invalidPattern(let pattern, let reason): "adapter: the pattern '\(pattern)' cannot be read: \(reason)"
    case .invalidSetting(let field, let value, let expected):
      "adapter: '\(field)' is \(value); \(expected) is expected"
    case .unknownModule(let name): "adapter: the model has no module '\(name)' to be trained whole"
    case .invalidName(let name, let reason): "adapter: the name '\(name)' \(reason)"
    case .unknownAdapter(let name, let known):
      "adapter: there is none named '\(name)'; there are: \(AdapterError.some(known))"
    case .merged(let names): "adapter: \(AdapterError.some(names)) is merged into the weights; unmerge it first"
    case .notFinite(let layer):
      "adapter: merged, the weight of '\(layer)' would hold an infinity or a NaN; nothing was merged"
    case .replacedProduct(let layer):
      "adapter: the weight of '\(layer)' is kept in few bits, or its product is watched; nothing can be merged into it"
    case .unfitting(let missing, let unused, let mismatched):
      "adapter: the tensors do not fit; nothing was loaded"
        + (missing.isEmpty ? "" : "\nmissing: \(AdapterError.some(missing))")
        + (unused.isEmpty ? "" : "\nunused: \(AdapterError.some(unused))")
        + (mismatched.isEmpty ? "" : "\nof another shape: \(AdapterError.some(mismatched))")
    }
  }

  /// How many names a message lists.
  private static let listed = 20

  private static func some(_ names: [String]) -> String {
    if names.isEmpty { return "none" }
    let more = names.count - listed
    return names.prefix(listed).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }
}
