import Foundation

/// Another engine's library as it lies on this machine: found by looking at files, without loading it.
public struct EngineInstallation: Sendable, Hashable {
  /// The library's file.
  public let path: String
  /// The version that the Python package beside it states; `nil` when there is none.
  public let version: String?
}

/// An engine that this framework can run graphs with: how its library is found.
public struct EngineDescription: Sendable {
  /// The name in messages and of the backend: `tensorflow`.
  public let name: String
  /// The environment variable that names the library's file, or a folder that holds it.
  public let variable: String
  /// How to install it.
  public let install: String
  /// Names of the library's file, the preferred first.
  let files: [String]
  /// The folder of the library inside a Python's `site-packages`.
  let packageFolder: String
  /// Names of the Python package, for its version.
  let packages: [String]

  /// TensorFlow: `libtensorflow_cc.so.2` of the Python package, or `libtensorflow.so.2` of the C library.
  public static let tensorflow = EngineDescription(
    name: "tensorflow", variable: "DEEPSEEK_TENSORFLOW", install: "pip install tensorflow-cpu",
    files: EngineDescription.tensorflowFiles, packageFolder: "tensorflow",
    packages: ["tensorflow_cpu", "tensorflow", "tensorflow_intel"])

  /// PyTorch: `libtorch_cpu.so`, 2.10 or later.
  public static let pytorch = EngineDescription(
    name: "pytorch", variable: "DEEPSEEK_PYTORCH", install: "pip install torch", files: EngineDescription.torchFiles,
    packageFolder: "torch/lib", packages: ["torch"])

  /// All engines.
  public static let all = [tensorflow, pytorch]

  #if os(macOS)
    private static let tensorflowFiles = ["libtensorflow_cc.2.dylib", "libtensorflow.2.dylib"]
    private static let torchFiles = ["libtorch_cpu.dylib"]
  #else
    private static let tensorflowFiles = ["libtensorflow_cc.so.2", "libtensorflow.so.2"]
    private static let torchFiles = ["libtorch_cpu.so"]
  #endif

  /// The library that a program would load, or `nil`. When the variable names something, nothing else is looked at.
  ///
  /// Cost: a few listings of folders.
  public func installation(environment: [String: String]? = nil) -> EngineInstallation? {
    let environment = environment ?? ProcessInfo.processInfo.environment
    for folder in folders(environment) {
      for file in files {
        let path = folder + "/" + file
        if FileManager.default.fileExists(atPath: path) { return installed(path) }
      }
    }
    if let named = named(environment), isFile(named) { return installed(named) }
    return nil
  }

  /// The error for a library that is not there.
  func notFound(_ environment: [String: String]) -> EngineError {
    var places = named(environment).map { ["\(variable)=\($0)"] } ?? ["\(variable) (not set)"]
    if named(environment) == nil {
      places += searched(environment) + ["the loader's path"]
    }
    return .libraryNotFound(engine: name, lookedFor: files.joined(separator: " or "), places: places, install: install)
  }

  /// What the variable names.
  func named(_ environment: [String: String]) -> String? { environment[variable].flatMap { $0.isEmpty ? nil : $0 } }

  private func isFile(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
  }

  private func folders(_ environment: [String: String]) -> [String] {
    if let named = named(environment) {
      // The folder itself, or one that a package or a Python environment has.
      return [named, named + "/lib", named + "/" + packageFolder] + pythons(in: named).map { $0 + "/" + packageFolder }
    }
    return searched(environment)
  }

  private func searched(_ environment: [String: String]) -> [String] {
    let home = environment["HOME"].map { [$0 + "/.local"] } ?? []
    let active = ["VIRTUAL_ENV", "CONDA_PREFIX"].compactMap { environment[$0] }.filter { !$0.isEmpty }
    let prefixes = active + home + ["/usr/local", "/usr"]
    let loader = ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"].flatMap { name in
      (environment[name] ?? "").split(separator: ":").map(String.init)
    }
    return loader + prefixes.flatMap { pythons(in: $0) }.map { $0 + "/" + packageFolder }
      + ["/usr/local/lib", "/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
  }

  /// The `site-packages` folders under a prefix, of the newest Python first.
  private func pythons(in prefix: String) -> [String] {
    let library = prefix + "/lib"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: library)) ?? []
    let versions = names.filter { $0.hasPrefix("python3") }
      .sorted { $0.compare($1, options: .numeric) == .orderedDescending }
    return versions.flatMap { [library + "/\($0)/site-packages", library + "/\($0)/dist-packages"] }
  }

  private func installed(_ path: String) -> EngineInstallation {
    var site = (path as NSString).deletingLastPathComponent
    for _ in packageFolder.split(separator: "/") { site = (site as NSString).deletingLastPathComponent }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: site)) ?? []
    let version = packages.lazy.compactMap { package in
      names.first { $0.hasPrefix(package + "-") && $0.hasSuffix(".dist-info") }
        .map { String($0.dropFirst(package.count + 1).dropLast(".dist-info".count)) }
    }.first
    return EngineInstallation(path: path, version: version)
  }
}
