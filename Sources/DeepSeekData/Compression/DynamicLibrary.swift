#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A C library found when it is first needed, so that nobody has to install what no file of theirs asks for.
struct DynamicLibrary: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer
  private let name: String

  /// Opens the first of `names` that is there, or throws with the line that installs it.
  static func open(_ names: [String], for codec: String, package: String) throws(DataError) -> DynamicLibrary {
    for name in names {
      if let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) { return DynamicLibrary(handle: handle, name: name) }
    }
    throw DataError(
      .missingLibrary, "\(names[0]), which \(codec) needs, is not installed",
      advice: "install it: apt-get install \(package)")
  }

  /// A function of the library, as the C type that `type` says.
  func function<Function>(_ symbol: String, as type: Function.Type) throws(DataError) -> Function {
    guard let address = dlsym(handle, symbol) else {
      throw DataError(.missingLibrary, "\(name) has no \(symbol)", advice: "install a newer version of the library")
    }
    return unsafeBitCast(address, to: type)
  }
}
