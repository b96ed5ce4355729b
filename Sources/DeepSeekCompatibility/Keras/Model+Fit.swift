// swift-format-ignore-file: AlwaysUseLowerCamelCase
public import DeepSeekStatic
public import DeepSeekTensor

extension Keras.Model {
  /// Says how the model is trained, the optimizer by its Keras name and with Keras's learning rate.
  @available(*, deprecated, message: "give the optimizer as a value: .adam()")
  public func compile(optimizer: String, loss: Keras.Loss, metrics: [Keras.Metric] = []) {
    switch optimizer.lowercased() {
    case "adam": compile(optimizer: .adam(), loss: loss, metrics: metrics)
    case "sgd": compile(optimizer: .sgd(), loss: loss, metrics: metrics)
    case "rmsprop": compile(optimizer: .rmsprop(), loss: loss, metrics: metrics)
    case "adagrad": compile(optimizer: keras.optimizers.Adagrad(), loss: loss, metrics: metrics)
    default: fatalError("compile: no optimizer is named '\(optimizer)'; there are: adagrad, adam, rmsprop, sgd")
    }
  }

  /// Trains the model, by Keras 1's label.
  @available(*, deprecated, renamed: "fit(_:_:batchSize:epochs:)")
  @discardableResult
  public func fit(_ x: Tensor, _ y: Tensor, batchSize: Int = 32, nbEpoch: Int) throws -> Keras.History {
    try fit(x, y, batchSize: batchSize, epochs: nbEpoch)
  }

  /// Trains the model, by Keras 1's labels in Python's spelling.
  @available(*, deprecated, renamed: "fit(_:_:batchSize:epochs:)")
  @discardableResult
  public func fit(_ x: Tensor, _ y: Tensor, batch_size: Int = 32, nb_epoch: Int) throws -> Keras.History {
    try fit(x, y, batchSize: batch_size, epochs: nb_epoch)
  }

  /// Trains the model, by Keras 2's labels in Python's spelling.
  @available(*, deprecated, renamed: "fit(_:_:batchSize:epochs:)")
  @discardableResult
  public func fit(_ x: Tensor, _ y: Tensor, batch_size: Int, epochs: Int = 1) throws -> Keras.History {
    try fit(x, y, batchSize: batch_size, epochs: epochs)
  }

  /// Trains the model, as Keras 1 has it.
  @available(
    *, deprecated,
    message: "use fit(x, y, batchSize:epochs:validationSplit:shuffle:callbacks:verbose:), verbose being a Bool"
  )
  @discardableResult
  public func fit(
    _ x: Tensor, _ y: Tensor, batchSize: Int = 32, nbEpoch: Int, verbose: Int = 1,
    callbacks: [any Keras.Callback] = [], validationSplit: Double = 0, validationData: (x: Tensor, y: Tensor)? = nil,
    shuffle: Bool = true
  ) throws -> Keras.History {
    try fit(
      x, y, batchSize: batchSize, epochs: nbEpoch, validationSplit: validationSplit, validationData: validationData,
      shuffle: shuffle, callbacks: callbacks, verbose: verbose != 0)
  }

  /// Trains the model, as Keras 2 has it, `verbose` being a number.
  @available(
    *, deprecated,
    message: "use fit(x, y, batchSize:epochs:validationSplit:shuffle:callbacks:verbose:), verbose being a Bool"
  )
  @discardableResult
  public func fit(
    _ x: Tensor, _ y: Tensor, batchSize: Int = 32, epochs: Int = 1, verbose: Int,
    callbacks: [any Keras.Callback] = [], validationSplit: Double = 0, validationData: (x: Tensor, y: Tensor)? = nil,
    shuffle: Bool = true
  ) throws -> Keras.History {
    try fit(
      x, y, batchSize: batchSize, epochs: epochs, validationSplit: validationSplit, validationData: validationData,
      shuffle: shuffle, callbacks: callbacks, verbose: verbose != 0)
  }

  /// Trains the model, with Python's spelling of Keras 1's labels.
  @available(
    *, deprecated,
    message: "use fit(x, y, batchSize:epochs:validationSplit:shuffle:callbacks:verbose:), verbose being a Bool"
  )
  @discardableResult
  public func fit(
    _ x: Tensor, _ y: Tensor, batch_size: Int = 32, nb_epoch: Int, verbose: Int = 1,
    callbacks: [any Keras.Callback] = [], validation_split: Double = 0, validation_data: (x: Tensor, y: Tensor)? = nil,
    shuffle: Bool = true
  ) throws -> Keras.History {
    try fit(
      x, y, batchSize: batch_size, epochs: nb_epoch, validationSplit: validation_split,
      validationData: validation_data, shuffle: shuffle, callbacks: callbacks, verbose: verbose != 0)
  }

  /// Trains the model, with Python's spelling of Keras 2's labels.
  @available(
    *, deprecated,
    message: "use fit(x, y, batchSize:epochs:validationSplit:shuffle:callbacks:verbose:), verbose being a Bool"
  )
  @discardableResult
  public func fit(
    _ x: Tensor, _ y: Tensor, batch_size: Int, epochs: Int = 1, verbose: Int = 1,
    callbacks: [any Keras.Callback] = [], validation_split: Double = 0, validation_data: (x: Tensor, y: Tensor)? = nil,
    shuffle: Bool = true
  ) throws -> Keras.History {
    try fit(
      x, y, batchSize: batch_size, epochs: epochs, validationSplit: validation_split, validationData: validation_data,
      shuffle: shuffle, callbacks: callbacks, verbose: verbose != 0)
  }

  /// The loss, then the metrics as `compile` was given them.
  @available(*, deprecated, message: "use evaluate(x, y, batchSize:), which gives loss and metrics by name")
  public func evaluate(_ x: Tensor, _ y: Tensor, batchSize: Int = 32, verbose: Int) throws -> [Double] {
    let scores = try evaluate(x, y, batchSize: batchSize)
    return scoreNames.map { scores[$0]! }
  }

  /// The loss, then the metrics as `compile` was given them.
  @available(*, deprecated, message: "use evaluate(x, y, batchSize:), which gives loss and metrics by name")
  public func evaluate(_ x: Tensor, _ y: Tensor, batch_size: Int, verbose: Int = 1) throws -> [Double] {
    try evaluate(x, y, batchSize: batch_size, verbose: verbose)
  }
}
