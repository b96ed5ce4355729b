import DeepSeekCheckpoints
import DeepSeekCompatibility
import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite("Legacy names: Keras's scripts run")
struct KerasUses {
  /// Two classes that a line parts.
  private static func examples() -> (x: Tensor, y: Tensor) {
    let x = RandomGenerator.withSeed(1) { Tensor.randomNormal([200, 20]) }
    return (x, x.sliced(1, 0..<1).greater(than: 0).cast(to: .float32))
  }

  @available(*, deprecated)
  @Test("a Keras 1 script: names in strings, nb_epoch, classes, weights in a file")
  func kerasOne() throws {
    let folder = try TemporaryFolder()
    let (x, y) = KerasUses.examples()
    let model = keras.models.Sequential()
    model.add(keras.layers.Dense(output_dim: 16, input_dim: 20, activation: "relu"))
    model.add(keras.layers.Dropout(0.1))
    model.add(keras.layers.Dense(1, activation: "sigmoid"))
    #expect(model.summary().contains("353 parameters"), "the first layer says what it takes")
    model.compile(optimizer: "adam", loss: "binary_crossentropy", metrics: ["accuracy"])
    let history = try model.fit(x, y, batch_size: 20, nb_epoch: 100, verbose: 0)
    #expect(history["loss"].last! < history["loss"][0])
    try model.fit(x, y, batchSize: 20, nbEpoch: 1, verbose: 0)
    try model.fit(x, y, batchSize: 20, epochs: 1, verbose: 0)
    try model.fit(x, y, batch_size: 20, epochs: 1, verbose: 0, validation_split: 0.2)
    let scores = try model.evaluate(x, y, verbose: 0)
    #expect(scores.count == 2 && scores[1] > 0.85, "\(scores)")
    #expect(try model.evaluate(x, y, batch_size: 50, verbose: 0)[1] == scores[1])
    for classes in [try model.predictClasses(x), try model.predict_classes(x)] {
      #expect(classes.equal(to: y.cast(to: .int64)).cast(to: .float32).mean().item(as: Double.self) > 0.85)
    }
    let chances = try model.predictProba(x)
    for other in [try model.predict_proba(x), try model.predict(x, batch_size: 7)] {
      #expect((other - chances).abs().max().item(as: Double.self) < 1e-5)
    }
    let path = folder.path + "/weights.safetensors"
    try model.saveWeights(path)
    try model.save_weights(path)
    let restored = keras.Sequential([keras.layers.Dense(16, input_dim: 20, activation: .relu)])
    restored.add(ds_layers.Dropout(0.1))
    restored.add(ds_layers.Dense(1, activation: .sigmoid))
    try restored.loadWeights(path)
    try restored.load_weights(path)
    #expect(try (restored.predict(x) - chances).abs().max().item(as: Double.self) < 1e-6)
    try model.save(folder.path + "/model.graph")
    for program in [
      try keras.models.loadModel(folder.path + "/model.graph"),
      try keras.models.load_model(folder.path + "/model.graph"),
    ] {
      let output = try #require(try program.run(feeds: ["input": x])["output"])
      #expect((output - chances).abs().max().item(as: Double.self) < 1e-5)
    }
  }

  @available(*, deprecated)
  private typealias ds_layers = keras.layers

