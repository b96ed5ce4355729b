import DeepSeekCheckpoints

/// An engine's shared library, with errors that name the engine.
struct EngineLibrary: Sendable {
  private let library: DynamicLibrary
  private let engine: String

  /// Loads a file, or what the loader finds under a bare name; `nil` when there is nothing of that name. Throws
  /// ``EngineError`` when there is something and the loader refuses it.
  init?(_ path: String, engine: String, isGlobal: Bool) throws(EngineError) {
    do {
      library = try DynamicLibrary(path, isGlobal: isGlobal)
    } catch {
      if error.isAbsent { return nil }
      throw EngineError.unusableLibrary(engine: engine, path: path, error.reason)
    }
    self.engine = engine
  }

  /// The file, or the name by which the loader found it.
  var path: String { library.path }

  /// A function by name, as a C function type. Throws ``EngineError/missingSymbol(engine:path:symbol:)``.
  func function<Function>(_ name: String, as type: Function.Type = Function.self) throws -> Function {
    guard let function = optional(name, as: type) else {
      throw EngineError.missingSymbol(engine: engine, path: path, symbol: name)
    }
    return function
  }

  /// A function by name; `nil` when the library has none.
  func optional<Function>(_ name: String, as type: Function.Type = Function.self) -> Function? {
    library.function(name, as: type)
  }
}
