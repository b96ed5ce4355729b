import DeepSeekCheckpoints
import DeepSeekGraph
import DeepSeekInterchange
import DeepSeekProtocols
import DeepSeekTensor
import Foundation
import SwiftProtobuf
import TestSupport
import Testing

/// A graph of nodes given as text.
private func importText(_ text: String, outputs: [String]? = nil, shapes: [String: Shape] = [:]) throws -> Graph {
  try Interchange.importGraphDef(
    MappedFile(copying: Array(text.utf8), named: "graph.pbtxt"), outputs: outputs, shapes: shapes)
}

private func error(_ text: String, outputs: [String]? = nil) -> InterchangeError? {
  do {
    _ = try importText(text, outputs: outputs)
    return nil
  } catch { return error as? InterchangeError }
}

private let placeholder = """
  node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } }
    attr { key: "shape" value { shape { dim { size: -1 } dim { size: 4 } } } } }

  """

private func node(_ name: String, _ operation: String, _ inputs: [String], _ attributes: String = "") -> String {
  let reads = inputs.map { "input: \"\($0)\" " }.joined()
  return "node { name: \"\(name)\" op: \"\(operation)\" \(reads)\(attributes) }\n"
}

private func constant(_ name: String, _ numbers: [Int], shape: [Int]? = nil) -> String {
  let dims = (shape ?? [numbers.count]).map { "dim { size: \($0) } " }.joined()
  let values = numbers.map { "int_val: \($0) " }.joined()
  return node(
    name, "Const", [],
    "attr { key: \"value\" value { tensor { dtype: DT_INT32 tensor_shape { \(dims)} \(values)} } }")
}

