import DeepSeekDynamic
import DeepSeekOperators
public import DeepSeekTensor

extension Keras.Model {
  /// Trains the model on examples and their targets, `[examples, …]` each.
  ///
  /// - Returns: Loss and metrics of each epoch, and of the held-out examples under `val_…`.
  /// - Throws: `GraphError` that names the operator and layer when a NaN or an infinity arises, or the input when the data
  ///   does not fit the model; whatever callbacks throw.
  @discardableResult
  public func fit(
    _ x: Tensor, _ y: Tensor, batchSize: Int = 32, epochs: Int = 1, validationSplit: Double = 0,
    validationData: (x: Tensor, y: Tensor)? = nil, shuffle: Bool = true, seed: UInt64? = nil, initialEpoch: Int = 0,
    callbacks: [any Keras.Callback] = [], verbose: Bool = true
  ) throws -> Keras.History {
    var options = Keras.FitOptions()
    options.batchSize = batchSize
    options.epochs = epochs
    options.validationSplit = validationSplit
    options.shuffles = shuffle
    options.seed = seed
    options.initialEpoch = initialEpoch
    options.showsProgress = verbose
    return try fit([x], [y], validationData: validationData.map { ([$0.x], [$0.y]) }, callbacks: callbacks, options)
  }

  /// The same for a model of several inputs or outputs.
  @discardableResult
  public func fit(
    _ inputs: [Tensor], _ targets: [Tensor], validationData: (inputs: [Tensor], targets: [Tensor])? = nil,
    callbacks: [any Keras.Callback] = [], _ options: Keras.FitOptions
  ) throws -> Keras.History {
    var data = Keras.Examples(inputs, targets)
    var heldOut = validationData.map { Keras.Examples($0.inputs, $0.targets) }
    if heldOut == nil && options.validationSplit > 0 {
      let kept = Int(Double(data.count) * (1 - options.validationSplit))
      heldOut = data.rows(kept..<data.count)
      data = data.rows(0..<kept)
    }
    if options.batchSize < 1 || data.count == 0 {
      fatalError("fit: batches of \(options.batchSize) of \(data.count) examples")
    }
    build(for: inputs)
    var run = Keras.FitRun(self, data, heldOut, options, callbacks)
    return try run.history()
  }

  /// The model's loss and metrics on examples, by name; the means over all.
  public func evaluate(_ x: Tensor, _ y: Tensor, batchSize: Int = 32) throws -> [String: Double] {
    try evaluate([x], [y], batchSize: batchSize)
  }

  /// The same for a model of several inputs or outputs.
  public func evaluate(_ inputs: [Tensor], _ targets: [Tensor], batchSize: Int = 32) throws -> [String: Double] {
    build(for: inputs)
    return try evaluate(Keras.Examples(inputs, targets), batchSize)
  }

  func evaluate(_ data: Keras.Examples, _ batchSize: Int) throws -> [String: Double] {
    let engine = engine(data.targets, training: false)
    var mean = Keras.RunningMean(scoreNames)
    for start in stride(from: 0, to: data.count, by: batchSize) {
      let batch = data.rows(start..<Swift.min(start + batchSize, data.count))
      mean.add(try engine.session.run(engine.scores, fed: engine.feeds([batch])), weight: batch.count)
    }
    return mean.values
  }

  /// The first output for examples `[examples, …]`, batch by batch.
  public func predict(_ x: Tensor, batchSize: Int = 32) throws -> Tensor { try predict([x], batchSize: batchSize)[0] }

  /// All outputs for examples.
  public func predict(_ inputs: [Tensor], batchSize: Int = 32) throws -> [Tensor] {
    build(for: inputs)
    let data = Keras.Examples(inputs, [])
    let engine = engine([], training: false)
    var parts: [[Tensor]] = engine.predictions.map { _ in [] }
    // Of no examples there are no predictions, but they have a shape.
    for start in stride(from: 0, to: Swift.max(data.count, 1), by: Swift.max(batchSize, 1)) {
      let batch = data.rows(start..<Swift.min(start + batchSize, data.count))
      for (index, part) in try engine.session.run(engine.predictions, fed: engine.feeds([batch])).enumerated() {
        parts[index].append(part)
      }
    }
    return parts.map { $0.count == 1 ? $0[0] : Tensor.concatenate($0, axis: 0) }
  }

  /// The names of what ``evaluate(_:_:batchSize:)-(Tensor,_,_)`` gives: the loss, then the metrics as `compile` was given them.
  public var scoreNames: [String] { ["loss"] + compilation("evaluate").metrics.map(\.name) }
}

extension Keras.Engine {
  /// What is fed for shards of a batch, one for each replica.
  func feeds(_ shards: [Keras.Examples]) -> [(place: Tensor, value: Tensor)] {
    var feeds: [(place: Tensor, value: Tensor)] = []
    for (index, shard) in shards.enumerated() {
      for (place, value) in zip(inputs[index], shard.inputs) { feeds.append((place, value)) }
      for (place, value) in zip(targets[index], shard.targets) { feeds.append((place, value)) }
    }
    return feeds
  }
}
