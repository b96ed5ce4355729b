import Foundation
import Synchronization

/// The engines' libraries that this process has loaded: each once, by file. A failure is not kept, so that a library which
/// is installed later is found.
final class LoadedEngines<Library: Sendable>: Sendable {
  private let description: EngineDescription
  private let load: @Sendable (EngineLibrary) throws -> Library
  private let isGlobal: Bool
  private let prepare: @Sendable () -> Void
  private let loaded = Mutex<[String: Library]>([:])

  init(
    _ description: EngineDescription, isGlobal: Bool, prepare: @escaping @Sendable () -> Void,
    _ load: @escaping @Sendable (EngineLibrary) throws -> Library
  ) {
    self.description = description
    self.isGlobal = isGlobal
    self.prepare = prepare
    self.load = load
  }

  /// The library that the environment leads to. Throws ``EngineError``: a library that is there and cannot be used is named
  /// with what is wrong with it, wherever it was found.
  func library(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws -> Library {
    if let installation = description.installation(environment: environment) {
      if let library = try library(at: installation.path) { return library }
      throw description.notFound(environment)
    }
    if description.named(environment) != nil { throw description.notFound(environment) }
    // The loader knows places that are in no variable.
    for file in description.files {
      if let library = try library(at: file) { return library }
    }
    throw description.notFound(environment)
  }

  /// The library of a file, or of a name that the loader knows; `nil` when there is none.
  private func library(at path: String) throws -> Library? {
    try loaded.withLock { loaded in
      if let known = loaded[path] { return known }
      prepare()
      guard let file = try EngineLibrary(path, engine: description.name, isGlobal: isGlobal) else { return nil }
      let library = try load(file)
      loaded[path] = library
      return library
    }
  }
}
