import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor
import Synchronization
import TestSupport
import Testing

@Suite("Keras models")
struct KerasModelTests {
  /// Points in the plane, and whether they lie inside a circle.
  private static func circle(_ count: Int) -> (x: Tensor, y: Tensor) {
    let x = RandomGenerator.withSeed(5) { Tensor.randomUniform([count, 2], -1, 1) }
    return (x, x.square().sum(axis: 1).less(than: 0.5).cast(to: .int64))
  }

  private static func classifier() -> Keras.Model {
    Keras.Sequential([
      Keras.Layers.Dense(16, activation: .tanh), Keras.Layers.Dropout(0.1), Keras.Layers.Dense(2, activation: .softmax),
    ])
  }

  @Test("the summary is a table of layers, output shapes and parameters")
  func summary() {
    let model = Keras.Sequential(
      [
        Keras.Layers.Conv2D(8, 3, activation: .relu), Keras.Layers.BatchNormalization(), Keras.Layers.Flatten(),
        Keras.Layers.Dense(10, name: "scores"),
      ], inputShape: [1, 8, 8])
    #expect(
      model.summary() == """
        Layer (kind)                              Output shape      Parameters
        ----------------------------------------------------------------------
        conv2d (Conv2D)                           [batch, 8, 6, 6]          80
        batch_normalization (BatchNormalization)  [batch, 8, 6, 6]          32
        flatten (Flatten)                         [batch, 288]               0
        scores (Dense)                            [batch, 10]             2890
        ----------------------------------------------------------------------
        3002 parameters, 2986 trainable
        """)
  }

  @Test("the summary of a network that branches says what each layer is connected to")
  func branchingSummary() {
    let input = Keras.Input([4], name: "features")
    let shared = Keras.Layers.Dense(4)
    let hidden = shared(shared(input))
    let sum = Keras.Layers.Add()([hidden, input])
    let model = Keras.Model(inputs: [input], outputs: [sum])
    #expect(
      model.summary()
        == """
        Layer (kind)      Output shape  Parameters  Connected to
        --------------------------------------------------------
        features (Input)  [batch, 4]             0
        dense (Dense)     [batch, 4]            20  features
        dense (Dense)     [batch, 4]        shared  dense
        add (Add)         [batch, 4]             0  dense, features
        -----------------------------------------------------------
        20 parameters, 20 trainable
        """.replacingRule())
  }

  @Test("fitting lowers the loss, keeps a history, and repeats bit for bit with a seed")
  func fitting() throws {
    let (x, y) = KerasModelTests.circle(256)
    func trained() throws -> (Keras.Model, Keras.History) {
      let model = RandomGenerator.withSeed(1) { KerasModelTests.classifier() }
      model.compile(optimizer: .adam(learningRate: 0.05), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
      let history = try RandomGenerator.withSeed(2) {
        try model.fit(x, y, batchSize: 32, epochs: 40, validationSplit: 0.25, seed: 7)
      }
      return (model, history)
    }
    let (model, history) = try trained()
    #expect(history.epochs == Array(0..<40))
    #expect(Set(history.values.keys) == ["loss", "accuracy", "val_loss", "val_accuracy"])
    #expect(history["loss"].last! < history["loss"][0] * 0.8)
    let (again, historyAgain) = try trained()
    #expect(history == historyAgain)
    #expect(sameBits(try model.predict(x), try again.predict(x)))
    // What evaluate says of the held-out part is what fit said last.
    let heldOut = try model.evaluate(x.sliced(0, 192..<256), y.sliced(0, 192..<256))
    #expect(heldOut["loss"]! == history["val_loss"].last!)
    #expect(heldOut["accuracy"]! == history["val_accuracy"].last!)
    // And predict agrees with both.
    let predicted = try model.predict(x.sliced(0, 192..<256)).argmax(axis: 1)
    let right = predicted.equal(to: y.sliced(0, 192..<256)).cast(to: .float32).mean().item(as: Float.self)
    #expect(Double(right) == heldOut["accuracy"]!)
  }

  @Test("a model that branches, of two inputs and two outputs, trains on both")
  func branching() throws {
    let (left, right) = (Keras.Input([3], name: "left"), Keras.Input([2], name: "right"))
    let both = Keras.Layers.Concatenate()([
      Keras.Layers.Dense(8, activation: .relu)(left), Keras.Layers.Dense(8, activation: .relu)(right),
    ])
    let (sum, sign) = (Keras.Layers.Dense(1)(both), Keras.Layers.Dense(1, activation: .sigmoid)(both))
    let model = RandomGenerator.withSeed(4) { Keras.Model(inputs: [left, right], outputs: [sum, sign]) }
    model.compile(optimizer: .adam(learningRate: 0.01), losses: [.meanSquaredError, .binaryCrossentropy])
    let (a, b) = (pattern([64, 3]), pattern([64, 2], 3))
    let total = a.sum(axis: 1) + b.sum(axis: 1)
    var options = Keras.FitOptions()
    options.epochs = 20
    options.batchSize = 16
    options.seed = 1
    let history = try model.fit([a, b], [total, total.greater(than: 0).cast(to: .float32)], options)
    #expect(history["loss"].last! < history["loss"][0] / 2)
    let outputs = try model.predict([a, b], batchSize: 10)
    #expect(outputs.map(\.shape) == [[64, 1], [64, 1]])
    let keys = model.namedParameters().map(\.name)
    #expect(keys.prefix(4) == ["dense.weight", "dense.bias", "dense_1.weight", "dense_1.bias"])
  }

  @Test("replicas that split a batch make the step of the whole batch, to rounding")
  func replicas() throws {
    let (x, y) = KerasModelTests.circle(64)
    func trained(_ replicas: Int) throws -> Keras.Model {
      let model = RandomGenerator.withSeed(1) {
        Keras.Sequential([Keras.Layers.Dense(8, activation: .tanh), Keras.Layers.Dense(2)], inputShape: [2])
      }
      var options = Keras.CompileOptions()
      options.replicas = replicas
      model.compile(
        optimizer: .sgd(learningRate: 0.5), loss: .sparseCategoricalCrossentropyFromLogits, options: options)
      try model.fit(x, y, batchSize: 32, epochs: 3, seed: 9)
      return model
    }
    let (one, four) = (try trained(1), try trained(4))
    for (left, right) in zip(one.namedParameters(), four.namedParameters()) {
      #expect(largestDifference(left.parameter.value, right.parameter.value) < 1e-5, "\(left.name)")
    }
    #expect(largestDifference(one.namedParameters()[0].parameter.value, pattern([8, 2])) > 1e-3)
  }

  @Test("accumulated batches make the step of one large batch, to rounding")
  func accumulation() throws {
    let (x, y) = KerasModelTests.circle(64)
    func trained(_ batchSize: Int, _ count: Int) throws -> Keras.Model {
      let model = RandomGenerator.withSeed(1) {
        Keras.Sequential([Keras.Layers.Dense(8, activation: .tanh), Keras.Layers.Dense(2)], inputShape: [2])
      }
      var options = Keras.CompileOptions()
      options.accumulatedBatches = count
      model.compile(
        optimizer: .adam(learningRate: 0.05), loss: .sparseCategoricalCrossentropyFromLogits, options: options)
      try model.fit(x, y, batchSize: batchSize, epochs: 3, seed: 9)
      return model
    }
    let (large, small) = (try trained(32, 1), try trained(8, 4))
    for (left, right) in zip(large.namedParameters(), small.namedParameters()) {
      #expect(largestDifference(left.parameter.value, right.parameter.value) < 1e-5, "\(left.name)")
    }
  }

  @Test("batches are accumulated through batch normalization, and a model within a model is trained with it")
  func nestedAndAccumulated() throws {
    let inner = Keras.Sequential(
      [Keras.Layers.Dense(4), Keras.Layers.BatchNormalization(momentum: 0.5)], inputShape: [2])
    let model = Keras.Sequential([Keras.Layers.Wrapped(inner), Keras.Layers.Dense(2)], inputShape: [2])
    var options = Keras.CompileOptions()
    options.accumulatedBatches = 2
    model.compile(optimizer: .sgd(), loss: .sparseCategoricalCrossentropyFromLogits, options: options)
    let (x, y) = KerasModelTests.circle(32)
    try model.fit(x, y, batchSize: 8, epochs: 1, seed: 1)
    let mean = model.namedBuffers().first { $0.name.hasSuffix("running_mean") }!.buffer.value
    #expect(numbers(mean).contains { $0 != 0 }, "the inner model's statistics move")
  }

  @Test("a layer's number avoids the names that others were given")
  func names() {
    let layers: [any Keras.Layer] = [
      Keras.Layers.Dense(4, name: "dense_1"), Keras.Layers.Dense(4), Keras.Layers.Dense(4),
    ]
    let model = Keras.Sequential(layers, inputShape: [2])
    #expect(model.layers.map(\.name) == ["dense_1", "dense", "dense_2"])
  }

  @Test("batch normalization keeps running statistics while a model is fitted")
  func runningStatistics() throws {
    let x = pattern([32, 3]) * 2 + 5
    let model = Keras.Sequential([Keras.Layers.BatchNormalization(momentum: 0.5), Keras.Layers.Dense(1)])
    model.compile(optimizer: .sgd(learningRate: 0), loss: .meanSquaredError)
    try model.fit(x, pattern([32, 1]), batchSize: 32, epochs: 1)
    let mean = model.namedBuffers().first { $0.name.hasSuffix("running_mean") }!.buffer.value
    #expect(largestDifference(mean, x.mean(axis: 0) * 0.5) < 1e-5)
    _ = try model.evaluate(x, pattern([32, 1]))
    let after = model.namedBuffers().first { $0.name.hasSuffix("running_mean") }!.buffer.value
    #expect(sameBits(mean, after), "evaluation changes nothing")
  }

  @Test("a NaN in the data stops fitting, names the layer, and leaves the weights alone")
  func numericChecks() throws {
    let model = Keras.Sequential([Keras.Layers.Lambda(name: "logarithm") { $0.log() }, Keras.Layers.Dense(1)])
    model.compile(loss: .meanSquaredError)
    model.build(inputShape: [2])
    let before = model.stateDictionary()
    do {
      try model.fit(pattern([4, 2]), pattern([4, 1]), batchSize: 4)
      Issue.record("logarithms of negative numbers should have stopped the step")
    } catch {
      #expect("\(error)".contains("logarithm/log"), "\(error)")
    }
    for (key, tensor) in before { #expect(sameBits(model.stateDictionary()[key]!, tensor)) }
  }

  @Test("data of another shape than the model's is an error that names the input")
  func wrongData() throws {
    let model = Keras.Sequential([Keras.Layers.Dense(1)], inputShape: [3])
    do {
      _ = try model.predict(pattern([4, 2]))
      Issue.record("three features were expected")
    } catch { #expect("\(error)".contains("'input'"), "\(error)") }
  }

  @Test("early stopping ends training and puts the best weights back; other callbacks are told")
  func callbacks() throws {
    let (x, y) = KerasModelTests.circle(64)
    let model = KerasModelTests.classifier()
    model.compile(optimizer: .sgd(learningRate: 0), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
    let told = Mutex<[String]>([])
    let tags = Mutex<[String]>([])
    let history = try model.fit(
      x, y, epochs: 10, validationSplit: 0.5,
      callbacks: [
        Keras.EarlyStopping(monitoring: "val_loss", patience: 2, restoresBest: true),
        Keras.LambdaCallback { epoch, logs in
          told.withLock { $0.append("\(epoch) \(logs.count)") }
          return true
        },
        Keras.LearningRateScheduler { 1 / Double($0 + 1) },
        Keras.TensorBoard(SummaryFunction { tag, _, _ in tags.withLock { $0.append(tag) } }, histograms: true),
      ])
    #expect(history.epochs == [0, 1, 2], "the loss cannot change, so two epochs more than the first")
    #expect(told.withLock { $0 } == ["0 4", "1 4", "2 4"])
    #expect(model.optimizer!.learningRateFactor == 1.0 / 3)
    #expect(
      tags.withLock { $0.prefix(6) } == [
        "epoch_accuracy", "epoch_loss", "epoch_val_accuracy", "epoch_val_loss", "dense.weight", "dense.bias",
      ])
  }

  @Test("a model in a file is fed and fetched by name, without its code")
  func exported() throws {
    let folder = try TemporaryFolder()
    let model = KerasModelTests.classifier()
    let x = KerasModelTests.circle(16).x
    let expected = try model.predict(x)
    try model.graph().write(to: folder.file("model.graph"))
    let session = try GraphSession(Graph(contentsOf: folder.file("model.graph")))
    #expect(
      session.graph.variables.map(\.name).sorted() == [
        "dense.bias", "dense.weight", "dense_1.bias", "dense_1.weight",
      ])
    #expect(sameBits(try session.run(feeds: ["input": x])["output"]!, expected))
    // Eager code gives the same.
    #expect(sameBits(noGradient { model(x) }, expected))
  }

  @Test("metrics count what they say")
  func metrics() throws {
    let prediction = Tensor([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.2, 0.3, 0.5], [0.3, 0.4, 0.3]])
    let labels = Tensor([1, 2, 2, 0], dtype: .int64)
    let model = Keras.Sequential([Keras.Layers.Activation(.linear)])
    model.compile(loss: .sparseCategoricalCrossentropy, metrics: [.accuracy, .topAccuracy(2)])
    let scores = try model.evaluate(prediction, labels, batchSize: 3)
    #expect(abs(scores["accuracy"]! - 0.5) < 1e-6)
    #expect(abs(scores["top_2_accuracy"]! - 0.75) < 1e-6)
    let binary = Keras.Sequential([Keras.Layers.Activation(.linear)])
    binary.compile(loss: .meanSquaredError, metrics: [.accuracy, .meanAbsoluteError])
    let result = try binary.evaluate(Tensor([[0.9], [0.2], [0.6]]), Tensor([[1.0], [1.0], [0.0]]))
    #expect(abs(result["accuracy"]! - 1.0 / 3) < 1e-6)
    #expect(abs(result["mean_absolute_error"]! - 0.5) < 1e-6)
  }
}

extension String {
  /// The text with rules as long as its longest line, which ends in a column without padding.
  fileprivate func replacingRule() -> String {
    let lines = split(separator: "\n", omittingEmptySubsequences: false)
    let width = lines.map(\.count).max() ?? 0
    return lines.map { $0.allSatisfy { $0 == "-" } ? String(repeating: "-", count: width) : String($0) }
      .joined(separator: "\n")
  }
}
