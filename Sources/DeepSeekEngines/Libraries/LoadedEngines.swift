import Foundation
import Synchronization

/// The engines' libraries that this process has loaded: each once, by file. A failure is not kept, so that a library which
/// is installed later is found.
final class LoadedEngines<Library: Sendable>: Sendable {
  private let description: EngineDescription
  private let load: @Sendable (DynamicLibrary) throws -> Library
  private let isGlobal: Bool
  private let prepare: @Sendable () -> Void
  private let loaded = Mutex<[String: Library]>([:])

  init(
    _ description: EngineDescription, isGlobal: Bool, prepare: @escaping @Sendable () -> Void,
    _ load: @escaping @Sendable (DynamicLibrary) throws -> Library
  ) {
    self.description = description
    self.isGlobal = isGlobal
    self.prepare = prepare
    self.load = load
  }

  /// The library that the environment leads to. Throws ``EngineError``.
  func library(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws -> Library {
    if let installation = description.installation(environment: environment) {
      return try library(at: installation.path)
    }
    if description.named(environment) != nil { throw description.notFound(environment) }
    // The loader knows places that are in no variable.
    for file in description.files {
      do { return try library(at: file) } catch EngineError.unusableLibrary { continue }
    }
    throw description.notFound(environment)
  }

  private func library(at path: String) throws -> Library {
    try loaded.withLock { loaded in
      if let known = loaded[path] { return known }
      prepare()
      let library = try load(try DynamicLibrary(path, engine: description.name, isGlobal: isGlobal))
      loaded[path] = library
      return library
    }
  }
}
