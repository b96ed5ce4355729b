import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekModels
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor
import TestSupport
import Testing

/// A BERT that trains in a moment.
private func tinyConfiguration() -> BertConfiguration {
  var configuration = BertConfiguration()
  configuration.vocabularySize = 50
  configuration.hiddenSize = 16
  configuration.layerCount = 2
  configuration.headCount = 2
  configuration.intermediateSize = 32
  configuration.maximumPositions = 16
  return configuration
}

@Suite("Training on a static graph")
struct TrainingTests {
  @Test("BERT's forward pass and training steps are the same bits static, dynamic and captured")
  func bert() throws {
    let ids = Tensor.randomIntegers([3, 7], 0..<50, key: RandomGenerator.key(seed: 1, stream: 0))
    let labels = Tensor([0, 1, 1], dtype: .int64)
    func make() -> (BertForSequenceClassification, Optimizer) {
      let model = RandomGenerator.withSeed(11) { BertForSequenceClassification(tinyConfiguration()) }
      return (model, Optimizer(model, AdamW(learningRate: 1e-2)))
    }
    func weights(_ model: BertForSequenceClassification) -> [Tensor] { model.parameters().map(\.value) }

    // Forward, in evaluation.
    let (reference, _) = make()
    reference.eval()
    let expected = noGradient { reference(ids) }
    let forward = StaticGraph()
    let input = forward.placeholder("ids", [nil, 7], dtype: .int64)
    let logits = noGradient { forward.building { reference(input) } }
    #expect(sameBits(try Session(forward).run(logits, feeds: [input: ids]), expected))
    let captured = try noGradient { try capture(ids.spec) { reference($0) } }
    #expect(sameBits(try CPUExecutor(captured.optimized())(ids)[0], expected))

    // Two training steps with dropout, from one seed.
    let (dynamic, dynamicOptimizer) = make()
    let dynamicLosses = RandomGenerator.withSeed(21) {
      (0..<2).map { _ in
        let loss = dynamic(ids).crossEntropy(labels)
        loss.backward()
        dynamicOptimizer.step()
        dynamicOptimizer.zeroGradients()
        return loss.detached()
      }
    }
    let (built, builtOptimizer) = make()
    let graph = StaticGraph()
    let (x, y) = (graph.placeholder("ids", [nil, 7], dtype: .int64), graph.placeholder("labels", [nil], dtype: .int64))
    let loss = graph.building { built(x).crossEntropy(y) }
    let train = builtOptimizer.minimize(loss)
    let session = Session(graph)
    let staticLosses = try RandomGenerator.withSeed(21) {
      try (0..<2).map { _ in try session.run(loss, updating: [train], feeds: [x: ids, y: labels]) }
    }
    let (third, thirdOptimizer) = make()
    let step = try capture([("ids", ids.spec), ("labels", labels.spec)]) { inputs in
      let loss = third(inputs["ids"]!).crossEntropy(inputs["labels"]!)
      loss.backward()
      thirdOptimizer.step()
      return [("loss", loss)]
    }
    let executor = try CPUExecutor(step.optimized())
    let capturedLosses = try RandomGenerator.withSeed(21) {
      try (0..<2).map { _ in try executor.run(["ids": ids, "labels": labels])["loss"]! }
    }
    for index in 0..<2 {
      #expect(sameBits(staticLosses[index], dynamicLosses[index]), "loss of step \(index)")
      #expect(sameBits(capturedLosses[index], dynamicLosses[index]), "loss of step \(index)")
    }
    let names = dynamic.namedParameters().map(\.name)
    for (index, wanted) in weights(dynamic).enumerated() {
      #expect(sameBits(weights(built)[index], wanted), "\(names[index]) static")
      #expect(sameBits(weights(third)[index], wanted), "\(names[index]) captured")
    }
    #expect(!sameBits(weights(dynamic)[0], weights(reference)[0]), "something was learnt")
  }