  @available(*, deprecated)
  @Test("layers by old names have the shapes that today's have")
  func layers() throws {
    typealias Layers = Keras.Layers
    func shape(_ layer: any Keras.Layer, _ input: [Int]) -> Shape { layer(Tensor.zeros(Shape(input))).shape }
    // ds.layers.Dense
    #expect(shape(Layers.Dense(units: 4, inputDim: 3), [2, 3]) == [2, 4])
    #expect(shape(Layers.Dense(outputDim: 4, inputDim: 3), [2, 3]) == [2, 4])
    #expect(shape(Layers.Dense(4, activation: .relu, inputShape: [3]), [2, 3]) == [2, 4])
    #expect(shape(Layers.Dense(4, activation: .relu, input_shape: [3]), [2, 3]) == [2, 4])
    // ds.layers.Embedding
    for table in [Layers.Embedding(inputDim: 9, outputDim: 4), Layers.Embedding(input_dim: 9, output_dim: 4)] {
      #expect(shape(table, [2, 3]) == [2, 3, 4])
    }
    // ds.layers.Conv1D, ds.layers.Convolution1D
    #expect(shape(Layers.Conv1D(filters: 4, kernelSize: 3, padding: "same"), [2, 3, 8]) == [2, 4, 8])
    #expect(shape(Layers.Convolution1D(4, 3, borderMode: "same"), [2, 3, 8]) == [2, 4, 8])
    // ds.layers.Conv2D, ds.layers.Convolution2D
    #expect(shape(Layers.Conv2D(filters: 4, kernelSize: 3), [2, 3, 8, 8]) == [2, 4, 6, 6])
    #expect(shape(Layers.Conv2D(4, 3, inputShape: [3, 8, 8]), [2, 3, 8, 8]) == [2, 4, 6, 6])
    #expect(shape(Layers.Convolution2D(4, 3, 1, subsample: 2), [2, 3, 8, 8]) == [2, 4, 3, 4])
    // ds.layers.MaxPooling2D, ds.layers.AveragePooling2D, ds.layers.MaxPool2D, ds.layers.AvgPool2D
    #expect(shape(Layers.MaxPooling2D(poolSize: 2), [2, 3, 8, 8]) == [2, 3, 4, 4])
    #expect(shape(Layers.AveragePooling2D(poolSize: 2), [2, 3, 8, 8]) == [2, 3, 4, 4])
    #expect(shape(Layers.MaxPool2D(2), [2, 3, 8, 8]) == shape(Layers.AvgPool2D(2), [2, 3, 8, 8]))
    // ds.layers.MaxPool1D, ds.layers.AvgPool1D, ds.layers.GlobalAvgPool1D, ds.layers.GlobalMaxPool1D
    #expect(shape(Layers.MaxPool1D(2), [2, 3, 8]) == shape(Layers.AvgPool1D(2), [2, 3, 8]))
    #expect(shape(Layers.GlobalAvgPool1D(), [2, 3, 8]) == shape(Layers.GlobalMaxPool1D(), [2, 3, 8]))
    // ds.layers.GlobalAvgPool2D, ds.layers.GlobalMaxPool2D
    #expect(shape(Layers.GlobalAvgPool2D(), [2, 3, 8, 8]) == shape(Layers.GlobalMaxPool2D(), [2, 3, 8, 8]))
    // ds.layers.LSTM, ds.layers.CuDNNLSTM, ds.layers.GRU, ds.layers.CuDNNGRU
    for layer in [
      Layers.LSTM(units: 4), Layers.LSTM(outputDim: 4), Layers.CuDNNLSTM(4), Layers.GRU(units: 4),
      Layers.GRU(outputDim: 4), Layers.CuDNNGRU(4),
    ] as [any Keras.Layer] { #expect(shape(layer, [2, 5, 3]) == [2, 4]) }
  }

  @available(*, deprecated)
  @Test("networks that branch: Input(shape:), merge, add, concatenate")
  func functional() throws {
    // ds.layers.Input, ds.layers.merge, ds.layers.add, ds.layers.concatenate
    let input = keras.Input(shape: [4])
    let other = Keras.Layers.Input(shape: [4])
    #expect(other.shape.rank == 2)
    let (a, b) = (Keras.Layers.Dense(3)(input), Keras.Layers.Dense(3)(input))
    let shapes = ["sum", "mul", "ave", "max", "concat", "dot"].map { Keras.Layers.merge([a, b], mode: $0).shape[-1] }
    #expect(shapes == [3, 3, 3, 3, 6, 1])
    let model = keras.Model(inputs: [input], outputs: [Keras.Layers.concatenate([Keras.Layers.add([a, b]), a])])
    #expect(try model.predict(Tensor.ones([2, 4])).shape == [2, 6])
    #expect(keras.models.Model.self == Keras.Model.self && keras.models.Sequential.self == keras.Sequential.self)
  }

  @available(*, deprecated)
  @Test("losses, metrics, optimizers and initializers by old names are today's")
  func values() {
    for (old, new) in [
      (keras.losses.mean_squared_error, keras.losses.meanSquaredError),
      (keras.losses.mse, keras.losses.mse),
      (keras.losses.mean_absolute_error, keras.losses.meanAbsoluteError),
      (keras.losses.mae, keras.losses.mae),
      (keras.losses.categorical_crossentropy, keras.losses.categoricalCrossentropy),
      (keras.losses.sparse_categorical_crossentropy, keras.losses.sparseCategoricalCrossentropy),
      (keras.losses.binary_crossentropy, keras.losses.binaryCrossentropy),
      (keras.losses.hinge, keras.losses.hinge),
      (keras.losses.poisson, keras.losses.poisson),
      (keras.losses.kullback_leibler_divergence, keras.losses.kullbackLeiblerDivergence),
      (keras.losses.huber_loss, keras.losses.huberLoss),
    ] { #expect(old.name == new.name) }
    for (old, new) in [
      (keras.metrics.categorical_accuracy, keras.metrics.categoricalAccuracy),
      (keras.metrics.sparse_categorical_accuracy, keras.metrics.sparseCategoricalAccuracy),
      (keras.metrics.binary_accuracy, keras.metrics.binaryAccuracy),
      (keras.metrics.mean_squared_error, keras.metrics.meanSquaredError),
      (keras.metrics.mean_absolute_error, keras.metrics.meanAbsoluteError),
    ] { #expect(old.name == new.name) }
    for (old, new) in [
      (keras.initializers.glorot_uniform(), keras.initializers.glorotUniform()),
      (keras.initializers.glorot_normal(), keras.initializers.glorotNormal()),
      (keras.initializers.he_uniform(), keras.initializers.heUniform()),
      (keras.initializers.he_normal(), keras.initializers.heNormal()),
      (keras.initializers.zeros(), keras.initializers.zeros()),
      (keras.initializers.ones(), keras.initializers.ones()),
      (keras.initializers.orthogonal(), keras.initializers.orthogonal()),
    ] {
      let (one, other) = (RandomGenerator.withSeed(1) { old([4, 4]) }, RandomGenerator.withSeed(1) { new([4, 4]) })
      #expect(one.array(of: Float.self) == other.array(of: Float.self))
    }
    #expect(keras.initializers.constant(2)([2]).array(of: Float.self) == [2, 2])
    #expect(keras.optimizers.Adam(lr: 0.01).learningRate == 0.01)
    #expect(keras.optimizers.SGD(lr: 0.01, momentum: 0.9, nesterov: true).momentum == 0.9)
    #expect(keras.optimizers.RMSprop(lr: 0.01).learningRate == 0.01)
    #expect(keras.optimizers.Adagrad(lr: 0.1).learningRate == 0.1)
    // Strings: activation: "relu", loss: "mse", metrics: ["accuracy"], padding: "same".
    let activation: Keras.Activation = "hard_sigmoid"
    let (loss, metrics) = ("mse" as Keras.Loss, ["accuracy"] as [Keras.Metric])
    #expect(activation.name == "hard_sigmoid" && loss.name == "mean_squared_error" && metrics[0].name == "accuracy")
  }

  @available(*, deprecated)
  @Test("callbacks: checkpoints each epoch, event files, the learning rate itself, an early end")
  func callbacks() throws {
    let folder = try TemporaryFolder()
    let (x, y) = KerasUses.examples()
    let model = Keras.Sequential([Keras.Layers.Dense(1, activation: .sigmoid)])
    model.compile(optimizer: keras.optimizers.SGD(lr: 0.5), loss: .binaryCrossentropy)
    let rates = Mutex<[Int]>([])
    try model.fit(
      x, y, epochs: 4,
      callbacks: [
        keras.callbacks.ModelCheckpoint(folder.path + "/run", keeping: 2),
        try keras.callbacks.TensorBoard(logDir: folder.path + "/logs"),
        keras.callbacks.LearningRateScheduler { epoch in epoch < 2 ? 0.5 : 0.25 },
        keras.callbacks.LambdaCallback { epoch, _ in rates.withLock { $0.append(epoch) } },
        keras.callbacks.EarlyStopping(monitor: "loss", patience: 10),
      ], verbose: false)
    #expect(rates.withLock { $0 } == [0, 1, 2, 3])
    #expect(model.optimizer?.learningRate == 0.25)
    #expect(try Saver(folder.path + "/run").checkpoints().count == 2)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/logs").count == 1)
  }
}
