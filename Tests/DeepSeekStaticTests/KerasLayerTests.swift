import DeepSeekCheckpoints
import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor
import TestSupport
import Testing

/// A layer, the case of the fixtures that it must match, and what its weights' keys begin with there.
struct LayerCase: Sendable, CustomTestStringConvertible {
  let name: String
  let layer: @Sendable () -> any Keras.Layer
  var prefix = ""
  var testDescription: String { name }

  init(_ name: String, prefix: String = "", _ layer: @escaping @Sendable () -> any Keras.Layer) {
    self.name = name
    self.layer = layer
    self.prefix = prefix
  }

  static let all: [LayerCase] = [
    LayerCase("dense_relu", prefix: "0.") { Keras.Layers.Dense(7, activation: .relu) },
    LayerCase("dense_softmax", prefix: "0.") { Keras.Layers.Dense(4, activation: .softmax) },
    LayerCase("dense_sequence", prefix: "0.") { Keras.Layers.Dense(3, activation: .tanh) },
    LayerCase("conv1d") { Keras.Layers.Conv1D(4, 3, padding: 1) },
    LayerCase("conv2d") { Keras.Layers.Conv2D(5, [3, 3], strides: 2) },
    LayerCase("conv2d_same") { Keras.Layers.Conv2D(3, 3, padding: .same) },
    LayerCase("max_pooling1d") { Keras.Layers.MaxPooling1D() },
    LayerCase("max_pooling2d") { Keras.Layers.MaxPooling2D() },
    LayerCase("average_pooling1d") { Keras.Layers.AveragePooling1D() },
    LayerCase("average_pooling2d") { Keras.Layers.AveragePooling2D([2, 3]) },
    LayerCase("batch_normalization") { Keras.Layers.BatchNormalization() },
    LayerCase("layer_normalization") { Keras.Layers.LayerNormalization() },
    LayerCase("embedding") { Keras.Layers.Embedding(10, 4) },
    LayerCase("lstm") { Keras.Layers.LSTM(4, returnSequences: true) },
    LayerCase("lstm_last") { Keras.Layers.LSTM(4) },
    LayerCase("lstm_both") { Keras.Layers.LSTM(4, isBidirectional: true) },
    LayerCase("gru") { Keras.Layers.GRU(4, returnSequences: true) },
    LayerCase("gru_last") { Keras.Layers.GRU(4) },
  ]
}

@Suite("Keras layers")
struct KerasLayerTests {
  private let tolerance = 2e-6

  @Test("a layer with PyTorch's weights gives PyTorch's outputs", arguments: LayerCase.all)
  func matchesPyTorch(_ example: LayerCase) throws {
    let file = try Safetensors.open(fixture("layers.safetensors"))
    let input = try file.tensor("\(example.name).input")
    let model = Keras.Sequential([example.layer()])
    _ = try model.predict(input)
    let statePrefix = "\(example.name).state.\(example.prefix)"
    var state = StateDictionary()
    for name in file.names where name.hasPrefix(statePrefix) {
      state[String(name.dropFirst(statePrefix.count))] = try file.tensor(name)
    }
    if let module = model.layers[0].core.module { try module.load(state) }
    let output = try model.predict(input, batchSize: 2)
    #expect(largestDifference(output, try file.tensor("\(example.name).output")) < tolerance)
  }

