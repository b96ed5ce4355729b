import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

@Suite("Passes")
struct PassTests {
  private static let spec = TensorSpec(.float32, [RandomProgram.size, RandomProgram.size])
  private static let passes: [GraphPass] = [
    .constantFolding, .simplification(), .commonSubexpressions, .deadCode, .elementwiseFusion,
  ]

  @Test("random programs give the same bits eagerly, captured, after each pass and after all, run after run")
  func randomPrograms() throws {
    for seed in 0..<300 as Range<UInt64> {
      let program = RandomProgram(seed: seed, length: 4 + Int(seed % 21))
      let graph = try capture([PassTests.spec, PassTests.spec]) { program($0) }
      let variants =
        try [("captured", graph), ("optimized", graph.optimized())]
        + PassTests.passes.map { pass in (pass.name, try graph.applying([pass])) }
      let inputs = [0.0, 1.0].map { phase in [pattern([4, 4], phase), pattern([4, 4], phase + 5)] }
      for (name, variant) in variants {
        let executor = try CPUExecutor(variant)
        for input in inputs {
          let results = try executor.run(input)
          for (place, (result, expected)) in zip(results, program(input)).enumerated() {
            #expect(sameBits(result, expected), "seed \(seed), \(name), output \(place)\n\(variant)")
          }
        }
      }
    }
  }

  @Test("what is computed twice is computed once")
  func commonSubexpressions() throws {
    let graph = try capture([PassTests.spec]) { inputs in
      [inputs[0].exp() + inputs[0].exp(), inputs[0].exp().tanh()]
    }
    #expect(graph.nodes.count == 5)
    #expect(try graph.optimized().nodes.count == 3)
  }

  @Test("random operators with one key are one; with keys of their own they stay apart")
  func randomSubexpressions() throws {
    let graph = try capture([PassTests.spec]) { inputs in
      let key = RandomGenerator.current.nextKey()
      let other = RandomGenerator.current.nextKey()
      return [inputs[0].dropout(0.5, key: key) + inputs[0].dropout(0.5, key: key), inputs[0].dropout(0.5, key: other)]
    }
    let optimized = try graph.optimized()
    #expect(optimized.nodes.count { $0.operation.traits.contains(.random) } == 2)
  }

  @Test("what nothing needs is removed, effects and updates stay")
  func deadCode() throws {
    let parameter = Parameter(pattern([4, 4]))
    let graph = try capture([PassTests.spec]) { inputs in
      _ = inputs[0].exp() + parameter.tensor
      let counted = apply(EffectOperator(), inputs[0])
      _ = counted.tanh()
      parameter.value = parameter.value * 2.0
      return [inputs[0] + 1.0]
    }
    let names = try graph.applying([.deadCode]).nodes.map(\.operation.name)
    #expect(names == ["effect", "multiply_scalar", "add_scalar"])
  }

  @Test("equal effects are never merged")
  func effects() throws {
    let graph = try capture([PassTests.spec]) { [apply(EffectOperator(), $0[0]) + apply(EffectOperator(), $0[0])] }
    #expect(try graph.optimized().nodes.count { $0.operation is EffectOperator } == 2)
  }

  @Test("constants are worked out, unless the result is much larger than what it is made of")
  func folding() throws {
    let small = try capture([PassTests.spec]) { [$0[0] + (pattern([4, 4]).exp())] }
    #expect(small.nodes.count == 1, "eager code folds by itself")
    let builder = GraphBuilder()
    let x = try builder.input("x", PassTests.spec)
    func constantChain(_ count: Int) throws -> Tensor {
      let one = TensorSpec(.float32, [])
      let doubled = try builder.append(UnaryOperator(.multiplyScalar, 2), [Tensor([], [Float(3)])], outputs: [one])[0]
      let wide = TensorSpec(.float32, [count])
      let stretched = try builder.append(BroadcastOperator([count]), [doubled], outputs: [wide])[0]
      return try builder.append(UnaryOperator(.exp), [stretched], outputs: [wide])[0]
    }
    let (narrow, wide) = (try constantChain(4), try constantChain(1 << 20))
    let graph = try builder.finish(outputs: [("narrow", x + narrow), ("wide", wide)])
    let folded = try graph.optimized()
    #expect(folded.nodes.map(\.operation.name) == ["exp", "add"])
  }

