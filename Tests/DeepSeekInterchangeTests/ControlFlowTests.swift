import DeepSeekCheckpoints
import DeepSeekGraph
import DeepSeekInterchange
import DeepSeekProtocols
import DeepSeekTensor
import Foundation
import SwiftProtobuf
import TestSupport
import Testing

@Suite("Functions, branches and loops of TensorFlow graphs")
struct ControlFlowTests {
  @Test(
    "are written out, and give TensorFlow's outputs",
    arguments: ["control_flow", "control_flow_no", "branch", "branch_no", "keras_lstm", "keras_lstm_frames"])
  func models(name: String) throws {
    let reference = try Reference(name)
    let graph = try Interchange.importGraphDef(fixture("\(name).pb"), outputs: Array(reference.outputs.keys))
    let results = try CPUExecutor(graph).run(reference.feeds)
    for (key, expected) in reference.outputs {
      #expect(difference(results[key]!, expected, tolerance: 2e-6) == nil, "\(key)")
    }
  }

  @Test(
    "TensorFlow 1's loops, in each other, with branches, ended by values, and its recurrent networks",
    arguments: ["old_loops", "old_loops_no", "old_recurrent"])
  func oldLoops(name: String) throws {
    let reference = try Reference(name)
    let graph = try Interchange.importGraphDef(fixture("\(name).pb"), outputs: Array(reference.outputs.keys))
    for version in [graph, try graph.optimized(GraphPass.fusing)] {
      let results = try CPUExecutor(version).run(reference.feeds)
      for (key, expected) in reference.outputs {
        #expect(difference(results[key]!, expected, tolerance: 1e-6) == nil, "\(key)")
      }
    }
  }

  @Test("a branch chosen by its number, or the last for another", arguments: [0, 1, 7])
  func cases(kind: Int) throws {
    let reference = try Reference("cases_\(kind)")
    let graph = try Interchange.importGraphDef(fixture("cases_0.pb"), outputs: Array(reference.outputs.keys))
    let results = try CPUExecutor(graph).run(reference.feeds)
    for (key, expected) in reference.outputs {
      #expect(difference(results[key]!, expected, tolerance: 2e-6) == nil, "\(key)")
    }
  }

  private func definition(_ name: String) throws -> Tensorflow_GraphDef {
    try Tensorflow_GraphDef(serializedBytes: Data(contents(fixture(name))))
  }

  private func failure(_ graph: Tensorflow_GraphDef, outputs: [String]? = nil) throws -> InterchangeError? {
    let bytes: [UInt8] = try graph.serializedBytes()
    do {
      _ = try Interchange.importGraphDef(MappedFile(copying: bytes, named: "graph.pb"), outputs: outputs)
      return nil
    } catch { return error as? InterchangeError }
  }

  @Test("operators that are missing in functions are listed with all others")
  func missing() throws {
    var graph = try definition("control_flow.pb")
    for place in graph.library.function.indices {
      for node in graph.library.function[place].nodeDef.indices
      where graph.library.function[place].nodeDef[node].op == "Exp" {
        graph.library.function[place].nodeDef[node].op = "Foo"
      }
    }
    let found = try failure(graph)
    #expect(found?.kind == .unsupportedOperators && found?.operators.map(\.name) == ["Foo"])
    #expect(found?.operators.first?.firstNode.contains("/") == true, "the function is named")
  }

