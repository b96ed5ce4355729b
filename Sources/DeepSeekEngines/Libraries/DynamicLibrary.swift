import Foundation

/// A shared library that was loaded while the program runs. It stays loaded.
final class DynamicLibrary: @unchecked Sendable {
  /// The file, or the name by which the loader found it.
  let path: String
  private let engine: String
  private let handle: UnsafeMutableRawPointer

  /// Loads a file. Throws ``EngineError`` when the loader refuses it.
  ///
  /// - Parameter isGlobal: Whether libraries loaded later see its symbols.
  init(_ path: String, engine: String, isGlobal: Bool) throws {
    guard let handle = dlopen(path, RTLD_NOW | (isGlobal ? RTLD_GLOBAL : RTLD_LOCAL)) else {
      let reason = dlerror().map { String(cString: $0) } ?? "the loader gives no reason"
      throw EngineError.unusableLibrary(engine: engine, path: path, reason)
    }
    self.path = path
    self.engine = engine
    self.handle = handle
  }

  /// A function by name, as a C function type. Throws ``EngineError/missingSymbol(engine:path:symbol:)``.
  func function<Function>(_ name: String, as type: Function.Type = Function.self) throws -> Function {
    guard let function = optional(name, as: type) else {
      throw EngineError.missingSymbol(engine: engine, path: path, symbol: name)
    }
    return function
  }

  /// A function by name; `nil` when the library has none.
  func optional<Function>(_ name: String, as type: Function.Type = Function.self) -> Function? {
    dlsym(handle, name).map { unsafeBitCast($0, to: type) }
  }
}
