import DeepSeekDynamic
import DeepSeekEngines
import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import OperatorSamples
import Testing

@Suite("Engines: training steps", .serialized)
struct EngineTrainingTests {
  @Test("a multilayer perceptron with dropout learns the same by SGD", arguments: TestedEngine.present)
  func perceptron(_ engine: TestedEngine) throws {
    let model = RandomGenerator.withSeed(1) {
      Sequential {
        Linear(6, 32)
        GELU()
        LayerNorm(32)
        Dropout(0.25)
        Linear(32, 3)
      }
    }
    let step = try trainingStep(model, TensorSpec(.float32, [16, 6])) { parameter, gradient in
      parameter.value = parameter.value - gradient * 0.1
    }
    try compare(engine, step, input: [16, 6])
  }

  @Test("a convolutional network with batch normalization learns the same by Adam", arguments: TestedEngine.present)
  func convolutional(_ engine: TestedEngine) throws {
    let model = RandomGenerator.withSeed(2) {
      Sequential {
        Convolution(1, 4, kernel: [3, 3], padding: .both(1), bias: false)
        BatchNorm(4)
        ReLU()
        MaxPool(2)
        Convolution(4, 8, kernel: [3, 3], stride: 2, padding: .both(1))
        SiLU()
        AveragePool(2)
        Flatten()
        Linear(8, 3)
      }
    }
    var moments: [(first: Parameter, second: Parameter)] = []
    for parameter in model.parameters() {
      let zeros = Tensor.zeros(parameter.value.shape)
      moments.append((Parameter(zeros, isTrainable: false), Parameter(zeros + 0, isTrainable: false)))
    }
    let steps = Parameter(Tensor.zeros([]), isTrainable: false)
    var index = 0
    let step = try trainingStep(model, TensorSpec(.float32, [16, 1, 8, 8])) { parameter, gradient in
      if index == 0 { steps.value = steps.value + 1 }
      let (first, second) = moments[index]
      first.value = first.value * 0.9 + gradient * 0.1
      second.value = second.value * 0.999 + gradient.square() * 0.001
      let mean = first.value / (1 - Tensor(0.9).power(steps.value))
      let spread = (second.value / (1 - Tensor(0.999).power(steps.value))).sqrt()
      parameter.value = parameter.value - mean * 0.01 / (spread + 1e-8)
      index += 1
    }
    try compare(engine, step, input: [16, 1, 8, 8])
  }

  /// The capture of a forward and backward pass and of each parameter's update.
  private func trainingStep(
    _ model: Sequential, _ input: TensorSpec, update: (Parameter, Tensor) -> Void
  ) throws -> Graph {
    model.train()
    let labels = TensorSpec(.int64, Shape([input.shape[0]]))
    return try capture([("x", input), ("y", labels)]) { inputs in
      let loss = model(inputs["x"]!).crossEntropy(inputs["y"]!)
      loss.backward()
      for parameter in model.parameters() { update(parameter, parameter.gradient!) }
      return [("loss", loss.detached())]
    }.optimized()
  }

  /// Six steps on each side, from the same weights with the same seed.
  private func compare(_ engine: TestedEngine, _ step: Graph, input: Shape) throws {
    func losses(_ graph: Graph, _ backend: Backend) throws -> [Double] {
      let executor = try backend.makeExecutor(graph)
      return try RandomGenerator.withSeed(7) {
        let x = Tensor.randomNormal(input)
        let y = Tensor.randomIntegers([input[0]], 0..<3)
        return try (0..<6).map { _ in try executor.run(["x": x, "y": y])["loss"]!.item(as: Double.self) }
      }
    }
    let (own, theirs) = (step.withOwnVariables(), step.withOwnVariables())
    let expected = try losses(own, .native)
    let found = try losses(theirs, engine.backend)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-5, "losses \(found), \(expected) expected") }
    #expect(expected.last! < expected.first! - 0.01, "the network learns: \(expected)")
    for (a, b) in zip(theirs.variables, own.variables) {
      let problem = Comparison.problem(a.parameter.value, b.parameter.value, tolerance: 1e-4)
      #expect(problem == nil, "\(a.name): \(problem ?? "")")
    }
  }
}
