import DeepSeekCheckpoints
import DeepSeekGraph
import DeepSeekInterchange
import DeepSeekProtocols
import DeepSeekTensor
import Foundation
import SwiftProtobuf
import TestSupport
import Testing

/// A model of some nodes on one input `x`, `float32[2, 3]`, and one output `y`.
private func model(_ nodes: [Onnx_NodeProto], opset: Int64 = 17) throws -> ONNXModel {
  let port = { (name: String, lengths: [Int64]) -> Onnx_ValueInfoProto in
    .with {
      $0.name = name
      $0.type.tensorType = .with { tensor in
        tensor.elemType = 1
        tensor.shape.dim = lengths.map { length in .with { $0.dimValue = length } }
      }
    }
  }
  let proto = Onnx_ModelProto.with {
    $0.irVersion = 8
    $0.opsetImport = [.with { $0.version = opset }]
    $0.graph.node = nodes
    $0.graph.input = [port("x", [2, 3])]
    $0.graph.output = [port("y", [])]
  }
  let bytes: [UInt8] = try proto.serializedBytes()
  return try ONNXModel(ONNXArchive(MappedFile(copying: bytes, named: "model.onnx")))
}

private func node(_ operation: String, _ inputs: [String], _ output: String = "y", _ ints: [String: [Int64]] = [:])
  -> Onnx_NodeProto
{
  .with { node in
    (node.name, node.opType, node.input, node.output) = ("n_" + output, operation, inputs, [output])
    node.attribute = ints.sorted { $0.key < $1.key }.map { key, numbers in
      .with {
        $0.name = key
        if numbers.count == 1 {
          $0.type = .int
          $0.i = numbers[0]
        }
        $0.ints = numbers
      }
    }
  }
}

private func list(_ name: String, _ numbers: [Int64]) -> Onnx_NodeProto {
  node("Constant", [], name, ["value_ints": numbers])
}

private func error(_ nodes: [Onnx_NodeProto], opset: Int64 = 17) throws -> InterchangeError? {
  do {
    _ = try model(nodes, opset: opset).graph()
    return nil
  } catch { return error as? InterchangeError }
}

