import DeepSeekCheckpoints

extension DynamicLibrary {
  /// Opens the first of `names` that is there. Throws with the line that installs it, or what is wrong with the one found.
  static func open(_ names: [String], for codec: String, package: String) throws(DataError) -> DynamicLibrary {
    for name in names {
      do {
        return try DynamicLibrary(name)
      } catch  where error.isAbsent {
        continue
      } catch {
        throw DataError(
          .missingLibrary, "\(name), which \(codec) needs, cannot be used: \(error.reason)",
          advice: "install it again: apt-get install --reinstall \(package)")
      }
    }
    throw DataError(
      .missingLibrary, "\(names[0]), which \(codec) needs, is not installed",
      advice: "install it: apt-get install \(package)")
  }

  /// A function of the library, as the C type that `type` says.
  func needed<Function>(_ symbol: String, as type: Function.Type) throws(DataError) -> Function {
    guard let function = function(symbol, as: type) else {
      throw DataError(.missingLibrary, "\(path) has no \(symbol)", advice: "install a newer version of the library")
    }
    return function
  }
}
