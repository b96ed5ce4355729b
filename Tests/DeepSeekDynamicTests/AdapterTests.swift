import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

/// A model with a table, two layers and a head.
private final class Reader: Module {
  let words = Embedding(11, 6)
  let query = Linear(6, 8)
  let dense = Linear(8, 6)
  let classifier = Linear(6, 3)

  func callAsFunction(_ ids: Tensor) -> Tensor { classifier(body(words(ids)).mean(axis: 1)) }
  func body(_ x: Tensor) -> Tensor { dense(query(x, activation: .gelu)) }
  func checkpointed(_ ids: Tensor) -> Tensor { classifier(checkpoint(words(ids)) { self.body($0) }.mean(axis: 1)) }
}

/// A layer whose weight lies as GPT-2's do.
private final class Transposed: AdaptableLayer {
  let weight = Parameter(RandomGenerator.withSeed(1) { Tensor.randomNormal([5, 3]) })
  let adapters = AdapterSlot()
  var weightLayout: AdaptedWeightLayout { .inputsByOutputs }
  func callAsFunction(_ x: Tensor) -> Tensor { adapters.linear(x, weight: weight.tensor.transposed(), bias: nil) }
}

private let ids = Tensor([[1, 2, 3, 4], [5, 6, 0, 10]])
private let labels = Tensor([2], [0, 2] as [Int64])

private func adapted(_ change: (inout LoRAConfiguration) -> Void = { _ in }) throws -> (Reader, Adapters) {
  try RandomGenerator.withSeed(5) {
    let model = Reader()
    var configuration = LoRAConfiguration(rank: 2, targets: .names(["query", "dense", "words"]))
    configuration.initialization = .random
    change(&configuration)
    return (model, try Adapters(model, configuration))
  }
}

@Suite("Low-rank adapters")
struct AdapterTests {
  @Test("A new adapter changes nothing, and the weights come to what they were", arguments: [false, true])
  func fresh(isGaussian: Bool) throws {
    let model = RandomGenerator.withSeed(1) { Reader() }
    let before = noGradient { model(ids) }
    var configuration = LoRAConfiguration(targets: .pattern("(query|dense|words)"))
    configuration.initialization = isGaussian ? .gaussian : .kaiming
    let adapters = try RandomGenerator.withSeed(2) { try Adapters(model, configuration) }
    #expect(adapters.adaptedLayers(of: "default") == ["words", "query", "dense"])
    #expect(sameBits(noGradient { model(ids) }, before))
    #expect(model.parameters().filter(\.isTrainable).count == 6)
    try adapters.remove("default")
    #expect(model.parameters().allSatisfy { $0.isTrainable })
    #expect(model.namedParameters().count == 7)
  }

  @Test("The layer computes x Wᵀ + b + scale (x Aᵀ) Bᵀ; gradients are those of the sum of the matrices")
  func definition() throws {
    let (model, _) = try adapted { $0.isRankStabilized = true }
    let x = RandomGenerator.withSeed(3) { Tensor.randomNormal([5, 6]) }
    let parts = Dictionary(uniqueKeysWithValues: model.namedParameters().map { ($0.name, $0.parameter) })
    let (a, b) = (parts["query.lora_A.default.weight"]!, parts["query.lora_B.default.weight"]!)
    let scale = 4 / 2.0.squareRoot()
    let output = model.query(x)
    output.square().sum().backward()
    let found = (a.gradient!, b.gradient!)
    #expect(model.query.weight.gradient == nil)
    (a.gradient, b.gradient) = (nil, nil)
    let matrix = model.query.weight.value + b.tensor.matmul(a.tensor) * scale
    let expected = x.linear(matrix, bias: model.query.bias!.value)
    expected.square().sum().backward()
    #expect(largestDifference(output, expected) < 1e-5)
    #expect(largestDifference(found.0, a.gradient!) < 1e-4)
    #expect(largestDifference(found.1, b.gradient!) < 1e-4)
  }