@Suite("Malformed ONNX models are refused with a typed error")
struct DamagedONNXTests {
  @Test("all unknown operators are listed at once, and only those that are needed")
  func unknownOperators() throws {
    let nodes = [node("Foo", ["x"], "a"), node("Baz", ["x"], "z"), node("Foo", ["a"], "b"), node("Bar", ["b"])]
    let found = try error(nodes)
    #expect(found?.kind == .unsupportedOperators)
    #expect(
      found?.operators == [
        .init(name: "Bar", count: 1, firstNode: "n_y"), .init(name: "Foo", count: 2, firstNode: "n_a"),
      ])
  }

  @Test("absurd shapes and attributes are refused with the node's name before anything is allocated")
  func absurd() throws {
    let before = Memory.statistics.inUse
    Memory.resetPeak()
    let huge: [Int64] = [1 << 30, 1 << 30, 1 << 30]
    let cases: [[Onnx_NodeProto]] = [
      [node("Relu", ["nobody"])],
      [node("Relu", ["x", "x"])],
      [node("Transpose", ["x"], "y", ["perm": [0, 0]])],
      [node("Transpose", ["x"], "y", ["perm": [.min, 1]])],
      [list("s", huge), node("ConstantOfShape", ["s"])],
      [list("s", huge), node("Expand", ["x", "s"])],
      [list("s", [-1, -1]), node("Reshape", ["x", "s"])],
      [list("s", [0, 0, 0, 0]), node("Reshape", ["x", "s"])],
      [list("s", [5, .max]), node("Tile", ["x", "s"])],
      [node("Concat", ["x", "x"], "y", ["axis": [.min]])],
      [node("Flatten", ["x"], "y", ["axis": [.max]])],
      [node("Softmax", ["x"], "y", ["axis": [7]])],
      [list("p", [0, 0, 1 << 40, .min]), node("Pad", ["x", "p"])],
      [node("MaxPool", ["x"], "y", ["kernel_shape": [2, 2]])],
      [node("ArgMax", ["x"], "y", ["axis": [.min]])],
      [list("k", [1 << 40, 0]), node("TopK", ["x", "k"])],
      [node("MatMul", ["x", "x"])],
      [node("DepthToSpace", ["x"], "y", ["blocksize": [0]])],
      [node("LRN", ["x"], "y", ["size": [.max]])],
      [node("RandomNormal", [], "y", ["shape": huge])],
    ]
    for (index, nodes) in cases.enumerated() {
      let found = try error(nodes)
      #expect(
        found != nil && !found!.message.isEmpty && (found!.node != nil || !found!.operators.isEmpty), "case \(index)")
    }
    #expect(Memory.statistics.peak - before < 64 << 20)
  }

  @Test("scalars where lists are expected, places that are no numbers, and kernels of no elements")
  func ranks() throws {
    let constant = { (name: String, attribute: Onnx_AttributeProto) -> Onnx_NodeProto in
      .with { ($0.opType, $0.output, $0.attribute) = ("Constant", [name], [attribute]) }
    }
    let one = constant("one", .with { ($0.name, $0.type, $0.i) = ("value_int", .int, 1) })
    let sequence = [list("a", [0]), node("Unsqueeze", ["x", "a"], "u")]
    func zeros(_ name: String, _ lengths: [Int64]) -> [Onnx_NodeProto] {
      [list(name + "s", lengths), node("ConstantOfShape", [name + "s"], name)]
    }
    var crop = node("Resize", ["x", "region", "", "sizes"])
    crop.attribute = [
      .with {
        ($0.name, $0.type, $0.s) = ("coordinate_transformation_mode", .string, Data("tf_crop_and_resize".utf8))
      }
    ]
    let region = constant(
      "region", .with { ($0.name, $0.type, $0.floats) = ("value_floats", .floats, [.nan, 0, .nan, 1]) })
    let cases: [[Onnx_NodeProto]] = [
      sequence + zeros("w", [1, 8, 3]) + zeros("r", [1, 8, 2]) + [one, node("LSTM", ["u", "w", "r", "", "one"])],
      sequence + zeros("w", [1, 2, 3]) + zeros("r", [1, 2, 2])
        + [one, node("RNN", ["u", "w", "r", "", "one"], "y", ["clip": [1]])],
      [one, node("ReduceSum", ["x"], "s", ["keepdims": [0]]), node("RoiAlign", ["s", "x", "one"])],
      sequence + [one, node("ReduceSum", ["x"], "s", ["keepdims": [0]]), node("STFT", ["u", "one", "s"])],
      sequence + zeros("w", [0, 0, 1 << 40]) + [node("ConvTranspose", ["u", "w"], "y", ["dilations": [1 << 30]])],
      [region, list("sizes", [4, 3]), crop],
      [list("parts", [1, .max]), node("Split", ["x", "parts"])],
    ]
    for (index, nodes) in cases.enumerated() {
      #expect(try error(nodes)?.node == "n_y", "case \(index)")
    }
  }

  @Test("a loop does not repeat its tensors beyond what the file can justify")
  func repeated() throws {
    let port = { (name: String) -> Onnx_ValueInfoProto in .with { $0.name = name } }
    var loop = node("Loop", ["", "", "x"])
    let weight = Onnx_TensorProto.with {
      ($0.name, $0.dims, $0.dataType, $0.rawData) = ("k", [1 << 18], 1, Data(count: 1 << 20))
    }
    loop.attribute = [
      .with {
        ($0.name, $0.type) = ("body", .graph)
        $0.g.input = [port("i"), port("c"), port("v")]
        $0.g.output = [port("c"), port("v"), port("k")]
        $0.g.initializer = [weight]
      }
    ]
    loop.output.append("z")
    let before = Memory.statistics.inUse
    Memory.resetPeak()
    #expect(try error([loop])?.kind == .tooLarge)
    #expect(Memory.statistics.peak - before < 192 << 20)
  }

  @Test("a function that calls itself, and a loop without end, end")
  func endless() throws {
    let proto = Onnx_ModelProto.with {
      $0.opsetImport = [.with { $0.version = 17 }]
      $0.graph.node = [node("Self", [])]
      $0.graph.output = [.with { $0.name = "y" }]
      $0.functions = [
        .with {
          ($0.name, $0.output) = ("Self", ["y"])
          $0.node = [node("Self", [])]
        }
      ]
      $0.functions[0].domain = ""
    }
    let bytes: [UInt8] = try proto.serializedBytes()
    let recursive = try ONNXModel(ONNXArchive(MappedFile(copying: bytes, named: "recursive.onnx")))
    #expect(throws: InterchangeError.self) { try recursive.graph() }
    #expect(throws: InterchangeError.self) { try recursive.run([:]) }
    let port = { (name: String) -> Onnx_ValueInfoProto in .with { $0.name = name } }
    var loop = node("Loop", ["", "", "x"])
    loop.attribute = [
      .with {
        $0.name = "body"
        $0.type = .graph
        $0.g = .with {
          $0.input = [port("i"), port("c"), port("v")]
          $0.output = [port("c"), port("v")]
        }
      }
    ]
    loop.attribute[0].g.node = [node("Relu", ["v"], "w")]
    loop.attribute[0].g.output[1].name = "w"
    #expect(try error([loop])?.kind == .tooLarge)
  }

  @Test("a scan over fewer inputs than any is refused", arguments: [Int64.min, -1, 0, 2, .max])
  func scannedInputs(count: Int64) throws {
    var scan = node("Scan", ["x"], "y", ["num_scan_inputs": [count]])
    let body = Onnx_GraphProto.with {
      $0.input = [.with { $0.name = "row" }]
      $0.node = [node("Relu", ["row"], "z")]
      $0.output = [.with { $0.name = "z" }]
    }
    scan.attribute.append(
      .with {
        $0.name = "body"
        $0.type = .graph
        $0.g = body
      })
    #expect(try error([scan])?.node == "n_y")
  }

  @Test(
    "elements outside the model's folder are not read",
    arguments: ["../secret", "/etc/passwd", "a/../../b", "link", ""])
  func escapes(location: String) throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.file("in"), withIntermediateDirectories: true)
    try Data(repeating: 0, count: 64).write(to: URL(fileURLWithPath: folder.file("secret")))
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("in/link"), withDestinationPath: folder.file("secret"))
    let proto = Onnx_ModelProto.with {
      $0.graph.initializer = [
        .with {
          ($0.name, $0.dims, $0.dataType, $0.dataLocation) = ("w", [4], 1, .external)
          $0.externalData = [
            .with {
              $0.key = "location"
              $0.value = location
            }
          ]
        }
      ]
    }
    let bytes: Data = try proto.serializedData()
    try bytes.write(to: URL(fileURLWithPath: folder.file("in/model.onnx")))
    let archive = try ONNXArchive(folder.file("in/model.onnx"))
    let found = #expect(throws: CheckpointError.self) { try archive.tensor("w") }
    #expect(found?.kind == .malformed && found?.item == "w")
  }

  @Test("damaged models give an error or a graph, never a trap or a hang")
  func fuzz() throws {
    var generator = SplitMix(23)
    let names = ["onnx_attention", "onnx_recurrent", "onnx_functions", "onnx_image"]
    let seeds = try names.map { try contents(fixture($0 + ".onnx")) }
    let before = Memory.statistics.inUse
    Memory.resetPeak()
    var (refused, taken) = (0, 0)
    for number in 0..<Fuzzing.count(otherwise: 250) {
      let bytes = Fuzzing.mutated(seeds[number % seeds.count], &generator)
      // Beside the fixtures, so that their external files are found.
      let file = MappedFile(copying: bytes, named: fixture("damaged.onnx"))
      let isTaken = try isTaken {
        let archive = try ONNXArchive(file)
        for entry in archive.archiveEntries { _ = try? archive.tensor(entry.name) }
        let model = try ONNXModel(archive)
        let hasKind = model.inputs.contains { $0.name == "kind" }
        _ = try model.graph(values: hasKind ? ["kind": Tensor.full([], 1, dtype: .int64)] : [:])
      }
      if isTaken { taken += 1 } else { refused += 1 }
    }
    #expect(refused > 0 && taken > 0)
    #expect(Memory.statistics.peak - before < 512 << 20)
  }

  @Test(
    "attributes, lists and names changed at random give an error or a graph that runs or fails",
    .enabled(if: !ONNXCase.all.isEmpty, "libonnx-testdata is not installed: apt-get install libonnx-testdata"))
  func changed() throws {
    var generator = SplitMix(29)
    let before = Memory.statistics.inUse
    Memory.resetPeak()
    var (refused, ran) = (0, 0)
    for _ in 0..<Fuzzing.count(otherwise: 1000) {
      let example = ONNXCase.all.randomElement(using: &generator)!
      let original = try contents(example.folder + "/model.onnx")
      guard original.count < 1 << 14, var proto = try? Onnx_ModelProto(serializedBytes: original) else { continue }
      for _ in 0..<Int.random(in: 1...3, using: &generator) { change(&proto.graph, &generator) }
      let bytes: [UInt8] = try proto.serializedBytes()
      let isTaken = try isTaken {
        let model = try ONNXModel(ONNXArchive(MappedFile(copying: bytes, named: example.name)))
        let graph = try model.graph()
        let elements = graph.nodes.flatMap(\.outputs).reduce(0.0) { total, value in
          graph.spec(value).shape.dimensions.reduce(1.0) { $0 * Double($1.known ?? 1 << 20) } + total
        }
        guard elements < 1e6 else { return }
        var feeds: [String: Tensor] = [:]
        for input in graph.inputs {
          let spec = graph.spec(input.value)
          guard spec.shape.isKnown, spec.shape.elementCount < 1 << 20 else { return }
          feeds[input.name] = Tensor.ones(spec.shape).converted(to: spec.dtype)
        }
        _ = try? CPUExecutor(graph).run(feeds)
      }
      if isTaken { ran += 1 } else { refused += 1 }
    }
    #expect(refused > 0 && ran > 0)
    #expect(Memory.statistics.peak - before < 1 << 30)
  }

  /// Whether a model is taken over rather than refused with one of our errors; any other error is thrown on.
  private func isTaken(_ body: () throws -> Void) throws -> Bool {
    do {
      try body()
      return true
    } catch is InterchangeError {
      return false
    } catch is CheckpointError {
      return false
    }
  }

  private static let numbers: [Int64] = [
    0, 1, -1, 2, 3, -2, 7, 64, 1000, 1 << 20, 1 << 31, 1 << 40, .max, .min, -1 << 31, .max - 1,
  ]

  private func change(_ graph: inout Onnx_GraphProto, _ generator: inout SplitMix) {
    func number() -> Int64 { DamagedONNXTests.numbers.randomElement(using: &generator)! }
    guard !graph.node.isEmpty else { return }
    let place = generator.below(graph.node.count)
    switch generator.below(6) {
    case 0 where !graph.node[place].input.isEmpty:
      let names = graph.node.flatMap { $0.input + $0.output } + [""]
      graph.node[place].input[generator.below(graph.node[place].input.count)] = names.randomElement(using: &generator)!
    case 1 where !graph.input.isEmpty:
      let port = generator.below(graph.input.count)
      guard case .tensorType(var tensor)? = graph.input[port].type.value, !tensor.shape.dim.isEmpty else { return }
      tensor.shape.dim[generator.below(tensor.shape.dim.count)].dimValue = [0, 1, 2, 5, 1 << 20].randomElement(
        using: &generator)!
      if generator.below(4) == 0 { tensor.elemType = Int32(generator.below(17)) }
      graph.input[port].type.tensorType = tensor
    case 2: graph.node[place].attribute.removeAll { _ in generator.below(2) == 0 }
    default:
      guard !graph.node[place].attribute.isEmpty else { return }
      let index = generator.below(graph.node[place].attribute.count)
      var attribute = graph.node[place].attribute[index]
      if attribute.hasI { attribute.i = number() }
      if attribute.hasF { attribute.f = [0, -1, .nan, .infinity, 1e30, 0.5].randomElement(using: &generator)! }
      if !attribute.ints.isEmpty {
        switch generator.below(3) {
        case 0: attribute.ints.append(number())
        case 1: attribute.ints.removeLast()
        default: attribute.ints[generator.below(attribute.ints.count)] = number()
        }
      }
      if attribute.hasT && !attribute.t.rawData.isEmpty {
        attribute.t.rawData = Data(Fuzzing.mutated(Array(attribute.t.rawData), &generator))
      }
      if attribute.hasG { change(&attribute.g, &generator) }
      graph.node[place].attribute[index] = attribute
    }
  }
}