  @Test("losses are PyTorch's, and the same through a softmax or sigmoid that they are joined with")
  func losses() throws {
    let file = try Safetensors.open(fixture("layers.safetensors"))
    let logits = try file.tensor("loss.logits")
    let (labels, targets) = (try file.tensor("loss.labels"), try file.tensor("loss.targets"))
    func loss(_ loss: Keras.Loss, _ activation: Keras.Activation, _ target: Tensor) throws -> Double {
      let model = Keras.Sequential([Keras.Layers.Activation(activation)])
      model.compile(loss: loss)
      return try model.evaluate(logits, target, batchSize: 100)["loss"]!
    }
    func expected(_ name: String) throws -> Double { numbers(try file.tensor("loss.\(name)"))[0] }
    let oneHot = labels.oneHot(4).cast(to: .float32)
    let plainSoftmax = Keras.Activation("own softmax") { $0.softmax(axis: -1) }
    let plainSigmoid = Keras.Activation("own sigmoid") { $0.sigmoid() }
    for activation in [Keras.Activation.softmax, plainSoftmax] {
      #expect(abs(try loss(.sparseCategoricalCrossentropy, activation, labels) - expected("sparse_categorical")) < 1e-5)
      #expect(abs(try loss(.categoricalCrossentropy, activation, oneHot) - expected("categorical")) < 1e-5)
    }
    for activation in [Keras.Activation.sigmoid, plainSigmoid] {
      #expect(abs(try loss(.binaryCrossentropy, activation, targets) - expected("binary")) < 1e-5)
    }
    #expect(
      abs(try loss(.sparseCategoricalCrossentropyFromLogits, .linear, labels) - expected("sparse_categorical")) < 1e-5)
    #expect(abs(try loss(.meanSquaredError, .linear, targets) - expected("mean_squared")) < 1e-5)
    #expect(abs(try loss(.meanAbsoluteError, .linear, targets) - expected("mean_absolute")) < 1e-5)
    #expect(abs(try loss(.huber, .linear, targets) - expected("huber")) < 1e-5)
  }

  @Test("layers without weights do what their names say")
  func formulas() throws {
    let x = pattern([2, 3, 4, 6])
    func output(_ layer: any Keras.Layer, _ input: Tensor? = nil) throws -> Tensor {
      try Keras.Sequential([layer]).predict(input ?? x)
    }
    #expect(sameBits(try output(Keras.Layers.Flatten()), x.reshaped(2, 72)))
    #expect(sameBits(try output(Keras.Layers.Reshape([8, -1])), x.reshaped(2, 8, 9)))
    #expect(sameBits(try output(Keras.Layers.Permute([2, 3, 1])), x.transposed([0, 2, 3, 1]).contiguous()))
    #expect(largestDifference(try output(Keras.Layers.GlobalAveragePooling2D()), x.mean(axes: [2, 3])) < 1e-6)
    #expect(sameBits(try output(Keras.Layers.GlobalMaxPooling2D()), x.max(axes: [2, 3])))
    let flat = x.reshaped(2, 12, 6)
    #expect(largestDifference(try output(Keras.Layers.GlobalAveragePooling1D(), flat), flat.mean(axis: 2)) < 1e-6)
    #expect(sameBits(try output(Keras.Layers.GlobalMaxPooling1D(), flat), flat.max(axis: 2)))
    #expect(
      sameBits(
        try output(Keras.Layers.RepeatVector(3), x.reshaped(2, 72)).selected(1, 2).contiguous(), x.reshaped(2, 72)))
    #expect(try output(Keras.Layers.UpSampling2D()).shape == [2, 3, 8, 12])
    let padded = try output(Keras.Layers.ZeroPadding2D([1, 2]))
    #expect(padded.shape == [2, 3, 6, 10])
    #expect(sameBits(padded.sliced(2, 1..<5).sliced(3, 2..<8).contiguous(), x))
    #expect(sameBits(try output(Keras.Layers.Dropout(0.9)), x), "nothing is dropped in evaluation")
    #expect(sameBits(try output(Keras.Layers.GaussianNoise(3)), x))
    #expect(sameBits(try output(Keras.Layers.Lambda { $0 * 2 }), x * 2))
    #expect(sameBits(try output(Keras.Layers.Wrapped(DeepSeekDynamic.ReLU())), x.relu()))
  }

  @Test("merging layers take several tensors")
  func merging() throws {
    let (a, b) = (pattern([3, 4]), pattern([3, 4], 1))
    func merged(_ layer: any Keras.Layer) throws -> Tensor {
      let (left, right) = (Keras.Input([4]), Keras.Input([4]))
      return try Keras.Model(inputs: [left, right], outputs: [layer([left, right])]).predict([a, b])[0]
    }
    #expect(sameBits(try merged(Keras.Layers.Add()), a + b))
    #expect(sameBits(try merged(Keras.Layers.Subtract()), a - b))
    #expect(sameBits(try merged(Keras.Layers.Multiply()), a * b))
    #expect(largestDifference(try merged(Keras.Layers.Average()), (a + b) / 2) < 1e-7)
    #expect(sameBits(try merged(Keras.Layers.Maximum()), a.maximum(b)))
    #expect(sameBits(try merged(Keras.Layers.Minimum()), a.minimum(b)))
    #expect(sameBits(try merged(Keras.Layers.Concatenate()), Tensor.concatenate([a, b], axis: -1)))
    #expect(largestDifference(try merged(Keras.Layers.Dot()), (a * b).sum(axis: -1, keepAxes: true)) < 1e-6)
  }

  @Test("a layer called on a placeholder makes nodes under its name; called twice it shares its weights")
  func onPlaceholders() throws {
    let graph = StaticGraph()
    let (x, z) = (graph.placeholder("x", [nil, 4]), graph.placeholder("z", [nil, 4]))
    let dense = Keras.Layers.Dense(3, activation: .relu, name: "scores")
    let (first, second) = (dense(x), dense(z))
    let exported = try graph.exported(outputs: [("first", first), ("second", second)])
    #expect(exported.nodes.map(\.name) == ["scores/linear", "scores/relu", "scores_1/linear", "scores_1/relu"])
    #expect(exported.variables.count == 2)
    let values = pattern([2, 4])
    let results = try Session(graph).run([first, second], feeds: [x: values, z: values])
    #expect(sameBits(results[0], results[1]))
  }

  @Test(
    "batch normalization keeps the biased variance, as Keras 3 does", arguments: [[6, 3], [4, 3, 5], [2, 3, 4, 2]])
  func biasedVariance(lengths: [Int]) throws {
    let x = pattern(Shape(lengths)) * 2 + 1
    let layer = Keras.Layers.BatchNormalization(momentum: 0)
    let model = Keras.Sequential([layer, Keras.Layers.Flatten(), Keras.Layers.Dense(1)])
    model.compile(optimizer: .sgd(learningRate: 0), loss: .meanSquaredError)
    try model.fit(x, pattern([lengths[0], 1]), batchSize: lengths[0], epochs: 1)
    let kept = model.namedBuffers().first { $0.name.hasSuffix("running_var") }!.buffer.value
    let axes = [0] + Array(2..<max(lengths.count, 2))
    let mean = x.mean(axes: axes, keepAxes: true)
    #expect(largestDifference(kept, (x - mean).square().mean(axes: axes)) < 1e-5)
  }

  @Test("a recurrent layer drops the same features at every step", arguments: ["LSTM", "GRU"])
  func recurrentDropout(kind: String) throws {
    let graph = StaticGraph()
    let x = graph.placeholder("x", [nil, 6, 16])
    let layer: any Keras.Layer =
      kind == "LSTM" ? Keras.Layers.LSTM(3, dropout: 0.5) : Keras.Layers.GRU(3, dropout: 0.5)
    let exported = try graph.exported(outputs: [("y", layer(x, training: true))])
    let masks = exported.nodes.filter { $0.operation is DropoutOperator }
    #expect(masks.count == 1)
    for mask in masks {
      #expect(Array(exported.spec(mask.outputs[0]).shape.dimensions.dropFirst()) == [1, 16], "one mask for all steps")
    }
  }
}
