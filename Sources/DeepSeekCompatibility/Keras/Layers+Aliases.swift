// swift-format-ignore-file: AlwaysUseLowerCamelCase
public import DeepSeekOperators
public import DeepSeekStatic
public import DeepSeekTensor

extension Keras.Layers {
  /// An LSTM of cuDNN's arithmetic, which ours has.
  @available(*, deprecated, renamed: "LSTM")
  public typealias CuDNNLSTM = LSTM
  /// A GRU of cuDNN's arithmetic, which ours has.
  @available(*, deprecated, renamed: "GRU")
  public typealias CuDNNGRU = GRU
  /// The largest under each window.
  @available(*, deprecated, renamed: "MaxPooling1D")
  public typealias MaxPool1D = MaxPooling1D
  /// The largest under each window.
  @available(*, deprecated, renamed: "MaxPooling2D")
  public typealias MaxPool2D = MaxPooling2D
  /// The mean under each window.
  @available(*, deprecated, renamed: "AveragePooling1D")
  public typealias AvgPool1D = AveragePooling1D
  /// The mean under each window.
  @available(*, deprecated, renamed: "AveragePooling2D")
  public typealias AvgPool2D = AveragePooling2D
  /// The mean of each channel.
  @available(*, deprecated, renamed: "GlobalAveragePooling1D")
  public typealias GlobalAvgPool1D = GlobalAveragePooling1D
  /// The mean of each channel.
  @available(*, deprecated, renamed: "GlobalAveragePooling2D")
  public typealias GlobalAvgPool2D = GlobalAveragePooling2D
  /// The largest of each channel.
  @available(*, deprecated, renamed: "GlobalMaxPooling1D")
  public typealias GlobalMaxPool1D = GlobalMaxPooling1D
  /// The largest of each channel.
  @available(*, deprecated, renamed: "GlobalMaxPooling2D")
  public typealias GlobalMaxPool2D = GlobalMaxPooling2D
  /// A tensor to be fed.
  @available(*, deprecated, message: "use ds.Input")
  public typealias Input = Keras.Input

  /// Keras 1's convolution over `[batch, channels, length]`.
  @available(*, deprecated, message: "use ds.layers.Conv1D(filters, length)")
  public static func Convolution1D(
    _ nbFilter: Int, _ filterLength: Int, activation: Keras.Activation = .linear, borderMode: String = "valid",
    subsampleLength: Int = 1
  ) -> Conv1D {
    Conv1D(
      nbFilter, PerAxis(filterLength), strides: PerAxis(subsampleLength), padding: paddingNamed(borderMode),
      activation: activation)
  }

  /// Keras 1's convolution over `[batch, channels, height, width]`.
  @available(*, deprecated, message: "use ds.layers.Conv2D(filters, [rows, columns])")
  public static func Convolution2D(
    _ nbFilter: Int, _ nbRow: Int, _ nbCol: Int, activation: Keras.Activation = .linear, borderMode: String = "valid",
    subsample: PerAxis = 1, inputShape: [Dimension?]? = nil
  ) -> Conv2D {
    let layer = Conv2D(
      nbFilter, [nbRow, nbCol], strides: subsample, padding: paddingNamed(borderMode), activation: activation)
    layer.core.inputShape = inputShape
    return layer
  }

  /// Several tensors as one, as Keras 1's `merge` has it: `sum`, `mul`, `ave`, `max`, `dot` or `concat`. Traps for another mode.
  @available(*, deprecated, message: "use the layer of the mode: ds.layers.Concatenate()([a, b])")
  public static func merge(_ inputs: [Keras.SymbolicTensor], mode: String = "sum") -> Keras.SymbolicTensor {
    switch mode {
    case "sum": Add()(inputs)
    case "mul": Multiply()(inputs)
    case "ave": Average()(inputs)
    case "max": Maximum()(inputs)
    case "dot": Dot()(inputs)
    case "concat": Concatenate()(inputs)
    default: fatalError("merge: no mode is named '\(mode)'; there are: ave, concat, dot, max, mul, sum")
    }
  }

  /// The sum of several tensors.
  @available(*, deprecated, message: "use ds.layers.Add()([a, b])")
  public static func add(_ inputs: [Keras.SymbolicTensor]) -> Keras.SymbolicTensor { Add()(inputs) }

  /// Several tensors one after another.
  @available(*, deprecated, message: "use ds.layers.Concatenate()([a, b])")
  public static func concatenate(_ inputs: [Keras.SymbolicTensor], axis: Int = -1) -> Keras.SymbolicTensor {
    Concatenate(axis: axis)(inputs)
  }
}
