import DeepSeekGraph
import DeepSeekInterchange
import DeepSeekTensor
import Testing

@Suite("Frozen TensorFlow graphs")
struct GraphDefTests {
  @Test("a dense layer, binary and text, gives TensorFlow's outputs", arguments: ["frozen.pb", "frozen.pbtxt"])
  func frozen(name: String) throws {
    let graph = try Interchange.importGraphDef(fixture(name))
    #expect(graph.inputs.map(\.name) == ["x"] && graph.outputs.map(\.name) == ["y"])
    let x = Tensor([[1.0, 2, 3, 4], [-1, 0, 1, -2]])
    let y = try CPUExecutor(graph).run(["x": x])["y"]
    let expected = Tensor([[11.238497734069824, 3.257375717163086, 6.531619548797607], [0, 0, 0]])
    #expect(try difference(#require(y), expected, tolerance: 1e-6) == nil)
  }

  @Test(
    "whole models give TensorFlow's outputs, as they are and optimized",
    arguments: [("classifier", "pb"), ("classifier_text", "pbtxt"), ("keras_cnn", "pb"), ("bert", "pb")])
  func models(name: String, ending: String) throws {
    let reference = try Reference(name)
    let graph = try Interchange.importGraphDef(
      fixture("\(name).\(ending)"), outputs: Array(reference.outputs.keys))
    for version in [graph, try graph.optimized(GraphPass.fusing)] {
      let results = try CPUExecutor(version).run(reference.feeds)
      for (key, expected) in reference.outputs {
        #expect(difference(results[key]!, expected, tolerance: 2e-6) == nil, "\(key)")
      }
    }
  }

  @Test("every operator of the table gives TensorFlow's output")
  func operators() throws {
    let reference = try Reference("operators")
    let graph = try Interchange.importGraphDef(
      fixture("operators.pb"), outputs: Array(reference.outputs.keys), shapes: reference.feeds.mapValues(\.shape))
    let results = try CPUExecutor(graph).run(reference.feeds)
    var covered = Set<String>()
    for (key, expected) in reference.outputs {
      // TensorFlow computes where an output element lies in single precision.
      let wrong = difference(results[key]!, expected, tolerance: key.hasPrefix("ResizeBilinear") ? 1e-5 : 2e-6)
      #expect(wrong == nil, "\(key)")
      covered.insert(String(key.prefix { $0 != "_" && $0 != "/" }))
    }
    // Those left come with others (Const), are another's older name, or have no kernel on TensorFlow's CPU.
    let aside: Set = [
      "Const", "Placeholder", "PlaceholderWithDefault", "EnsureShape", "ReadVariableOp", "DeepCopy", "LoopCond",
      "OptimizationBarrier", "ResourceGather", "Gather", "BatchMatMulV3",
    ]
    // Functions, branches, loops and the lists that they gather have graphs of their own.
    let followed: Set = [
      "PartitionedCall", "StatefulPartitionedCall", "If", "StatelessIf", "Case", "StatelessCase", "While",
      "StatelessWhile", "Switch", "RefSwitch", "Merge", "RefMerge", "Enter", "RefEnter", "Exit", "RefExit",
      "NextIteration", "RefNextIteration", "ReverseSequence",
    ]
    let missing = Set(Interchange.tensorFlowOperators).subtracting(covered).subtracting(aside).subtracting(followed)
      .filter { !$0.contains("TensorList") && !$0.contains("TensorArray") }
    #expect(missing.isEmpty, "no case: \(missing.sorted())")
  }

  @Test(
    "what computes with shapes does so while the first axis is open",
    arguments: [
      "Reshape_batch", "Reshape_product", "StridedSlice_open", "Unpack_shape", "Fill", "Range", "Size", "Shape",
    ])
  func openFirstAxis(name: String) throws {
    let reference = try Reference("operators")
    let outputs = reference.outputs.filter { $0.key.hasPrefix(name + "/") }
    #expect(!outputs.isEmpty)
    let graph = try Interchange.importGraphDef(fixture("operators.pb"), outputs: Array(outputs.keys))
    let results = try CPUExecutor(graph).run(reference.feeds.filter { graph.inputSpec($0.key) != nil })
    for (key, expected) in outputs { #expect(difference(results[key]!, expected, tolerance: 2e-6) == nil, "\(key)") }
  }

  @Test("open lengths stay open: another batch and another length run")
  func openLengths() throws {
    let graph = try Interchange.importGraphDef(fixture("bert.pb"), outputs: ["pooled:0"])
    #expect(graph.inputs.map(\.name) == ["input_ids", "input_mask", "segment_ids"])
    let executor = try CPUExecutor(graph)
    for (batch, length) in [(1, 1), (2, 12), (5, 3)] {
      let ids = Tensor.zeros([batch, length], dtype: .int32)
      let mask = Tensor.ones([batch, length], dtype: .int32)
      let pooled = try executor.run(["input_ids": ids, "input_mask": mask, "segment_ids": ids])["pooled:0"]
      #expect(pooled?.shape == [batch, 16])
    }
    // Twelve positions have a vector.
    let long = Tensor.zeros([1, 13], dtype: .int32)
    #expect(throws: GraphError.self) {
      _ = try executor.run(["input_ids": long, "input_mask": long, "segment_ids": long])
    }
  }

  @Test("given shapes narrow placeholders, and wrong ones are refused")
  func givenShapes() throws {
    let graph = try Interchange.importGraphDef(fixture("frozen.pb"), shapes: ["x": [3, 4]])
    #expect(graph.inputSpec("x")?.shape == [3, 4] && graph.outputSpec("y")?.shape == [3, 3])
    #expect(throws: InterchangeError.self) {
      try Interchange.importGraphDef(fixture("frozen.pb"), shapes: ["x": [3, 5]])
    }
    #expect(throws: InterchangeError.self) { try Interchange.importGraphDef(fixture("frozen.pb"), shapes: ["z": [3]]) }
  }

  @Test("images between image operators are not turned around")
  func noTranspositions() throws {
    let graph = try Interchange.importGraphDef(fixture("operators.pb"), outputs: ["image_chain/out0:0"])
    let transpositions = graph.nodes.filter { $0.operation.name == "transpose" }.count
    #expect(transpositions == 2, "one at the input, one at the output")
  }
}
