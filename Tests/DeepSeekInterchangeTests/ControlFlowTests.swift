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
    arguments: ["control_flow", "control_flow_no", "branch", "branch_no", "keras_lstm"])
  func models(name: String) throws {
    let reference = try Reference(name)
    let graph = try Interchange.importGraphDef(fixture("\(name).pb"), outputs: Array(reference.outputs.keys))
    let results = try CPUExecutor(graph).run(reference.feeds)
    for (key, expected) in reference.outputs {
      #expect(difference(results[key]!, expected, tolerance: 2e-6) == nil, "\(key)")
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

  @Test("damaged functions give an error or a graph, never a trap or a hang")
  func fuzz() throws {
    var generator = SplitMix(17)
    let seeds = try ["control_flow.pb", "branch.pb", "keras_lstm.pb"].map { try contents(fixture($0)) }
    var refused = 0
    let mutations = Fuzzing.count(otherwise: 125)
    for number in 0..<mutations {
      let bytes = Fuzzing.mutated(seeds[number % seeds.count], &generator)
      do {
        _ = try Interchange.importGraphDef(MappedFile(copying: bytes, named: "damaged.pb"))
      } catch is InterchangeError {
        refused += 1
      }
    }
    #expect(refused > mutations / 8)
  }
}
