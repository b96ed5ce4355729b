import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

private struct LayerCase: Decodable {
  let state: [String: StoredTensor]
  let after: [String: StoredTensor]
  let inputs: [StoredTensor]
  let output: StoredTensor
  let cotangent: StoredTensor
  let inputGradients: [StoredTensor?]
  let gradients: [String: StoredTensor]
}

private struct Subject {
  let module: any Module
  let call: ([Tensor]) -> Tensor

  init(_ layer: any Layer) {
    module = layer
    call = { layer($0[0]) }
  }

  init(_ module: any Module, _ call: @escaping ([Tensor]) -> Tensor) {
    self.module = module
    self.call = call
  }
}

private func makeSubject(_ name: String) -> Subject? {
  switch name {
  case "linear": return Subject(Linear(8, 3, dtype: .float64))
  case "bilinear":
    let layer = Bilinear(4, 3, 5, dtype: .float64)
    return Subject(layer) { layer($0[0], $0[1]) }
  case "embedding": return Subject(Embedding(10, 4, paddingIndex: 2, dtype: .float64))
  case "layer_norm": return Subject(LayerNorm(8, dtype: .float64))
  case "layer_norm_2d": return Subject(LayerNorm([5, 8], dtype: .float64))
  case "rms_norm": return Subject(RMSNorm(8, dtype: .float64))
  case "batch_norm_train": return Subject(BatchNorm2d(3, dtype: .float64))
  case "batch_norm_1d": return Subject(BatchNorm1d(3, dtype: .float64))
  case "group_norm": return Subject(GroupNorm(2, 6, dtype: .float64))
  case "instance_norm": return Subject(InstanceNorm2d(3, affine: true, dtype: .float64))
  case "attention":
    let layer = MultiHeadAttention(8, headCount: 2, dtype: .float64)
    return Subject(layer) { layer($0[0]) }
  case "encoder_layer":
    return Subject(TransformerEncoderLayer(8, headCount: 2, feedForward: 16, dropout: 0, dtype: .float64))
  case "encoder_layer_pre":
    return Subject(
      TransformerEncoderLayer(
        8, headCount: 2, feedForward: 16, dropout: 0, activation: .gelu, normalizesFirst: true, dtype: .float64))
  case "decoder_layer":
    let layer = TransformerDecoderLayer(8, headCount: 2, feedForward: 16, dropout: 0, dtype: .float64)
    return Subject(layer) { layer($0[0], memory: $0[1]) }
  case "lstm": return Subject(LSTM(8, 6, layerCount: 2, isBidirectional: true, dtype: .float64))
  case "conv1d": return Subject(Convolution(4, 6, kernel: [3], dilation: 2, dtype: .float64))
  case "conv2d":
    return Subject(Convolution(4, 6, kernel: [3, 3], stride: 2, padding: 1, groups: 2, dtype: .float64))
  case "conv_transpose2d":
    return Subject(
      ConvolutionTransposed(4, 6, kernel: [3, 3], stride: 2, padding: 1, outputPadding: 1, dtype: .float64))
  case "gru": return Subject(GRU(8, 6, layerCount: 2, isBidirectional: true, dtype: .float64))
  case "rnn": return Subject(RNN(8, 6, cell: .relu, layerCount: 2, isBidirectional: true, dtype: .float64))
  case "gru_cell":
    let cell = GRUCell(8, 6, dtype: .float64)
    return Subject(cell) { cell($0[0], $0[1]) }
  case "lstm_cell":
    let cell = LSTMCell(8, 6, dtype: .float64)
    return Subject(cell) {
      let next = cell($0[0], LSTM.State(hidden: $0[1], cell: $0[2]))
      return Tensor.concatenate([next.hidden, next.cell], axis: 1)
    }
  default: return nil
  }
}

private let names = [
  "linear", "bilinear", "embedding", "layer_norm", "layer_norm_2d", "rms_norm", "batch_norm_train", "batch_norm_1d",
  "group_norm", "instance_norm", "attention", "encoder_layer", "encoder_layer_pre", "decoder_layer", "lstm", "gru",
  "conv1d", "conv2d", "conv_transpose2d", "rnn", "gru_cell", "lstm_cell",
]

