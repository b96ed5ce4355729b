/// Why a model cannot be opened: which file or field, and what was expected.
public enum ModelError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A file that a model needs is not there.
  case missingFile(path: String, hint: String)
  /// A file cannot be read.
  case unreadableFile(path: String, reason: String)
  /// A field of a configuration is missing or of the wrong kind.
  case invalidField(file: String, field: String, expected: String)
  /// There is no such model on this machine.
  case missingModel(name: String, hint: String)
  /// The weights lack one that the model needs.
  case missingWeight(folder: String, key: String)
  /// The weights have one that the model lacks.
  case unexpectedWeight(folder: String, key: String)
  /// A weight's shape is not the one that the configuration gives it.
  case wrongShape(folder: String, key: String, expected: String, found: String)
  /// The configuration names something that is not supported.
  case unsupported(file: String, field: String, value: String, supported: [String])

  /// One line that names what is wrong and where.
  public var description: String {
    switch self {
    case .missingFile(let path, let hint): "\(path): no such file; \(hint)"
    case .unreadableFile(let path, let reason): "\(path): \(reason)"
    case .invalidField(let file, let field, let expected): "\(file): '\(field)' must be \(expected)"
    case .missingWeight(let folder, let key): "\(folder): the checkpoint has no weight '\(key)'"
    case .missingModel(let name, let hint): "\(name): no such model; \(hint)"
    case .unexpectedWeight(let folder, let key):
      "\(folder): the checkpoint has a weight '\(key)', which the model of its configuration has not"
    case .wrongShape(let folder, let key, let expected, let found):
      "\(folder): the weight '\(key)' has shape \(found); the configuration gives it \(expected)"
    case .unsupported(let file, let field, let value, let supported):
      "\(file): '\(field)' is '\(value)'; supported: \(supported.joined(separator: ", "))"
    }
  }
}
