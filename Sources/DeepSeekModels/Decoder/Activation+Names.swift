import DeepSeekJSON
import DeepSeekOperators

extension Activation {
  /// The names of activations in `config.json`; of several for one, the first is written.
  static let configurationNames: KeyValuePairs<String, Activation> = [
    "gelu": .gelu, "gelu_pytorch_tanh": .geluTanh, "gelu_new": .geluTanh, "relu": .relu, "silu": .silu,
    "swish": .silu, "tanh": .tanh, "sigmoid": .sigmoid,
  ]

  /// What `config.json` calls it: the name that the file has already under `field`, where it means the same.
  func configurationName(in origin: ModelOrigin?, _ field: String) -> String {
    let same = Activation.configurationNames.filter { $0.value == self }.map(\.key)
    if let name = origin?.fields[field]?.string, same.contains(name) { return name }
    return same.first ?? rawValue
  }
}

extension ConfigurationFile {
  /// An activation by its name.
  func activation(_ field: String, default fallback: String) throws -> Activation {
    let name = try string(field, default: fallback)
    guard let activation = Activation.configurationNames.first(where: { $0.key == name })?.value else {
      throw ModelError.unsupported(
        file: path, field: field, value: name, supported: Activation.configurationNames.map(\.key))
    }
    return activation
  }
}
