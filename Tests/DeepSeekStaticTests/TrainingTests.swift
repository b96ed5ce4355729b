import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor
import TestSupport
import Testing

@Suite("Training on a static graph")
struct TrainingTests {
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