  @Test("towers placed by hand, their gradients averaged, make the step of the whole batch, to rounding")
  func towers() throws {
    func make() -> (Linear, Optimizer) {
      let model = RandomGenerator.withSeed(1) { Linear(4, 3) }
      return (model, Optimizer(model, SGD(learningRate: 0.3)))
    }
    let (x, labels) = (pattern([8, 4]), Tensor([0, 1, 2, 0, 1, 2, 2, 1], dtype: .int64))
    let (whole, wholeOptimizer) = make()
    whole(x).crossEntropy(labels).backward()
    wholeOptimizer.step()

    let (split, splitOptimizer) = make()
    let graph = StaticGraph()
    var feeds: [(place: Tensor, value: Tensor)] = []
    let losses = (0..<4).map { tower in
      graph.device("cpu:\(tower)") {
        graph.nameScope("tower_\(tower)") {
          let (input, target) = (graph.placeholder("x", [2, 4]), graph.placeholder("labels", [2], dtype: .int64))
          feeds.append((input, x.sliced(0, 2 * tower..<2 * tower + 2)))
          feeds.append((target, labels.sliced(0, 2 * tower..<2 * tower + 2)))
          return graph.building { split(input).crossEntropy(target) }
        }
      }
    }
    let train = splitOptimizer.minimize(meanOf: losses)
    _ = try Session(graph).run([], updating: [train], fed: feeds)
    for (left, right) in zip(whole.parameters(), split.parameters()) {
      #expect(largestDifference(left.value, right.value) < 1e-6)
    }
    #expect(Set(graph.placement.keys) == Set((0..<4).map { Device(.cpu, $0) }))
  }

  @Test("accumulated gradients make the step of one large batch, and begin anew after it")
  func accumulation() throws {
    func make() -> (Linear, Optimizer) {
      let model = RandomGenerator.withSeed(1) { Linear(4, 3) }
      return (model, Optimizer(model, SGD(learningRate: 0.3)))
    }
    let (x, labels) = (pattern([8, 4]), Tensor([0, 1, 2, 0, 1, 2, 2, 1], dtype: .int64))
    let (whole, wholeOptimizer) = make()
    for _ in 0..<2 {
      whole(x).crossEntropy(labels).backward()
      wholeOptimizer.step()
      wholeOptimizer.zeroGradients()
    }
    let (parts, partsOptimizer) = make()
    let graph = StaticGraph()
    let (input, target) = (graph.placeholder("x", [nil, 4]), graph.placeholder("labels", [nil], dtype: .int64))
    let loss = graph.building { parts(input).crossEntropy(target) }
    let accumulation = GradientAccumulation(partsOptimizer, loss)
    let session = Session(graph)
    for _ in 0..<2 {
      for start in stride(from: 0, to: 8, by: 2) {
        let rows = start..<start + 2
        try session.run(
          accumulation.accumulate, feeds: [input: x.sliced(0, rows), target: labels.sliced(0, rows)])
      }
      #expect(numbers(accumulation.count.value) == [4])
      try session.run(accumulation.apply)
      #expect(numbers(accumulation.count.value) == [0])
    }
    for (left, right) in zip(whole.parameters(), parts.parameters()) {
      #expect(largestDifference(left.value, right.value) < 1e-6)
    }
  }

  @Test("the learning rate of a train operation follows the optimizer's factor from run to run")
  func learningRate() throws {
    let graph = StaticGraph()
    let weight = graph.variable("weight", Tensor([0.0]))
    let optimizer = Optimizer([weight.parameter], SGD(learningRate: 1))
    let train = optimizer.minimize((weight.tensor * -1).sum())
    let session = Session(graph)
    try session.run(train)
    optimizer.learningRateFactor = 0.5
    try session.run(train)
    #expect(numbers(weight.value) == [1.5])
  }
}

@Suite("Digits")
struct DigitsTests {
  @Test("a Sequential classifier, built, fitted, saved and restored, is right about 97 % of a held-out fifth")
  func digits() throws {
    let (images, labels) = (try Digits.images(), try Digits.labels())
    let order = RandomGenerator.withSeed(0) { Tensor.randomPermutation(images.shape[0]) }
    let (x, y) = (images.indexSelect(axis: 0, order), labels.indexSelect(axis: 0, order))
    let count = images.shape[0] * 4 / 5
    let (rest, all) = (0..<count, count..<images.shape[0])
    func make() -> Keras.Model {
      let model = Keras.Sequential([
        Keras.Layers.Dense(128, activation: .relu), Keras.Layers.Dropout(0.3),
        Keras.Layers.Dense(10, activation: .softmax),
      ])
      model.compile(optimizer: .adam(learningRate: 3e-3), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
      return model
    }
    let model = RandomGenerator.withSeed(1) { make() }
    let history = try RandomGenerator.withSeed(2) {
      try model.fit(x.sliced(0, rest), y.sliced(0, rest), batchSize: 32, epochs: 40, seed: 3)
    }
    let scores = try model.evaluate(x.sliced(0, all), y.sliced(0, all), batchSize: 128)
    #expect(scores["accuracy"]! >= 0.97, "\(scores), \(history["loss"])")

    let folder = try TemporaryFolder()
    try model.saveWeights(to: folder.file("digits.safetensors"))
    let restored = make()
    restored.build(inputShape: [64])
    try restored.loadWeights(from: folder.file("digits.safetensors"))
    #expect(sameBits(try restored.predict(x.sliced(0, all)), try model.predict(x.sliced(0, all))))
  }
}
