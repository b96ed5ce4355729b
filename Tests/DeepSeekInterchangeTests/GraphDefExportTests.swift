import DeepSeekCheckpoints
import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekInterchange
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import OperatorSamples
import TestSupport
import Testing

/// The interpreter beside TensorFlow's library, where `DEEPSEEK_TENSORFLOW` names a Python environment.
private let python = ProcessInfo.processInfo.environment["DEEPSEEK_TENSORFLOW"].map { $0 + "/bin/python" }
  .flatMap { FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil }

@Suite("Graphs written as frozen TensorFlow graphs")
struct GraphDefExportTests {
  /// A graph, and what it is fed.
  private struct Case {
    let name: String
    let graph: Graph
    let feeds: [Tensor]
    var tolerance = 1e-5
  }

  private static func models() throws -> [Case] {
    let x = RandomGenerator.withSeed(3) { Tensor.randomNormal([5, 6]) }
    let images = RandomGenerator.withSeed(4) { Tensor.randomNormal([2, 3, 9, 8]) }
    let perceptron = RandomGenerator.withSeed(1) {
      Sequential(Linear(6, 16), GELU(), LayerNorm(16), Dropout(0.5), Linear(16, 3), Tanh())
    }
    let network = RandomGenerator.withSeed(2) {
      Sequential(
        Convolution(3, 4, kernel: [3, 3], stride: 2, padding: .both(1)), BatchNorm(4), ReLU(), MaxPool(2), Flatten(),
        Linear(16, 3))
    }
    perceptron.eval()
    network.eval()
    let batch = Dimension.symbol("batch")
    let dense = try noGradient {
      try capture([("features", TensorSpec(.float32, Shape([batch, 6])))]) { inputs in
        [("scores: 0", perceptron(inputs["features"]!)), ("features", inputs["features"]!)]
      }
    }
    let attention = try capture([("q", x.spec), ("k", x.spec)]) { inputs in
      let weights = (inputs["q"]!.matmul(inputs["k"]!.transposed()) / 2).softmax(axis: 1)
      return [("mixed", weights.matmul(inputs["k"]!)), ("place", weights.argmax(axis: 1)), ("same", Tensor([7.0]))]
    }
    return [
      Case(name: "perceptron", graph: dense, feeds: [x]),
      Case(
        name: "convolutional", graph: try noGradient { try capture([images.spec]) { [network($0[0])] } },
        feeds: [images]),
      Case(name: "attention", graph: attention, feeds: [x, x.transposed().contiguous().reshaped([5, 6] as Shape)]),
    ]
  }

  private func write(_ item: Case, to path: String, format: GraphDefFormat? = nil) throws {
    let shapes = zip(item.graph.inputs, item.feeds).map { ($0.name, $1.shape) }
    try Interchange.exportGraphDef(
      item.graph, to: path, shapes: Dictionary(uniqueKeysWithValues: shapes), format: format)
  }

  @Test("what is written reads back and gives the same", arguments: [GraphDefFormat.binary, .text])
  func roundTrip(format: GraphDefFormat) throws {
    let folder = try TemporaryFolder()
    for item in try GraphDefExportTests.models() {
      let path = folder.file(item.name + (format == .text ? ".pbtxt" : ".pb"))
      try write(item, to: path)
      let graph = try Interchange.importGraphDef(path)
      #expect(graph.inputs.map(\.name) == item.graph.inputs.map(\.name), "\(item.name)")
      let expected = try CPUExecutor(item.graph).run(item.feeds)
      let found = try CPUExecutor(graph).run(item.feeds)
      #expect(Comparison.problem(found, expected, tolerance: item.tolerance) == nil, "\(item.name)")
    }
    let names = try Interchange.importGraphDef(folder.file("perceptron" + (format == .text ? ".pbtxt" : ".pb"))).outputs
    #expect(names.map(\.name) == ["scores__0", "features_1"], "names are TensorFlow's, and each has its own")
  }

  @Test("random numbers, open lengths and strange names are refused")
  func refused() throws {
    let folder = try TemporaryFolder()
    func error(_ graph: Graph, _ shapes: [String: Shape] = [:]) -> InterchangeError? {
      do {
        try Interchange.exportGraphDef(graph, to: folder.file("g.pb"), shapes: shapes)
        return nil
      } catch { return error as? InterchangeError }
    }
    let noisy = try capture([TensorSpec(.float32, [3])]) { [$0[0] + Tensor.randomNormal([3])] }
    let found = error(noisy)
    #expect(found?.kind == .unsupportedOperators && found?.operators.count == 1, "\(String(describing: found))")
    let open = try capture([("x", TensorSpec(.float32, Shape([.symbol("batch"), 2])))]) { [("y", $0["x"]! * 2)] }
    #expect(error(open)?.message.contains("give its shape") == true)
    #expect(error(open, ["x": [2, 3]])?.kind == .unsupported)
    #expect(error(open, ["x": [2, 2], "z": [1]])?.message.contains("no input is named 'z'") == true)
    #expect(folder.names.isEmpty, "nothing is written")
    #expect(error(open, ["x": [2, 2]]) == nil && folder.names == ["g.pb"])
  }

  @Test(
    "TensorFlow itself runs what is written: models, and every operator of the table",
    .enabled(if: python != nil, "left out: DEEPSEEK_TENSORFLOW does not name a Python environment"))
  func tensorFlow() throws {
    let folder = try TemporaryFolder()
    var cases = try GraphDefExportTests.models()
    for sample in OperatorSample.all where sample.captures {
      // NumPy's files, in which tensors pass, have no bfloat16.
      guard let dtype = sample.dtypes.contains(.float32) ? .float32 : sample.dtypes.first, dtype != .bfloat16 else {
        continue
      }
      let feeds = sample.makeInputs(dtype)
      let graph = try capture(feeds.map(\.spec)) { sample.body($0) }.optimized()
      // Random numbers are drawn by our own kernels alone.
      if graph.nodes.contains(where: { $0.operation.traits.contains(.random) }) { continue }
      cases.append(
        Case(
          name: "\(sample)", graph: graph, feeds: feeds,
          tolerance: sample.stepError ?? Comparison.tolerance(dtype) * sample.tolerance * 4))
    }
    var written: [(number: Int, expected: [Tensor])] = []
    for (number, item) in cases.enumerated() {
      try write(item, to: folder.file("\(number).pb"))
      for (place, feed) in item.feeds.enumerated() { try Npy.save(feed, to: folder.file("\(number).in.\(place).npy")) }
      written.append((number, try CPUExecutor(item.graph).run(item.feeds)))
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python!)
    process.arguments = [fixture("run_graphs.py"), folder.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(output.suffix(2000))")
    for (number, expected) in written {
      let found = try expected.indices.map { try Npy.load(folder.file("\(number).out.\($0).npy")) }
      let problem = Comparison.problem(found, expected, tolerance: cases[number].tolerance)
      #expect(problem == nil, "\(cases[number].name): \(problem ?? "")")
    }
  }
}