  @Test("a loop whose end is not known, one without end, and a function that calls itself are refused")
  func endless() throws {
    func constant(_ name: String, _ number: Int32) -> Tensorflow_NodeDef {
      .with {
        $0.name = name
        $0.op = "Const"
        $0.attr["value"] = .with {
          $0.tensor = .with {
            $0.dtype = .dtInt32
            $0.intVal = [number]
          }
        }
      }
    }
    func function(
      _ name: String, _ nodes: [Tensorflow_NodeDef], result: String
    ) -> Tensorflow_FunctionDef {
      .with {
        $0.signature.name = name
        $0.signature.inputArg = [.with { $0.name = "i" }]
        $0.signature.outputArg = [.with { $0.name = "out" }]
        $0.nodeDef = nodes
        $0.ret = ["out": result]
      }
    }
    func node(_ name: String, _ operation: String, _ inputs: [String], _ functions: [String: String] = [:])
      -> Tensorflow_NodeDef
    {
      .with { node in
        node.name = name
        node.op = operation
        node.input = inputs
        for (key, value) in functions { node.attr[key] = .with { $0.func.name = value } }
      }
    }
    var graph = Tensorflow_GraphDef()
    let same = function("same", [], result: "i")
    let positive = function("positive", [constant("one", 1)], result: "one:output:0")
    let recursive = function(
      "recursive", [node("call", "PartitionedCall", ["i"], ["f": "recursive"])], result: "call:output:0")
    graph.library.function = [same, positive, recursive]
    graph.node = [constant("start", 1), node("y", "While", ["start"], ["cond": "positive", "body": "same"])]
    #expect(try failure(graph)?.message.contains("more tensors") == true)
    graph.node = [constant("start", 1), node("y", "StatefulPartitionedCall", ["start"], ["f": "recursive"])]
    #expect(try failure(graph)?.message.contains("nest deeper") == true)
    graph.node = [
      constant("start", 1), node("y", "If", ["start", "start"], ["then_branch": "nobody", "else_branch": "same"]),
    ]
    #expect(try failure(graph)?.message.contains("'nobody' is not in the file") == true)
    graph.node = [
      .with {
        $0.name = "x"
        $0.op = "Placeholder"
        $0.attr["dtype"] = .with { $0.type = .dtInt32 }
        $0.attr["shape"] = .with { $0.shape = .init() }
      }, node("y", "While", ["x"], ["cond": "same", "body": "same"]),
    ]
    #expect(try failure(graph)?.message.contains("how often it runs") == true)
  }

  /// Nodes of a loop over `x`, a vector of 3, that adds 1 until `condition`, nodes that give `test`, ends it.
  private func loop(_ condition: [Tensorflow_NodeDef]) -> Tensorflow_GraphDef {
    .with {
      $0.node =
        [
          .with {
            $0.name = "x"
            $0.op = "Placeholder"
            $0.attr["dtype"] = .with { $0.type = .dtFloat }
            $0.attr["shape"] = .with { $0.shape = .with { $0.dim = [.with { $0.size = 3 }] } }
          },
          plain("one", "Const", []).adding("value", Float(1)), plain("enter", "Enter", ["x"]),
          plain("step", "Enter", ["one"]),
          plain("merge", "Merge", ["enter", "next"]), plain("goes", "LoopCond", ["test"]),
          plain("way", "Switch", ["merge", "goes"]), plain("sum", "Add", ["way:1", "step"]),
          plain("next", "NextIteration", ["sum"]), plain("exit", "Exit", ["way"]),
        ] + condition
    }
  }

  private func plain(_ name: String, _ operation: String, _ inputs: [String]) -> Tensorflow_NodeDef {
    .with {
      $0.name = name
      $0.op = operation
      $0.input = inputs
    }
  }

  @Test("loops of TensorFlow 1 that are broken, or end as values say, are refused by name")
  func brokenLoops() throws {
    let never = plain("zero", "Const", []).adding("value", false)
    let stops = loop([never, plain("test", "Identity", ["zero"])])
    #expect(try failure(stops, outputs: ["exit"]) == nil, "a loop that never runs is what it begins with")
    #expect(try failure(stops, outputs: ["sum"])?.kind == .cycle, "what is inside is no output")
    let byValue = loop([
      plain("total", "Sum", ["merge", "axis"]), plain("axis", "Const", []).adding("value", Int32(0)),
      plain("least", "Const", []).adding("value", Float(9)), plain("test", "Less", ["total", "least"]),
    ])
    let open = try failure(byValue, outputs: ["exit"])
    #expect(open?.node == "goes" && open?.message.contains("how often it runs") == true)
    var unknown = byValue
    unknown.node[7].op = "Foo"
    #expect(try failure(unknown, outputs: ["exit"])?.operators.map(\.name) == ["Foo"], "operators in a loop are listed")
    var circle = stops
    circle.node[5].input = ["goes"]
    #expect(try failure(circle, outputs: ["exit"])?.kind == .cycle)
    circle.node[5].input = ["other:1"]
    circle.node.append(plain("other", "LoopCond", ["goes:1"]))
    #expect(try failure(circle, outputs: ["exit"]) != nil)
    var halved = stops
    halved.node.removeAll { $0.name == "next" }
    #expect(try failure(halved, outputs: ["exit"])?.kind == .malformed)
    // A loop whose value for the next round is its own end.
    var own = stops
    own.node[7].input[0] = "exit"
    #expect(try failure(own, outputs: ["exit"])?.kind == .cycle)
  }