  @Test("Training moves the adapter, its head and its biases alone, and remembers nothing for the rest")
  func training() throws {
    let (model, adapters) = try adapted {
      $0.modulesToSave = ["classifier"]
      $0.bias = .adapted
    }
    let before = model.stateDictionary()
    let plain = adapters.withoutAdapters { noGradient { model(ids) } }
    let optimizer = Optimizer(model, AdamW(learningRate: 1e-2))
    var losses: [Double] = []
    for _ in 0..<30 {
      let loss = model(ids).crossEntropy(labels)
      losses.append(loss.item(as: Double.self))
      loss.backward()
      optimizer.step()
      optimizer.zeroGradients()
    }
    #expect(losses.last! < losses[0] / 2)
    let after = model.stateDictionary()
    for (key, tensor) in before {
      let isTrained = key.contains("lora_") || key.hasPrefix("classifier") || key.hasSuffix(".bias")
      #expect(sameBits(tensor, after[key]!) == !isTrained, "\(key)")
    }
    #expect(!optimizer.namedState().contains { $0.name.contains("query.weight") })
    #expect(sameBits(adapters.withoutAdapters { noGradient { model(ids) } }, plain))
  }

  @Test("A checkpointed part gives the same gradients, whatever acts when it is computed again")
  func checkpoints() throws {
    let (model, adapters) = try adapted { $0.dropout = 0.3 }
    func gradients(_ output: (Tensor) -> Tensor) -> [Tensor] {
      model.zeroGradients()
      let loss = RandomGenerator.withSeed(9) { output(ids).crossEntropy(labels) }
      _ = adapters.withoutAdapters { loss.backward() }
      return model.parameters().compactMap(\.gradient)
    }
    let expected = gradients { model($0) }
    #expect(expected.count == 6)
    for (one, other) in zip(gradients { model.checkpointed($0) }, expected) { #expect(sameBits(one, other)) }
  }

  @Test("Captured, the adapter is part of the graph, with its factors as variables")
  func capturing() throws {
    let (model, adapters) = try adapted()
    let graph = try noGradient { try capture([TensorSpec(.int64, [2, 4])]) { [model($0[0])] } }
    let executor = try CPUExecutor(graph.optimized())
    let eager = noGradient { model(ids) }
    #expect(largestDifference(try executor(ids)[0], eager) < 1e-6)
    #expect(largestDifference(adapters.withoutAdapters { noGradient { model(ids) } }, eager) > 1e-3)
  }

  @Test("In bfloat16 the factors stay float32, and a merge rounds once")
  func halves() throws {
    let model = RandomGenerator.withSeed(1) { Reader() }
    model.convert(to: .bfloat16)
    var configuration = LoRAConfiguration(rank: 2)
    configuration.initialization = .random
    let adapters = try RandomGenerator.withSeed(2) { try Adapters(model, configuration) }
    let output = model(ids)
    #expect(output.dtype == .bfloat16)
    output.cast(to: .float32).sum().backward()
    #expect(model.parameters().filter(\.isTrainable).allSatisfy { $0.gradient?.dtype == .float32 })
    let weight = model.query.weight.value
    try adapters.merge()
    #expect(model.query.weight.spec == weight.spec)
    #expect(!sameBits(model.query.weight.value, weight))
    #expect(largestDifference(noGradient { model(ids) }.cast(to: .float64), output.cast(to: .float64)) < 0.1)
    adapters.unmerge()
    #expect(sameBits(model.query.weight.value, weight))
  }

  @Test("Two layers that share a weight each have their adapter, and a merge adds both")
  func sharing() throws {
    final class Tied: Module {
      let first: Linear
      let second: Linear
      init() {
        first = Linear(4, 4, bias: false)
        second = Linear(weight: first.weight)
      }
    }
    let model = RandomGenerator.withSeed(1) { Tied() }
    let before = model.first.weight.value
    var configuration = LoRAConfiguration(rank: 1)
    configuration.initialization = .random
    let adapters = try RandomGenerator.withSeed(2) { try Adapters(model, configuration) }
    let x = Tensor.ones([1, 4])
    let sum = noGradient { model.first(x) + model.second(x) - x.linear(before) }
    try adapters.merge()
    #expect(largestDifference(noGradient { model.first(x) }, sum) < 1e-5)
    adapters.unmerge()
    #expect(sameBits(model.first.weight.value, before))
  }

  @Test("A weight [inputs, outputs] has the same factors, and a merge lies as it does")
  func transposed() throws {
    let layer = Transposed()
    var configuration = LoRAConfiguration(rank: 2)
    configuration.initialization = .random
    let adapters = try RandomGenerator.withSeed(2) { try Adapters(layer, configuration) }
    let state = try adapters.stateDictionary()
    #expect(state["lora_A.weight"]?.shape == [2, 5])
    #expect(state["lora_B.weight"]?.shape == [3, 2])
    let x = RandomGenerator.withSeed(3) { Tensor.randomNormal([4, 5]) }
    let before = noGradient { layer(x) }
    #expect(largestDifference(adapters.withoutAdapters { noGradient { layer(x) } }, before) > 1e-2)
    try adapters.merge()
    #expect(layer.weight.spec.shape == [5, 3])
    #expect(largestDifference(noGradient { layer(x) }, before) < 1e-5)
  }

  @Test("A merge that would leave the numbers is refused, and so are settings that make no sense")
  func refusals() throws {
    let (model, adapters) = try adapted()
    let before = model.stateDictionary()
    let factor = model.namedParameters().first { $0.name == "dense.lora_B.default.weight" }!.parameter
    factor.value = .full(factor.spec.shape, Double.infinity)
    #expect(throws: AdapterError.notFinite(layer: "dense")) { try adapters.merge() }
    #expect(sameBits(model.query.weight.value, before["query.weight"]!))
    #expect(throws: AdapterError.self) { try adapters.add(LoRAConfiguration(rank: 0), named: "b") }
    #expect(throws: AdapterError.self) { try adapters.add(LoRAConfiguration(dropout: 1), named: "b") }
    #expect(throws: AdapterError.self) { try adapters.add(LoRAConfiguration(), named: "a.b") }
    #expect(throws: AdapterError.self) { try adapters.add(LoRAConfiguration(), named: "default") }
    #expect(throws: AdapterError.self) { try adapters.add(LoRAConfiguration(targets: .pattern("(")), named: "b") }
    let error = #expect(throws: AdapterError.self) {
      try adapters.add(LoRAConfiguration(targets: .names(["nothing"])), named: "b")
    }
    #expect(error?.description.contains("layers: words, query, dense, classifier") == true)
    var configuration = LoRAConfiguration()
    configuration.modulesToSave = ["score"]
    #expect(throws: AdapterError.unknownModule("score")) { try adapters.add(configuration, named: "b") }
    #expect(adapters.names == ["default"])
  }

  @Test("Names, exclusions, ranks and alphas of single layers")
  func selection() throws {
    let (model, adapters) = try adapted {
      $0.targets = .allLinear
      $0.excluded = ["classifier"]
      $0.rankPattern = ["dense": 3]
      $0.alphaPattern = ["query": 7]
    }
    #expect(adapters.adaptedLayers(of: "default") == ["query", "dense"])
    let shapes = Dictionary(uniqueKeysWithValues: model.namedParameters().map { ($0.name, $0.parameter.spec.shape) })
    #expect(shapes["dense.lora_A.default.weight"] == [3, 8])
    #expect(shapes["query.lora_B.default.weight"] == [8, 2])
    #expect(adapters.configuration(of: "default")?.scale(of: "query") == 3.5)
    #expect(adapters.configuration(of: "default")?.scale(of: "dense") == 4.0 / 3)
    let state = try adapters.stateDictionary()
    #expect(state.keys.contains("query.lora_A.weight"))
  }
}
