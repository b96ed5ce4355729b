/// What keeps another engine from running a graph.
public enum EngineError: Error, Sendable, CustomStringConvertible {
  /// The engine's library is nowhere: what was looked for, where, and how to install it.
  case libraryNotFound(engine: String, lookedFor: String, places: [String], install: String)
  /// A library was found and cannot be used: which, and why.
  case unusableLibrary(engine: String, path: String, String)
  /// A library lacks a function that is needed: another version than this one works with.
  case missingSymbol(engine: String, path: String, symbol: String)
  /// The graph holds operators that the engine has no counterpart of: how many nodes of each.
  case unsupportedOperators(engine: String, [String: Int])
  /// The engine refused a node or failed in it: the operator, and what the engine says.
  case execution(engine: String, operation: String, String)

  /// One line that names the engine, and what to do.
  public var description: String {
    switch self {
    case .libraryNotFound(let engine, let file, let places, let install):
      "\(engine): no \(file) was found; looked in \(places.joined(separator: ", ")). Install it with: \(install)"
    case .unusableLibrary(let engine, let path, let reason): "\(engine): \(path) cannot be used: \(reason)"
    case .missingSymbol(let engine, let path, let symbol):
      "\(engine): \(path) lacks the function \(symbol); it is of a version that is not supported"
    case .unsupportedOperators(let engine, let counts):
      "\(engine) has no counterpart of: "
        + counts.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
    case .execution(let engine, let operation, let message): "\(engine): \(operation): \(message)"
    }
  }
}
