// swift-format-ignore-file: AlwaysUseLowerCamelCase
public import DeepSeekDynamic
public import DeepSeekStatic

extension keras.optimizers {
  /// Adam with Keras's epsilon.
  @available(
    *, deprecated, message: "use Adam(learningRate:betas:epsilon:), or .adam(learningRate:) where a rule is expected"
  )
  public static func Adam(
    lr: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7
  ) -> DeepSeekDynamic.Adam {
    DeepSeekDynamic.Adam(learningRate: lr, betas: (beta1, beta2), epsilon: epsilon)
  }

  /// Gradient descent.
  @available(
    *, deprecated,
    message: "use SGD(learningRate:momentum:isNesterov:), or .sgd(learningRate:) where a rule is expected"
  )
  public static func SGD(lr: Double = 0.01, momentum: Double = 0, nesterov: Bool = false) -> DeepSeekDynamic.SGD {
    DeepSeekDynamic.SGD(learningRate: lr, momentum: momentum, isNesterov: nesterov)
  }

  /// RMSprop.
  @available(*, deprecated, message: "use RMSprop(learningRate:smoothing:epsilon:)")
  public static func RMSprop(lr: Double = 1e-3, rho: Double = 0.9, epsilon: Double = 1e-7) -> DeepSeekDynamic.RMSprop {
    DeepSeekDynamic.RMSprop(learningRate: lr, smoothing: rho, epsilon: epsilon)
  }

  /// Adagrad with Keras 2's defaults.
  @available(*, deprecated, message: "use Adagrad(learningRate:initialSum:epsilon:)")
  public static func Adagrad(lr: Double = 0.01, epsilon: Double = 1e-7) -> DeepSeekDynamic.Adagrad {
    DeepSeekDynamic.Adagrad(learningRate: lr, epsilon: epsilon)
  }
}

extension keras.initializers {
  /// `.xavierUniform()`.
  @available(*, deprecated, renamed: "Initializer.xavierUniform")
  public static func glorotUniform() -> Initializer { .xavierUniform() }
  /// `.xavierUniform()`.
  @available(*, deprecated, renamed: "Initializer.xavierUniform")
  public static func glorot_uniform() -> Initializer { .xavierUniform() }
  /// `.xavierNormal()`.
  @available(*, deprecated, renamed: "Initializer.xavierNormal")
  public static func glorotNormal() -> Initializer { .xavierNormal() }
  /// `.xavierNormal()`.
  @available(*, deprecated, renamed: "Initializer.xavierNormal")
  public static func glorot_normal() -> Initializer { .xavierNormal() }
  /// `.kaimingUniform()`.
  @available(*, deprecated, renamed: "Initializer.kaimingUniform")
  public static func heUniform() -> Initializer { .kaimingUniform() }
  /// `.kaimingUniform()`.
  @available(*, deprecated, renamed: "Initializer.kaimingUniform")
  public static func he_uniform() -> Initializer { .kaimingUniform() }
  /// `.kaimingNormal()`.
  @available(*, deprecated, renamed: "Initializer.kaimingNormal")
  public static func heNormal() -> Initializer { .kaimingNormal() }
  /// `.kaimingNormal()`.
  @available(*, deprecated, renamed: "Initializer.kaimingNormal")
  public static func he_normal() -> Initializer { .kaimingNormal() }
  /// `.zeros`.
  @available(*, deprecated, message: "use Initializer.zeros, without parentheses")
  public static func zeros() -> Initializer { .zeros }
  /// `.ones`.
  @available(*, deprecated, message: "use Initializer.ones, without parentheses")
  public static func ones() -> Initializer { .ones }
  /// `.orthogonal()`.
  @available(*, deprecated, renamed: "Initializer.orthogonal")
  public static func orthogonal() -> Initializer { .orthogonal() }
  /// `.zeros`.
  @available(*, deprecated, message: "use Initializer.zeros")
  public static func constant() -> Initializer { .zeros }
  /// `.constant(value)`.
  @available(*, deprecated, renamed: "Initializer.constant")
  public static func constant(_ value: Double) -> Initializer { .constant(value) }
}

