/// Why a model folder cannot be opened: which file or field, and what was expected.
public enum ModelError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A file that a model needs is not there.
  case missingFile(path: String, hint: String)
  /// A file cannot be read.
  case unreadableFile(path: String, reason: String)
  /// A field of a configuration is missing or of the wrong kind.
  case invalidField(file: String, field: String, expected: String)
  /// The weights lack one that the model needs.
  case missingWeight(folder: String, key: String)
  /// The configuration names something that is not supported.
  case unsupported(file: String, field: String, value: String, supported: [String])

  /// One line that names what is wrong and where.
  public var description: String {
    switch self {
    case .missingFile(let path, let hint): "\(path): no such file; \(hint)"
    case .unreadableFile(let path, let reason): "\(path): \(reason)"
    case .invalidField(let file, let field, let expected): "\(file): '\(field)' must be \(expected)"
    case .missingWeight(let folder, let key): "\(folder): the checkpoint has no weight '\(key)'"
    case .unsupported(let file, let field, let value, let supported):
      "\(file): '\(field)' is '\(value)'; supported: \(supported.joined(separator: ", "))"
    }
  }
}