  @Test("loops that lie in each other in a circle or share all their nodes are refused soon")
  func manyLoops() throws {
    var graph = loop([plain("zero", "Const", []).adding("value", false), plain("test", "Identity", ["zero"])])
    let shared = (0..<2000).map { plain("chain\($0)", "Identity", [$0 == 0 ? "one" : "chain\($0 - 1)"]) }
    graph.node += shared
    for number in 0..<500 {
      graph.node += [
        plain("enter\(number)", "Enter", ["x"]), plain("merge\(number)", "Merge", ["enter\(number)", "next\(number)"]),
        plain("goes\(number)", "LoopCond", ["test"]),
        plain("way\(number)", "Switch", ["merge\(number)", "goes\(number)"]),
        plain("next\(number)", "NextIteration", ["chain1999"]), plain("exit\(number)", "Exit", ["way\(number)"]),
      ]
    }
    #expect(try failure(graph, outputs: ["exit"])?.message == "loops share nodes")
    var nested = loop([plain("zero", "Const", []).adding("value", false), plain("test", "Identity", ["zero"])])
    nested.node += [
      plain("enter2", "Enter", ["way:1"]), plain("merge2", "Merge", ["enter2", "next2"]),
      plain("goes2", "LoopCond", ["test"]), plain("way2", "Switch", ["merge2", "goes2"]),
      plain("next2", "NextIteration", ["exit"]), plain("exit2", "Exit", ["way2"]),
    ]
    nested.node[8].input = ["exit2"]
    #expect(try failure(nested, outputs: ["exit"])?.kind == .cycle)
  }

  @Test("damaged functions give an error or a graph, never a trap or a hang")
  func fuzz() throws {
    var generator = SplitMix(17)
    let seeds = try ["control_flow.pb", "branch.pb", "keras_lstm.pb", "old_loops.pb", "old_recurrent.pb"].map {
      try contents(fixture($0))
    }
    var refused = 0
    let mutations = Fuzzing.count(otherwise: 125)
    let loops = try ["old_loops.pb", "old_recurrent.pb"].map { try definition($0) }
    for number in 0..<mutations {
      // Bytes are changed, or what the nodes of a loop are and read.
      let bytes =
        number % 2 == 0
        ? Fuzzing.mutated(seeds[number / 2 % seeds.count], &generator)
        : try rewired(loops[number / 2 % loops.count], &generator).serializedBytes()
      do {
        _ = try Interchange.importGraphDef(MappedFile(copying: bytes, named: "damaged.pb"))
      } catch is InterchangeError {
        refused += 1
      }
    }
    #expect(refused > mutations / 8)
  }

  /// A graph with a few nodes that are another operator, or read something else.
  private func rewired(_ original: Tensorflow_GraphDef, _ generator: inout SplitMix) -> Tensorflow_GraphDef {
    var graph = original
    let flow = ["Enter", "Merge", "Switch", "LoopCond", "NextIteration", "Exit", "Identity", "TensorArrayV3"]
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let place = graph.node.indices.randomElement(using: &generator)!
      let isFlow = flow.contains(graph.node[place].op)
      let other = original.node.filter { flow.contains($0.op) == isFlow }.randomElement(using: &generator)!
      if Int.random(in: 0..<4, using: &generator) == 0 {
        graph.node[place].op = other.op
      } else if let input = graph.node[place].input.indices.randomElement(using: &generator) {
        graph.node[place].input[input] = other.name + ["", ":1"].randomElement(using: &generator)!
      }
    }
    return graph
  }
}

extension Tensorflow_NodeDef {
  /// The node with a scalar as an attribute.
  fileprivate func adding(_ key: String, _ value: some Any) -> Tensorflow_NodeDef {
    var node = self
    node.attr[key] = .with {
      $0.tensor = .with {
        switch value {
        case let truth as Bool: ($0.dtype, $0.boolVal) = (.dtBool, [truth])
        case let number as Int32: ($0.dtype, $0.intVal) = (.dtInt32, [number])
        case let number as Float: ($0.dtype, $0.floatVal) = (.dtFloat, [number])
        default: break
        }
      }
    }
    return node
  }
}
