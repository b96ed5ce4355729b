public import DeepSeekOperators
public import DeepSeekStatic

/// An activation by Keras's name: `activation: "relu"`. Traps when none has the name.
@available(*, deprecated, message: "give the activation as a value: .relu")
extension Keras.Activation: ExpressibleByStringLiteral {
  /// The activation of this name.
  public init(stringLiteral name: String) { self = named(name, Keras.Activation.builtIn, "activation") }

  private static let builtIn: [String: Keras.Activation] = [
    "linear": .linear, "relu": .relu, "sigmoid": .sigmoid, "tanh": .tanh, "softmax": .softmax, "gelu": .gelu,
    "swish": .swish, "elu": .elu, "selu": .selu, "softplus": .softplus, "softsign": .softsign,
    "exponential": .exponential, "hard_sigmoid": .hardSigmoid,
  ]
}

/// A loss by Keras's name: `loss: "mse"`. Traps when none has the name.
@available(*, deprecated, message: "give the loss as a value: .meanSquaredError")
extension Keras.Loss: ExpressibleByStringLiteral {
  /// The loss of this name.
  public init(stringLiteral name: String) { self = named(name, Keras.Loss.builtIn, "loss") }

  private static let builtIn: [String: Keras.Loss] = [
    "mean_squared_error": .meanSquaredError, "mse": .meanSquaredError, "mean_absolute_error": .meanAbsoluteError,
    "mae": .meanAbsoluteError, "huber_loss": .huber, "hinge": .hinge, "poisson": .poisson,
    "kullback_leibler_divergence": .kullbackLeiblerDivergence, "binary_crossentropy": .binaryCrossentropy,
    "categorical_crossentropy": .categoricalCrossentropy,
    "sparse_categorical_crossentropy": .sparseCategoricalCrossentropy,
  ]
}

/// A metric by Keras's name: `metrics: ["accuracy"]`. Traps when none has the name.
@available(*, deprecated, message: "give the metric as a value: .accuracy")
extension Keras.Metric: ExpressibleByStringLiteral {
  /// The metric of this name.
  public init(stringLiteral name: String) { self = named(name, Keras.Metric.builtIn, "metric") }

  private static let builtIn: [String: Keras.Metric] = [
    "accuracy": .accuracy, "acc": .accuracy, "binary_accuracy": .binaryAccuracy, "categorical_accuracy": .accuracy,
    "sparse_categorical_accuracy": .accuracy, "mse": .meanSquaredError, "mean_squared_error": .meanSquaredError,
    "mae": .meanAbsoluteError, "mean_absolute_error": .meanAbsoluteError,
  ]
}

/// Padding by Keras's or TensorFlow's name: `padding: "same"`. Traps for another name.
@available(*, deprecated, message: "give the padding as a value: .same")
extension Padding: ExpressibleByStringLiteral {
  /// The padding of this name.
  public init(stringLiteral name: String) { self = paddingNamed(name) }
}

/// `SAME` and `VALID`, in either case. Traps for another name.
func paddingNamed(_ name: String) -> Padding {
  named(name.lowercased(), ["same": .same, "valid": .valid], "padding")
}

private func named<Value>(_ name: String, _ values: [String: Value], _ kind: String) -> Value {
  guard let value = values[name] else {
    fatalError("no \(kind) is named '\(name)'; there are: \(values.keys.sorted().joined(separator: ", "))")
  }
  return value
}