extension keras.losses {
  /// `.meanSquaredError`.
  @available(*, deprecated, message: "use Keras.Loss.meanSquaredError")
  public static var meanSquaredError: Keras.Loss { .meanSquaredError }
  /// `.meanSquaredError`.
  @available(*, deprecated, message: "use Keras.Loss.meanSquaredError")
  public static var mean_squared_error: Keras.Loss { .meanSquaredError }
  /// `.meanSquaredError`.
  @available(*, deprecated, message: "use Keras.Loss.meanSquaredError")
  public static var mse: Keras.Loss { .meanSquaredError }
  /// `.meanAbsoluteError`.
  @available(*, deprecated, message: "use Keras.Loss.meanAbsoluteError")
  public static var meanAbsoluteError: Keras.Loss { .meanAbsoluteError }
  /// `.meanAbsoluteError`.
  @available(*, deprecated, message: "use Keras.Loss.meanAbsoluteError")
  public static var mean_absolute_error: Keras.Loss { .meanAbsoluteError }
  /// `.meanAbsoluteError`.
  @available(*, deprecated, message: "use Keras.Loss.meanAbsoluteError")
  public static var mae: Keras.Loss { .meanAbsoluteError }
  /// `.categoricalCrossentropy`.
  @available(*, deprecated, message: "use Keras.Loss.categoricalCrossentropy")
  public static var categoricalCrossentropy: Keras.Loss { .categoricalCrossentropy }
  /// `.categoricalCrossentropy`.
  @available(*, deprecated, message: "use Keras.Loss.categoricalCrossentropy")
  public static var categorical_crossentropy: Keras.Loss { .categoricalCrossentropy }
  /// `.sparseCategoricalCrossentropy`.
  @available(*, deprecated, message: "use Keras.Loss.sparseCategoricalCrossentropy")
  public static var sparseCategoricalCrossentropy: Keras.Loss { .sparseCategoricalCrossentropy }
  /// `.sparseCategoricalCrossentropy`.
  @available(*, deprecated, message: "use Keras.Loss.sparseCategoricalCrossentropy")
  public static var sparse_categorical_crossentropy: Keras.Loss { .sparseCategoricalCrossentropy }
  /// `.binaryCrossentropy`.
  @available(*, deprecated, message: "use Keras.Loss.binaryCrossentropy")
  public static var binaryCrossentropy: Keras.Loss { .binaryCrossentropy }
  /// `.binaryCrossentropy`.
  @available(*, deprecated, message: "use Keras.Loss.binaryCrossentropy")
  public static var binary_crossentropy: Keras.Loss { .binaryCrossentropy }
  /// `.hinge`.
  @available(*, deprecated, message: "use Keras.Loss.hinge")
  public static var hinge: Keras.Loss { .hinge }
  /// `.poisson`.
  @available(*, deprecated, message: "use Keras.Loss.poisson")
  public static var poisson: Keras.Loss { .poisson }
  /// `.kullbackLeiblerDivergence`.
  @available(*, deprecated, message: "use Keras.Loss.kullbackLeiblerDivergence")
  public static var kullbackLeiblerDivergence: Keras.Loss { .kullbackLeiblerDivergence }
  /// `.kullbackLeiblerDivergence`.
  @available(*, deprecated, message: "use Keras.Loss.kullbackLeiblerDivergence")
  public static var kullback_leibler_divergence: Keras.Loss { .kullbackLeiblerDivergence }
  /// `.huber`.
  @available(*, deprecated, message: "use Keras.Loss.huber")
  public static var huberLoss: Keras.Loss { .huber }
  /// `.huber`.
  @available(*, deprecated, message: "use Keras.Loss.huber")
  public static var huber_loss: Keras.Loss { .huber }
}

extension keras.metrics {
  /// `.accuracy`.
  @available(*, deprecated, message: "use Keras.Metric.accuracy")
  public static var categoricalAccuracy: Keras.Metric { .accuracy }
  /// `.accuracy`.
  @available(*, deprecated, message: "use Keras.Metric.accuracy")
  public static var categorical_accuracy: Keras.Metric { .accuracy }
  /// `.accuracy`.
  @available(*, deprecated, message: "use Keras.Metric.accuracy")
  public static var sparseCategoricalAccuracy: Keras.Metric { .accuracy }
  /// `.accuracy`.
  @available(*, deprecated, message: "use Keras.Metric.accuracy")
  public static var sparse_categorical_accuracy: Keras.Metric { .accuracy }
  /// `.binaryAccuracy`.
  @available(*, deprecated, message: "use Keras.Metric.binaryAccuracy")
  public static var binaryAccuracy: Keras.Metric { .binaryAccuracy }
  /// `.binaryAccuracy`.
  @available(*, deprecated, message: "use Keras.Metric.binaryAccuracy")
  public static var binary_accuracy: Keras.Metric { .binaryAccuracy }
  /// `.meanSquaredError`.
  @available(*, deprecated, message: "use Keras.Metric.meanSquaredError")
  public static var meanSquaredError: Keras.Metric { .meanSquaredError }
  /// `.meanSquaredError`.
  @available(*, deprecated, message: "use Keras.Metric.meanSquaredError")
  public static var mean_squared_error: Keras.Metric { .meanSquaredError }
  /// `.meanAbsoluteError`.
  @available(*, deprecated, message: "use Keras.Metric.meanAbsoluteError")
  public static var meanAbsoluteError: Keras.Metric { .meanAbsoluteError }
  /// `.meanAbsoluteError`.
  @available(*, deprecated, message: "use Keras.Metric.meanAbsoluteError")
  public static var mean_absolute_error: Keras.Metric { .meanAbsoluteError }
}