@Suite("Layers compute what PyTorch's do")
struct LayerTests {
  @Test("PyTorch's state loads strictly; output and every gradient agree", arguments: names)
  func reference(name: String) throws {
    let stored = try #require(fixture("layers", as: [String: LayerCase].self)[name])
    let subject = try #require(makeSubject(name))
    try subject.module.load(StateDictionary(stored.state.mapValues(\.tensor)))
    let inputs = zip(stored.inputs, stored.inputGradients).map { input, gradient in
      gradient == nil ? input.tensor.converted(to: .int64) : input.tensor.requiringGradient()
    }
    let output = subject.call(inputs)
    #expect(largestDifference(output, stored.output.tensor) < 1e-11)
    let map = output.backward(gradient: stored.cotangent.tensor)
    for (index, expected) in stored.inputGradients.enumerated() {
      guard let expected else { continue }
      let found = try #require(map[inputs[index]], "input \(index)")
      #expect(largestDifference(found, expected.tensor) < 1e-10, "\(name): gradient of input \(index)")
    }
    for named in subject.module.namedParameters() {
      let expected = try #require(stored.gradients[named.name])
      let found = try #require(named.parameter.gradient, "\(named.name)")
      #expect(largestDifference(found, expected.tensor) < 1e-10, "\(name): gradient of \(named.name)")
    }
    // Running statistics as they are after one batch.
    for (key, value) in subject.module.stateDictionary() {
      let expected = try #require(stored.after[key])
      #expect(largestDifference(value, expected.tensor) < 1e-12, "\(name): \(key) afterwards")
    }
  }

  @Test("Activations are their operators, alone and in a sequence")
  func activations() {
    let x = Tensor.linspace(-4, 4, count: 18, dtype: .float64).reshaped(3, 6)
    let pairs: [(layer: any Layer, value: Tensor)] = [
      (ReLU(), x.relu()), (GELU(), x.gelu()), (GELU(approximatesByTanh: true), x.gelu(approximate: .tanh)),
      (SiLU(), x.silu()), (Sigmoid(), x.sigmoid()), (Tanh(), x.tanh()), (Softplus(), x.softplus()), (ELU(), x.elu()),
      (LeakyReLU(), x.leakyRelu()), (HardSigmoid(), x.hardSigmoid()), (HardSwish(), x.hardSwish()),
      (HardTanh(), x.hardTanh()), (HardTanh(-0.5...2), x.clamp(-0.5, 2)), (Mish(), x.mish()), (SELU(), x.selu()),
      (LogSigmoid(), x.logSigmoid()), (Softsign(), x.softsign()), (GLU(axis: 1), x.glu(axis: 1)),
      (Softmax(), x.softmax()), (LogSoftmax(axis: 0), x.logSoftmax(axis: 0)),
      (PReLU(channels: 6, dtype: .float64), x.prelu(Tensor.full([6], 0.25, dtype: .float64))),
    ]
    for (layer, value) in pairs {
      #expect(layer(x).array(of: Double.self) == value.array(of: Double.self), "\(type(of: layer))")
      #expect(Sequential(Identity(), layer)(x).shape == value.shape)
    }
  }

  @Test("Losses with settings are the methods of the same name")
  func losses() {
    let (a, b, c) = (pattern([4, 3]), pattern([4, 3], 1), pattern([4, 3], 2))
    let (classes, signs) = (Tensor([0, 2, 1, -100]), Tensor([1.0, -1.0, 1.0]))
    let pairs = [
      (NLLLoss(reduction: .sum)(a, classes), a.negativeLogLikelihood(classes, reduction: .sum)),
      (
        TripletMarginLoss(margin: 2, power: 1)(a, positive: b, negative: c),
        a.tripletMarginLoss(positive: b, negative: c, margin: 2, power: 1)
      ),
      (MarginRankingLoss(margin: 0.5)(a[0], b[0], signs), a[0].marginRankingLoss(b[0], signs, margin: 0.5)),
      (
        GaussianNLLLoss(epsilon: 0.1)(a, b, variance: c.abs()),
        a.gaussianNegativeLogLikelihood(b, variance: c.abs(), epsilon: 0.1)
      ),
      (PoissonNLLLoss(reduction: .none)(a, b.abs()), a.poissonNegativeLogLikelihood(b.abs(), reduction: .none)),
    ]
    for (index, (loss, method)) in pairs.enumerated() {
      #expect(loss.shape == method.shape && largestDifference(loss, method) == 0, "pair \(index)")
    }
  }

