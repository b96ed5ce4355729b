#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A shared library that was loaded while the program runs: what nobody has to install who does not use it. It stays loaded.
package final class DynamicLibrary: @unchecked Sendable {
  /// Why the loader gave no library.
  package struct Failure: Error {
    /// What was asked for.
    package let path: String
    /// What the loader says.
    package let reason: String

    /// Whether there is no file of that name; otherwise there is one, and it cannot be used.
    package var isAbsent: Bool {
      #if canImport(Darwin)
        // The reason lists every place that was tried, and what was wrong there, in brackets.
        let tried = reason.split(separator: "' (").dropFirst()
        return !tried.isEmpty && tried.allSatisfy { $0.hasPrefix("no such file") }
      #else
        // A library that is there and needs another one that is not begins with that one's name.
        return reason.hasPrefix("\(path): ") && reason.hasSuffix("No such file or directory")
      #endif
    }
  }

  /// The file, or the name by which the loader found it.
  package let path: String
  private let handle: UnsafeMutableRawPointer

  /// Loads a file, or what the loader finds under a bare name.
  ///
  /// - Parameter isGlobal: Whether libraries loaded later see its symbols.
  package init(_ path: String, isGlobal: Bool = false) throws(Failure) {
    guard let handle = dlopen(path, RTLD_NOW | (isGlobal ? RTLD_GLOBAL : RTLD_LOCAL)) else {
      let reason = dlerror().map { String(cString: $0) } ?? "the loader gives no reason"
      throw Failure(path: path, reason: reason)
    }
    self.path = path
    self.handle = handle
  }

  /// A function by name, as a C function type; `nil` when the library has none.
  package func function<Function>(_ name: String, as type: Function.Type = Function.self) -> Function? {
    dlsym(handle, name).map { unsafeBitCast($0, to: type) }
  }
}
