// swift-format-ignore-file: AlwaysUseLowerCamelCase
public import DeepSeekOperators
public import DeepSeekStatic
public import DeepSeekTensor

extension Keras.Layers.Dense {
  /// A layer as Keras 2 spells it out: `Dense(units: 64, inputDim: 20)`.
  @available(*, deprecated, message: "use Dense(units, activation:); the input's size is found, or given to the model")
  public init(units: Int, activation: Keras.Activation = .linear, inputDim: Int? = nil, useBias: Bool = true) {
    self.init(units, activation: activation, useBias: useBias)
    core.inputShape = inputDim.map { [Dimension($0)] }
  }

  /// A layer as Keras 1 spells it out: `Dense(outputDim: 64, inputDim: 20)`.
  @available(*, deprecated, message: "use Dense(units, activation:); the input's size is found, or given to the model")
  public init(outputDim: Int, inputDim: Int? = nil, activation: Keras.Activation = .linear, bias: Bool = true) {
    self.init(outputDim, activation: activation, useBias: bias)
    core.inputShape = inputDim.map { [Dimension($0)] }
  }

  /// As ``init(outputDim:inputDim:activation:bias:)``, in Python's spelling.
  @available(*, deprecated, message: "use Dense(units, activation:); the input's size is found, or given to the model")
  public init(output_dim: Int, input_dim: Int? = nil, activation: Keras.Activation = .linear, bias: Bool = true) {
    self.init(outputDim: output_dim, inputDim: input_dim, activation: activation, bias: bias)
  }

  /// The first layer of a model, which says how long an example is: `Dense(64, inputDim: 20, activation: .relu)`.
  @available(*, deprecated, message: "give the model the shape: ds.Sequential([…], inputShape: [20])")
  public init(_ units: Int, inputDim: Int, activation: Keras.Activation = .linear) {
    self.init(units, activation: activation)
    core.inputShape = [Dimension(inputDim)]
  }

  /// The first layer of a model, in Python's spelling: `Dense(64, input_dim: 20, activation: .relu)`.
  @available(*, deprecated, message: "give the model the shape: ds.Sequential([…], inputShape: [20])")
  public init(_ units: Int, input_dim: Int, activation: Keras.Activation = .linear) {
    self.init(units, inputDim: input_dim, activation: activation)
  }

  /// The first layer of a model, which says what shape an example has: `Dense(64, activation: .relu, inputShape: [20])`.
  @available(*, deprecated, message: "give the model the shape: ds.Sequential([…], inputShape: [20])")
  public init(_ units: Int, activation: Keras.Activation = .linear, inputShape: [Dimension?]) {
    self.init(units, activation: activation)
    core.inputShape = inputShape
  }

  /// The first layer of a model, in Python's spelling: `Dense(64, activation: .relu, input_shape: [20])`.
  @available(*, deprecated, message: "give the model the shape: ds.Sequential([…], inputShape: [20])")
  public init(_ units: Int, activation: Keras.Activation = .linear, input_shape: [Dimension?]) {
    self.init(units, activation: activation, inputShape: input_shape)
  }
}

extension Keras.Layers.Embedding {
  /// A table as Keras spells it out: `Embedding(inputDim: 1000, outputDim: 64)`.
  @available(*, deprecated, renamed: "init(_:_:)")
  public init(inputDim: Int, outputDim: Int) { self.init(inputDim, outputDim) }

  /// A table in Python's spelling.
  @available(*, deprecated, renamed: "init(_:_:)")
  public init(input_dim: Int, output_dim: Int) { self.init(input_dim, output_dim) }

  /// The first layer of a model, which says how long an example is.
  @available(*, deprecated, message: "give the model the shape: ds.Sequential([…], inputShape: [10])")
  public init(inputDim: Int, outputDim: Int, inputLength: Int) {
    self.init(inputDim, outputDim)
    core.inputShape = [Dimension(inputLength)]
  }

  /// The first layer of a model, in Python's spelling.
  @available(*, deprecated, message: "give the model the shape: ds.Sequential([…], inputShape: [10])")
  public init(input_dim: Int, output_dim: Int, input_length: Int) {
    self.init(inputDim: input_dim, outputDim: output_dim, inputLength: input_length)
  }
}

extension Keras.Layers.Conv1D {
  /// A layer as Keras 2 spells it out.
  @available(*, deprecated, message: "use Conv1D(filters, kernel, strides:padding:activation:)")
  public init(
    filters: Int, kernelSize: PerAxis, strides: PerAxis = 1, padding: Padding = .valid,
    activation: Keras.Activation = .linear, inputShape: [Dimension?]? = nil
  ) {
    self.init(filters, kernelSize, strides: strides, padding: padding, activation: activation)
    core.inputShape = inputShape
  }
}

extension Keras.Layers.Conv2D {
  /// A layer as Keras 2 spells it out.
  @available(*, deprecated, message: "use Conv2D(filters, kernel, strides:padding:activation:)")
  public init(
    filters: Int, kernelSize: PerAxis, strides: PerAxis = 1, padding: Padding = .valid,
    activation: Keras.Activation = .linear, inputShape: [Dimension?]? = nil
  ) {
    self.init(filters, kernelSize, strides: strides, padding: padding, activation: activation)
    core.inputShape = inputShape
  }

  /// The first layer of a model, which says what shape an example has, channels first.
  @available(*, deprecated, message: "give the model the shape: ds.Sequential([…], inputShape: [1, 28, 28])")
  public init(
    _ filters: Int, _ kernelSize: PerAxis, padding: Padding = .valid, activation: Keras.Activation = .linear,
    inputShape: [Dimension?]
  ) {
    self.init(
      filters: filters, kernelSize: kernelSize, padding: padding, activation: activation, inputShape: inputShape)
  }
}

extension Keras.Layers.MaxPooling2D {
  /// A layer as Keras 2 spells it out.
  @available(*, deprecated, renamed: "init(_:strides:padding:)")
  public init(poolSize: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid) {
    self.init(poolSize, strides: strides, padding: padding)
  }
}

extension Keras.Layers.AveragePooling2D {
  /// A layer as Keras 2 spells it out.
  @available(*, deprecated, renamed: "init(_:strides:padding:)")
  public init(poolSize: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid) {
    self.init(poolSize, strides: strides, padding: padding)
  }
}

extension Keras.Layers.LSTM {
  /// A layer as Keras 2 spells it out.
  @available(*, deprecated, renamed: "init(_:returnSequences:)")
  public init(units: Int, returnSequences: Bool = false) { self.init(units, returnSequences: returnSequences) }

  /// A layer as Keras 1 spells it out.
  @available(*, deprecated, renamed: "init(_:returnSequences:)")
  public init(outputDim: Int, returnSequences: Bool = false) { self.init(outputDim, returnSequences: returnSequences) }
}

extension Keras.Layers.GRU {
  /// A layer as Keras 2 spells it out.
  @available(*, deprecated, renamed: "init(_:returnSequences:)")
  public init(units: Int, returnSequences: Bool = false) { self.init(units, returnSequences: returnSequences) }

  /// A layer as Keras 1 spells it out.
  @available(*, deprecated, renamed: "init(_:returnSequences:)")
  public init(outputDim: Int, returnSequences: Bool = false) { self.init(outputDim, returnSequences: returnSequences) }
}

extension Keras.SymbolicTensor {
  /// An input as Keras spells it out: `Input(shape: [32])`.
  @available(*, deprecated, renamed: "init(_:name:)")
  public convenience init(shape: [Dimension?], name: String? = nil) { self.init(shape, dtype: .float32, name: name) }
}