  @Test("Layers of places are made longer, padded, and filled from channels")
  func resizing() {
    let x = Tensor([1.0, 2.0, 3.0, 4.0]).reshaped(1, 1, 2, 2)
    #expect(Upsample(2)(x)[0, 0].array(of: Int.self) == [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4])
    #expect(Upsample([1, 2], mode: .linear)(x)[0, 0, 0].array(of: Double.self) == [1, 1.25, 1.75, 2])
    let ends = Upsample([1, 2], mode: .linearAlignedCorners)(x)[0, 0, 0]
    #expect(ends.allClose(to: Tensor([1.0, 4.0 / 3, 5.0 / 3, 2.0])))
    #expect(Pad([0, 1], value: 9)(x)[0, 0].array(of: Int.self) == [9, 1, 2, 9, 9, 3, 4, 9])
    #expect(Pad(before: [1], after: [0], mode: .replicate)(x)[0, 0].array(of: Int.self) == [1, 1, 2, 3, 3, 4])
    let channels = Tensor.range(8).reshaped(1, 4, 2, 1)
    #expect(PixelShuffle(2)(channels).flattened().array(of: Int.self) == [0, 2, 4, 6, 1, 3, 5, 7])
  }

  @Test("In evaluation, batch normalization uses what it has gathered")
  func batchNormEvaluation() {
    let layer = BatchNorm1d(1, epsilon: 0, momentum: nil, dtype: .float64)
    _ = layer(Tensor([[1.0], [3.0]], dtype: .float64))
    _ = layer(Tensor([[5.0], [7.0]], dtype: .float64))
    #expect(layer.runningMean.value.array(of: Double.self) == [4])
    #expect(layer.runningVariance.value.array(of: Double.self) == [2])
    #expect(layer.batchCount.value.item(as: Int.self) == 2)
    layer.eval()
    let output = layer(Tensor([[4.0], [6.0]], dtype: .float64))
    #expect(largestDifference(output, Tensor([[0.0], [Double(2).squareRoot()]], dtype: .float64)) < 1e-15)
    #expect(layer.batchCount.value.item(as: Int.self) == 2)
  }

  @Test("Dropout keeps the mean, and whole channels go together")
  func dropout() {
    RandomGenerator.withSeed(3) {
      let kept = Dropout(0.25)(Tensor.ones([100_000]))
      let values = Set(kept.array(of: Float.self))
      #expect(values == [0, Float(1 / 0.75)])
      #expect(abs(kept.mean().item(as: Double.self) - 1) < 0.01)
      let channels = ChannelDropout(0.5)(Tensor.ones([20, 30, 4]))
      let sums = channels.sum(axis: -1).array(of: Float.self)
      #expect(Set(sums) == [0, 8])
    }
  }

  @Test("A recurrent network goes on from the state it ended in")
  func recurrentState() {
    let x = Tensor.randomNormal([2, 6, 3], dtype: .float64)
    let lstm = LSTM(3, 4, layerCount: 2, dtype: .float64)
    let (start, state) = lstm(x.sliced(1, 0..<4), state: nil)
    let (end, _) = lstm(x.sliced(1, 4..<6), state: state)
    #expect(largestDifference(Tensor.concatenate([start, end], axis: 1), lstm(x)) < 1e-14)
    let gru = GRU(3, 4, dtype: .float64)
    let (first, hidden) = gru(x.sliced(1, 0..<4), state: nil)
    let (second, _) = gru(x.sliced(1, 4..<6), state: hidden)
    #expect(largestDifference(Tensor.concatenate([first, second], axis: 1), gru(x)) < 1e-14)
  }