@Suite("Malformed TensorFlow graphs are refused with a typed error")
struct DamagedGraphTests {
  @Test("all unknown operators are listed at once, and only those that are needed")
  func unknownOperators() {
    let text =
      placeholder + node("a", "Foo", ["x"]) + node("b", "Bar", ["a"]) + node("c", "Foo", ["b"])
      + node("unneeded", "Baz", ["x"])
    let found = error(text, outputs: ["c"])
    #expect(found?.kind == .unsupportedOperators)
    #expect(
      found?.operators == [
        .init(name: "Bar", count: 1, firstNode: "b"), .init(name: "Foo", count: 2, firstNode: "a"),
      ])
    #expect("\(found!)".contains("graph.pbtxt: no counterpart for: Bar (1 node, first 'b'), Foo (2 nodes, first 'a')"))
  }

  @Test("circles, strangers and doubles are named")
  func structure() {
    let circle = placeholder + node("a", "Add", ["x", "c"]) + node("b", "Relu", ["a"]) + node("c", "Relu", ["b"])
    #expect(error(circle, outputs: ["c"])?.kind == .cycle)
    #expect(error(circle)?.kind == .unknownName, "every node is read")
    #expect(error(placeholder + node("y", "Relu", ["z"]))?.message == "it reads 'z', which is not in the graph")
    #expect(error(placeholder + placeholder)?.message == "two nodes have this name")
    #expect(error(placeholder + node("y", "Relu", ["x:3"]))?.kind == .invalidNode)
    #expect(error(placeholder + node("y", "Relu", ["x"]), outputs: ["nobody"])?.kind == .unknownName)
    #expect(error(placeholder + node("y", "Relu", ["x"]), outputs: ["y:1"])?.kind == .unknownName)
    #expect(error(placeholder + node("y", "Relu", ["x", "x"]))?.kind == .invalidNode)
    #expect(error("")?.kind == .malformed)
    #expect(error("node { name: ")?.kind == .malformed)
  }

  @Test("a chain of a hundred thousand nodes is no trouble")
  func longChain() throws {
    var graph = Tensorflow_GraphDef()
    var first = Tensorflow_NodeDef()
    first.name = "n0"
    first.op = "Placeholder"
    first.attr["dtype"] = .with { $0.type = .dtFloat }
    first.attr["shape"] = .with { $0.shape = .with { $0.dim = [.with { $0.size = 2 }] } }
    graph.node.append(first)
    // The last first: the order in the file says nothing.
    for index in (1...100_000).reversed() {
      graph.node.append(
        .with {
          $0.name = "n\(index)"
          $0.op = "Identity"
          $0.input = ["n\(index - 1)"]
        })
    }
    let bytes: [UInt8] = try graph.serializedBytes()
    let result = try Interchange.importGraphDef(MappedFile(copying: bytes, named: "chain.pb"))
    #expect(result.nodes.isEmpty && result.outputs.map(\.name) == ["n100000"])
  }

  @Test("absurd shapes and attributes are refused before anything is allocated")
  func absurd() throws {
    let before = Memory.statistics.inUse
    Memory.resetPeak()
    let huge = 1 << 40
    let cases = [
      node(
        "c", "Const", [],
        "attr { key: \"value\" value { tensor { dtype: DT_FLOAT tensor_shape { dim { size: \(huge) } dim { size: \(huge) } } float_val: 1 } } }"
      ),
      node(
        "c", "Const", [],
        "attr { key: \"value\" value { tensor { dtype: DT_FLOAT tensor_shape { dim { size: -5 } } } } }"),
      node(
        "c", "Const", [],
        "attr { key: \"value\" value { tensor { dtype: DT_FLOAT tensor_shape { dim { size: 3 } } float_val: 1 float_val: 2 float_val: 3 float_val: 4 } } }"
      ),
      node(
        "c", "Const", [],
        "attr { key: \"value\" value { tensor { dtype: DT_FLOAT tensor_shape { dim { size: 3 } } tensor_content: \"abc\" } } }"
      ),
      placeholder + constant("s", [1 << 30, 1 << 30, 1 << 30]) + node("y", "Tile", ["x", "s"]),
      placeholder + constant("s", [-1, -1]) + node("y", "Reshape", ["x", "s"]),
      placeholder + constant("s", [1 << 30, 1 << 30, 1 << 30]) + constant("v", [1], shape: [])
        + node("y", "Fill", ["s", "v"]),
      placeholder + constant("s", [7], shape: []) + node("y", "ExpandDims", ["x", "s"]),
      placeholder + constant("p", [1, -1, 0, 0], shape: [2, 2]) + node("y", "Pad", ["x", "p"]),
      placeholder + constant("p", [0, 0]) + node("y", "Transpose", ["x", "p"]),
      placeholder + node("y", "MaxPool", ["x"], "attr { key: \"ksize\" value { list { i: 1 i: 2 } } }"),
      placeholder + node("y", "MatMul", ["x", "x"], "attr { key: \"transpose_b\" value { i: 3 } }"),
      placeholder + node("y", "Unpack", ["x"], "attr { key: \"num\" value { i: 1000000000000 } }"),
      placeholder + constant("k", [1 << 30], shape: []) + node("y", "TopKV2", ["x", "k"]),
      placeholder + constant("a", [Int(Int32.min)], shape: []) + node("y", "ArgMax", ["x", "a"]),
    ]
    for (index, text) in cases.enumerated() {
      let found = error(text, outputs: [text.contains("\"y\"") ? "y" : "c"])
      #expect(found != nil && found?.node != nil && !found!.message.isEmpty, "case \(index)")
    }
    #expect(Memory.statistics.peak - before < 64 << 20)
  }

  @Test("nodes that take tensors apart in very many parts are refused before memory is taken for them")
  func manyParts() throws {
    let wide = """
      node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } }
        attr { key: "shape" value { shape { dim { size: 65536 } } } } }

      """
    let before = Memory.statistics.inUse
    Memory.resetPeak()
    let axis = constant("axis", [0], shape: [])
    for (operation, inputs, attribute) in [("Unpack", ["x"], "num"), ("Split", ["axis", "x"], "num_split")] {
      var text = wide + axis
      for index in 0..<40 {
        text += node("y\(index)", operation, inputs, "attr { key: \"\(attribute)\" value { i: 65536 } }")
      }
      let found = error(text, outputs: (0..<40).map { "y\($0)" })
      #expect(found?.message.contains("more tensors") == true, "\(operation): \(String(describing: found))")
    }
    #expect(Memory.statistics.peak - before < 256 << 20)
  }

  @Test("a constant that doubles at every node is left to the run")
  func doubling() throws {
    var text = constant("c0", Array(repeating: 1, count: 1000)) + constant("axis", [0], shape: [])
    for index in 1...31 { text += node("c\(index)", "ConcatV2", ["c\(index - 1)", "c\(index - 1)", "axis"]) }
    let before = Memory.statistics.inUse
    Memory.resetPeak()
    let graph = try importText(text, outputs: ["c31"])
    #expect(graph.outputSpec("c31")?.shape == [1000 << 31])
    #expect(Memory.statistics.peak - before < 256 << 20)
  }

  @Test("an index that lies before an axis is refused", arguments: [-3, -4, -2_147_483_648])
  func indexBefore(index: Int) throws {
    func constant(_ name: String, _ number: Int) -> String {
      """
      node { name: "\(name)" op: "Const" attr { key: "value" value { tensor {
        dtype: DT_INT32 tensor_shape { dim { size: 1 } } int_val: \(number) } } } }
      """
    }
    let text = """
      node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } }
        attr { key: "shape" value { shape { dim { size: 3 } } } } }
      \(constant("begin", index))
      \(constant("end", 0))
      \(constant("step", 1))
      node { name: "y" op: "StridedSlice" input: "x" input: "begin" input: "end" input: "step"
        attr { key: "shrink_axis_mask" value { i: 1 } } }
      """
    if index == -3 {
      #expect(try importText(text, outputs: ["y"]).outputSpec("y")?.shape == [])
    } else {
      #expect(throws: InterchangeError.self) { try importText(text, outputs: ["y"]) }
    }
  }

  @Test("damaged files give an error or a graph that runs or fails, never a trap or a hang")
  func fuzz() throws {
    var generator = SplitMix(11)
    let seeds = try ["classifier.pb", "classifier_text.pbtxt", "frozen.pb", "keras_cnn.pb", "bert.pb"].map {
      (name: $0, bytes: try contents(fixture($0)))
    }
    let operators = try Tensorflow_GraphDef(serializedBytes: Data(contents(fixture("operators.pb"))))
    var (refused, ran) = (0, 0)
    // A graph is imported and run each time.
    let mutations = Fuzzing.count(otherwise: 250)
    for number in 0..<mutations {
      do {
        let graph: Graph
        if number % 2 == 0 {
          let seed = seeds[number / 2 % seeds.count]
          let bytes = Fuzzing.mutated(seed.bytes, &generator)
          graph = try Interchange.importGraphDef(MappedFile(copying: bytes, named: seed.name))
        } else {
          let (damaged, output) = mutated(operators, &generator)
          let bytes: [UInt8] = try damaged.serializedBytes()
          graph = try Interchange.importGraphDef(MappedFile(copying: bytes, named: "operators.pb"), outputs: [output])
        }
        if try run(graph) { ran += 1 }
      } catch let error as InterchangeError {
        refused += 1
        #expect(!error.message.isEmpty, "mutation \(number)")
      } catch is GraphError {
        refused += 1
      } catch {
        Issue.record("mutation \(number): \(error)")
      }
    }
    #expect(refused > mutations / 8 && ran > mutations / 50, "\(refused) refused, \(ran) ran")
  }

  /// Runs a graph on zeros, unless it would take more memory than a test has.
  private func run(_ graph: Graph) throws -> Bool {
    let largest = 1 << 22
    func isSmall(_ spec: TensorSpec) -> Bool {
      spec.shape.dimensions.reduce(1.0) { $0 * Double($1.known ?? 2) } < Double(largest)
    }
    guard graph.specs.allSatisfy(isSmall) else { return false }
    let feeds = graph.inputs.map { input in
      let spec = graph.spec(input.value)
      return Tensor.zeros(Shape(spec.shape.dimensions.map { $0.known ?? 2 }), dtype: spec.dtype)
    }
    let executor = try CPUExecutor(graph)
    // Lengths that are open in the graph are known only with what it is fed.
    if try executor.memoryReport(feeds.map(\.shape)).arena > largest * 64 { return false }
    _ = try executor.run(feeds)
    return true
  }

  /// A graph whose bytes are right but whose contents are not: an attribute, a constant, an input, an operator changed; and
  /// one of its outputs.
  private func mutated(
    _ original: Tensorflow_GraphDef, _ generator: inout SplitMix
  ) -> (Tensorflow_GraphDef, output: String) {
    var graph = original
    let numbers: [Int64] = [0, 1, -1, 2, 3, 7, -2, 100, 1 << 31, -1 << 31, 1 << 40, .max, .min]
    let outputs = original.node.indices.filter { original.node[$0].name.contains("/out") }
    let output = original.node[outputs.randomElement(using: &generator)!].name
    let prefix = String(output.prefix { $0 != "/" }) + "/"
    let mine = original.node.indices.filter { original.node[$0].name.hasPrefix(prefix) }
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let place = mine.randomElement(using: &generator)!
      switch Int.random(in: 0..<6, using: &generator) {
      case 0:
        guard let key = graph.node[place].attr.keys.sorted().randomElement(using: &generator) else { continue }
        switch graph.node[place].attr[key]?.value {
        case .i?: graph.node[place].attr[key]?.i = numbers.randomElement(using: &generator)!
        case .f?: graph.node[place].attr[key]?.f = [.nan, .infinity, -1, 0, 1e30].randomElement(using: &generator)!
        case .b(let truth)?: graph.node[place].attr[key]?.b = !truth
        case .type?: graph.node[place].attr[key]?.type = Tensorflow_DataType.allCases.randomElement(using: &generator)!
        case .list(var list)? where !list.i.isEmpty:
          list.i[Int.random(in: 0..<list.i.count, using: &generator)] = numbers.randomElement(using: &generator)!
          graph.node[place].attr[key]?.list = list
        default: graph.node[place].attr[key] = nil
        }
      case 1, 2:
        guard case .tensor(var tensor)? = graph.node[place].attr["value"]?.value else { continue }
        if Bool.random(using: &generator) && !tensor.tensorShape.dim.isEmpty {
          let axis = Int.random(in: 0..<tensor.tensorShape.dim.count, using: &generator)
          tensor.tensorShape.dim[axis].size = numbers.randomElement(using: &generator)!
        } else if tensor.intVal.isEmpty {
          tensor.intVal = [Int32(truncatingIfNeeded: numbers.randomElement(using: &generator)!)]
          tensor.tensorContent = Data()
        } else {
          let index = Int.random(in: 0..<tensor.intVal.count, using: &generator)
          tensor.intVal[index] = Int32(truncatingIfNeeded: numbers.randomElement(using: &generator)!)
        }
        graph.node[place].attr["value"]?.tensor = tensor
      case 3:
        guard !graph.node[place].input.isEmpty else { continue }
        let index = Int.random(in: 0..<graph.node[place].input.count, using: &generator)
        graph.node[place].input[index] = original.node[mine.randomElement(using: &generator)!].name
      case 4: graph.node[place].op = Interchange.tensorFlowOperators.randomElement(using: &generator)!
      default:
        guard graph.node[place].attr["shape"] != nil else { continue }
        graph.node[place].attr["shape"]?.shape.dim.append(.with { $0.size = numbers.randomElement(using: &generator)! })
      }
    }
    return (graph, output)
  }
}