  @Test("x·1, x−0, transpose of transpose, reshape of reshape and exact casts there and back vanish")
  func simplification() throws {
    let graph = try capture([PassTests.spec]) { inputs in
      let x = inputs[0]
      let one = Tensor.ones([4, 4])
      return [
        (x * one) / Tensor.ones([]) - Tensor.zeros([4, 1]), x.transposed().transposed(),
        x.reshaped(2, 8).reshaped(4, 4),
        x.cast(to: .float64).cast(to: .float32), x * 1.0, x.reshaped(16).reshaped(2, 8),
      ]
    }
    let optimized = try graph.optimized()
    #expect(optimized.nodes.map(\.operation.name) == ["reshape"])
    #expect(optimized.outputs.dropLast().allSatisfy { $0.value == optimized.inputs[0].value })
  }

  @Test("x + 0 stays for floats, where it turns −0 to +0, and goes when told that this does not matter")
  func signedZeros() throws {
    let graph = try capture([PassTests.spec]) { [$0[0] + Tensor.zeros([])] }
    #expect(try graph.optimized().nodes.count == 1)
    #expect(try graph.applying([.simplification(signedZeros: false), .deadCode]).nodes.isEmpty)
    let integers = try capture([TensorSpec(.int64, [3])]) { [$0[0] + Tensor([], [Int64(0)])] }
    #expect(try integers.optimized().nodes.isEmpty)
    let negative = try capture([PassTests.spec]) { [$0[0] + Tensor([], [-Float(0)])] }
    #expect(try negative.optimized().nodes.isEmpty)
  }

  @Test("casts that lose something stay")
  func inexactCasts() throws {
    let graph = try capture([TensorSpec(.float32, [3]), TensorSpec(.int16, [3])]) { inputs in
      [inputs[0].cast(to: .int32).cast(to: .float32), inputs[1].cast(to: .float32).cast(to: .int8)]
    }
    #expect(try graph.optimized().nodes.count == 4)
  }

  @Test("product, bias and activation become one linear operator that gives the same to the last places")
  func fusion() throws {
    let (weight, bias) = (Parameter(pattern([3, 4])), Parameter(pattern([3], 2)))
    let graph = try capture([PassTests.spec]) { inputs in
      [(inputs[0].matmul(weight.tensor.transposed()) + bias.tensor).gelu()]
    }
    let fused = try graph.optimized(GraphPass.fusing)
    #expect(fused.nodes.map(\.operation.name) == ["linear"])
    let x = pattern([4, 4], 3)
    let (expected, result) = (try CPUExecutor(graph)(x)[0], try CPUExecutor(fused)(x)[0])
    for (a, b) in zip(expected.array(of: Float.self), result.array(of: Float.self)) {
      #expect(abs(a - b) <= 4 * max(a.ulp, Float(0.1).ulp), "\(a) and \(b)")
    }
  }

  @Test("a pass that breaks a graph is named")
  func brokenPass() throws {
    let graph = try capture([PassTests.spec]) { [$0[0].exp().tanh()] }
    let breaking = GraphPass("breaking") { graph in
      var graph = graph
      graph.nodes.removeFirst()
      return graph
    }
    let error = #expect(throws: GraphError.self) { try graph.applying([breaking]) }
    #expect("\(error!)".hasPrefix("graph pass 'breaking': graph node 0 (tanh): input 0 is %1"), "\(error!)")
  }
}

/// Passes its input on; stands for something that happens outside the graph.
struct EffectOperator: Operator {
  var name: String { "effect" }
  var traits: OperatorTraits { [.effect] }
  func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] { [inputs[0]] }
  func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws { inputs[0].copyElements(to: outputs[0]) }
}