  @Test("Gradients agree with finite differences", arguments: ["layer_norm", "encoder_layer_pre", "gru"])
  func finiteDifferences(name: String) throws {
    let stored = try #require(fixture("layers", as: [String: LayerCase].self)[name])
    let subject = try #require(makeSubject(name))
    try subject.module.load(StateDictionary(stored.state.mapValues(\.tensor)))
    let x = stored.inputs[0].tensor
    func f(_ x: Tensor) -> Tensor { (subject.call([x]) * stored.cotangent.tensor).sum() }
    let slope = gradient(at: x, of: f).array(of: Double.self)
    let values = x.array(of: Double.self)
    let step = 1e-5
    for index in stride(from: 0, to: values.count, by: 7) {
      let ends = [step, -step].map { change in
        var moved = values
        moved[index] += change
        return f(Tensor(x.shape, moved)).item(as: Double.self)
      }
      #expect(abs((ends[0] - ends[1]) / (2 * step) - slope[index]) < 1e-7, "\(name), element \(index)")
    }
  }
}

@Suite("Weights start as the papers say, and repeat with the seed")
struct InitializerTests {
  @Test("The same seed gives the same model, another seed another")
  func seeds() {
    func weights(_ seed: UInt64) -> [Float] {
      RandomGenerator.withSeed(seed) {
        Sequential(Linear(20, 30), LayerNorm(30), Linear(30, 5)).parameters().flatMap { $0.value.array(of: Float.self) }
      }
    }
    #expect(weights(1) == weights(1))
    #expect(weights(1) != weights(2))
  }

  @Test(
    "Standard deviations follow the fans", arguments: [("kaiming", 300.0), ("xavier", 500.0)], ["Normal", "Uniform"])
  func scale(family: (name: String, fan: Double), distribution: String) throws {
    let name = family.name + distribution
    let expected = (2 / family.fan).squareRoot()
    let all: [String: Initializer] = [
      "kaimingNormal": .kaimingNormal(), "kaimingUniform": .kaimingUniform(), "xavierNormal": .xavierNormal(),
      "xavierUniform": .xavierUniform(),
    ]
    let initializer = try #require(all[name])
    let values = RandomGenerator.withSeed(9) { initializer([200, 300]) }
    let deviation = values.standardDeviation().item(as: Double.self)
    #expect(abs(deviation / expected - 1) < 0.02)
    #expect(abs(values.mean().item(as: Double.self)) < 3 * expected / Double(60_000).squareRoot())
  }

  @Test("Orthogonal rows or columns", arguments: [[4, 9], [9, 4], [6, 6], [3, 2, 4]])
  func orthogonal(shape: [Int]) {
    let weight = Initializer.orthogonal(gain: 2)(Shape(shape), dtype: .float64)
    let matrix = weight.reshaped([shape[0], -1])
    let (rows, columns) = (matrix.shape[0], matrix.shape[1])
    let product =
      rows <= columns ? matrix.matmul(matrix.matrixTransposed) : matrix.matrixTransposed.matmul(matrix)
    let identity = Initializer.identity([Swift.min(rows, columns), Swift.min(rows, columns)], dtype: .float64)
    #expect(largestDifference(product, identity * 4) < 1e-12)
  }

  @Test("A truncated normal stays within its bounds")
  func truncated() {
    let values = Initializer.truncatedNormal(mean: 1, standardDeviation: 0.5, low: 0.5, high: 2)([10_000])
    let all = values.array(of: Double.self)
    #expect(all.allSatisfy { (0.5...2).contains($0) })
    #expect(all.contains { $0 < 0.6 } && all.contains { $0 > 1.8 })
  }

  @Test("A linear layer starts within ±1/√inputs, a padding row at zero")
  func defaults() {
    let layer = Linear(400, 50)
    let values = layer.weight.value.array(of: Float.self)
    #expect(values.allSatisfy { abs($0) <= 0.05 } && values.contains { abs($0) > 0.049 })
    let table = Embedding(4, 3, paddingIndex: 1).weight.value.array(of: Float.self)
    #expect(table[3..<6].allSatisfy { $0 == 0 } && !table[0..<3].contains(0))
  }
}
