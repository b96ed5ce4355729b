import DeepSeekJSON

/// A family of models whose weights go by several sets of names: how each becomes Hugging Face's.
public struct ArchitectureMap: Sendable {
  /// A set of names.
  struct Scheme: Sendable {
    /// What it is called in reports: `Google's TensorFlow names`.
    let title: String
    /// A name that only this set has.
    let signature: NamePattern
    let rules: [MappingRule]
  }

  /// The name that `--architecture` takes.
  public let name: String
  /// The sets of names, the most particular first.
  let schemes: [Scheme]
  /// Where a configuration has the number of layers.
  let layerCountKey: String
  /// The number's name in the rules.
  static let layerName = "layer"
  /// Files beside a source under their old names, by the names that Hugging Face's libraries look for.
  let renamedFiles: [String: String]
  /// The old name of the configuration, if it has one.
  let oldConfigurationName: String?
  /// Turns an old configuration into `config.json`, by the names of the tensors that are written.
  let configuration: @Sendable (_ old: JSONObject, _ names: [String]) -> JSONObject

  /// All that are known.
  static let all: [ArchitectureMap] = [.bert, .gpt2]

  /// Their names.
  public static var names: [String] { all.map(\.name) }

  /// The one of a name; `nil` when there is none.
  public static func named(_ name: String) -> ArchitectureMap? { all.first { $0.name == name } }

  /// The set of names that a source uses; `nil` when it is none of them.
  func scheme(of names: [String]) -> Scheme? {
    schemes.first { scheme in names.contains { scheme.signature.match($0) != nil } }
  }
}
