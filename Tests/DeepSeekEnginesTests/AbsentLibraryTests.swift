import DeepSeekEngines
import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@Suite("Engines: libraries that are absent or wrong")
struct AbsentLibraryTests {
  @Test("engines that no variable names are not run by these tests")
  func whatIsRun() {
    for engine in TestedEngine.all
    where !TestedEngine.present.contains(where: { $0.testDescription == engine.testDescription }) {
      print(
        "\(engine.testDescription) was NOT run: set \(engine.description.variable) to its library or Python environment"
      )
    }
    let names = Set(TestedEngine.present.map(\.testDescription))
    if ProcessInfo.processInfo.environment["DEEPSEEK_REQUIRE_ENGINES"] != nil {
      #expect(names == ["tensorflow", "pytorch"], "both engines were asked for")
    }
  }

  @Test(
    "a missing library is reported with what was looked for, where, and the install line", arguments: TestedEngine.all)
  func missing(_ engine: TestedEngine) throws {
    let environment = [engine.description.variable: "/no/such/folder"]
    #expect(engine.description.installation(environment: environment) == nil)
    let error = #expect(throws: EngineError.self) { try engine.description.load(environment: environment) }
    let message = "\(try #require(error))"
    for part in ["/no/such/folder", engine.description.variable, engine.description.install] {
      #expect(message.contains(part), "\(message) lacks \(part)")
    }
    guard case .libraryNotFound = error else {
      Issue.record("\(message)")
      return
    }
  }

  @Test("a file that is no library is reported, not loaded", arguments: TestedEngine.all)
  func notALibrary(_ engine: TestedEngine) throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let file = folder.file("library.so")
    try Data("not a library".utf8).write(to: URL(fileURLWithPath: file))
    let error = #expect(throws: EngineError.self) {
      try engine.description.load(environment: [engine.description.variable: file])
    }
    guard case .unusableLibrary(_, let path, _) = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(path == file)
  }

  #if os(Linux)
    @Test("another library is reported by the function that it lacks", arguments: TestedEngine.all)
    func anotherLibrary(_ engine: TestedEngine) throws {
      // Such a file says that it is empty, so it must be read to its end.
      let handle = try #require(FileHandle(forReadingAtPath: "/proc/self/maps"))
      let maps = try handle.readToEnd() ?? Data()
      let lines = String(decoding: maps, as: UTF8.self).split(separator: "\n")
      let line = try #require(lines.first { $0.contains("/libc.so") })
      let file = String(try #require(line.split(separator: " ").last))
      let error = #expect(throws: EngineError.self) {
        try engine.description.load(environment: [engine.description.variable: file])
      }
      guard case .missingSymbol(_, let path, let symbol) = try #require(error) else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(path == file && (symbol.hasPrefix("TF_") || symbol.contains("torch")))
    }
  #endif

  @Test(
    "a library is found in a folder, in a Python environment, and its version beside it", arguments: TestedEngine.all)
  func found(_ engine: TestedEngine) throws {
    let temporary = try TemporaryFolder()
    defer { withExtendedLifetime(temporary) {} }
    let root = temporary.path
    let site = root + "/lib/python3.11/site-packages"
    let isTorch = engine.testDescription == "pytorch"
    let folder = site + (isTorch ? "/torch/lib" : "/tensorflow")
    #if os(macOS)
      let name = isTorch ? "libtorch_cpu.dylib" : "libtensorflow_cc.2.dylib"
    #else
      let name = isTorch ? "libtorch_cpu.so" : "libtensorflow_cc.so.2"
    #endif
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.createDirectory(
      atPath: site + (isTorch ? "/torch-9.8.7.dist-info" : "/tensorflow_cpu-9.8.7.dist-info"),
      withIntermediateDirectories: true)
    try Data().write(to: URL(fileURLWithPath: folder + "/" + name))
    let expected = folder + "/" + name
    for environment in [
      [engine.description.variable: root], [engine.description.variable: folder],
      [engine.description.variable: expected], ["VIRTUAL_ENV": root],
    ] {
      let installation = try #require(engine.description.installation(environment: environment))
      #expect(installation.path == expected, "\(environment)")
      #expect(installation.version == "9.8.7", "\(environment)")
    }
  }

  @Test("an operator without a counterpart is found before anything runs", arguments: TestedEngine.all)
  func unsupported(_ engine: TestedEngine) throws {
    let graph = try capture([TensorSpec(.float32, [3])]) { [apply(Unheard(), $0[0].exp())] }
    let found = try engine.description.support(of: graph)
    #expect(found.map(\.support) == [.direct, .unsupported])
  }
}

/// An operator that nobody else has.
struct Unheard: Operator {
  var name: String { "unheard" }
  var traits: OperatorTraits { [.elementwise] }
  func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] { [TensorSpec(inputs[0].dtype, inputs[0].shape)] }
  func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws { inputs[0].copyElements(to: outputs[0]) }
}
