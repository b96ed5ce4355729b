import DeepSeekOperators
public import DeepSeekTensor

extension Keras {
  /// What a model is fitted to lessen: a scalar of predictions and targets.
  public struct Loss: Sendable {
    /// The name, as Keras has it.
    public let name: String
    let function: @Sendable (_ prediction: Tensor, _ target: Tensor) -> Tensor
    /// The name of the activation that this loss computes better together with its own work, and how.
    let joined: (activation: String, function: @Sendable (_ logits: Tensor, _ target: Tensor) -> Tensor)?

    /// A loss of one's own.
    public init(_ name: String, _ function: @escaping @Sendable (_ prediction: Tensor, _ target: Tensor) -> Tensor) {
      self.init(name, function, joined: nil)
    }

    private init(
      _ name: String, _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor,
      joined: (activation: String, function: @Sendable (Tensor, Tensor) -> Tensor)?
    ) {
      self.name = name
      self.function = function
      self.joined = joined
    }

    /// The mean of squared differences.
    public static let meanSquaredError = Loss("mean_squared_error") { $0.meanSquaredError(fitted($1, to: $0)) }
    /// The mean of absolute differences.
    public static let meanAbsoluteError = Loss("mean_absolute_error") { $0.meanAbsoluteError(fitted($1, to: $0)) }
    /// Half the squared difference up to 1, then a line.
    public static let huber = Loss("huber") { $0.huberLoss(fitted($1, to: $0)) }
    /// max(0, 1 - y x), for targets of 1 and -1.
    public static let hinge = Loss("hinge") { $0.hingeLoss(fitted($1, to: $0)) }
    /// The mean of prediction - target log prediction.
    public static let poisson = Loss("poisson") { ($0 - fitted($1, to: $0) * ($0 + smallest).log()).mean() }
    /// Σ p log(p / q) of target p and prediction q, the mean over the examples.
    public static let kullbackLeiblerDivergence = Loss("kullback_leibler_divergence") { prediction, target in
      let (p, q) = (fitted(target, to: prediction).clamp(smallest, 1), prediction.clamp(smallest, 1))
      return (p * (p / q).log()).sum(axis: -1).mean()
    }

    /// Cross-entropy of probabilities `[…, classes]` and class numbers `[…]`. After a softmax, which is then computed together
    /// with it.
    public static let sparseCategoricalCrossentropy = Loss(
      "sparse_categorical_crossentropy",
      { probabilities, target in
        clipped(shares(probabilities)).log().negativeLogLikelihood(classes(target, of: probabilities))
      }, joined: ("softmax", { $0.crossEntropy(classes($1, of: $0)) }))

    /// Cross-entropy of logits `[…, classes]` and class numbers `[…]`.
    public static let sparseCategoricalCrossentropyFromLogits = Loss("sparse_categorical_crossentropy") {
      $0.crossEntropy(classes($1, of: $0))
    }

    /// Cross-entropy of two sets of probabilities `[…, classes]`. After a softmax, which is then computed together with it.
    public static let categoricalCrossentropy = Loss(
      "categorical_crossentropy",
      { -(fitted($1, to: $0) * clipped(shares($0)).log()).sum(axis: -1).mean() },
      joined: ("softmax", { -(fitted($1, to: $0) * $0.logSoftmax()).sum(axis: -1).mean() }))

    /// Cross-entropy of logits and probabilities `[…, classes]`.
    public static let categoricalCrossentropyFromLogits = Loss("categorical_crossentropy") {
      -(fitted($1, to: $0) * $0.logSoftmax()).sum(axis: -1).mean()
    }

    /// Cross-entropy of probabilities and targets between 0 and 1. After a sigmoid, which is then computed together with it.
    public static let binaryCrossentropy = Loss(
      "binary_crossentropy", { clipped($0).binaryCrossEntropy(fitted($1, to: $0)) },
      joined: ("sigmoid", { $0.binaryCrossEntropyWithLogits(fitted($1, to: $0)) }))

    /// Cross-entropy of logits and targets between 0 and 1.
    public static let binaryCrossentropyFromLogits = Loss("binary_crossentropy") {
      $0.binaryCrossEntropyWithLogits(fitted($1, to: $0))
    }

    /// Added or kept away from zero, so that logarithms are finite; Keras's own value.
    private static let smallest = 1e-7

    /// Numbers that need not sum to 1, as Keras takes them for probabilities.
    private static func shares(_ numbers: Tensor) -> Tensor { numbers / numbers.sum(axis: -1, keepAxes: true) }

    private static func clipped(_ probabilities: Tensor) -> Tensor { probabilities.clamp(smallest, 1 - smallest) }

    /// The target in the prediction's type and shape: `[batch]` for a prediction of `[batch, 1]`.
    static func fitted(_ target: Tensor, to prediction: Tensor) -> Tensor {
      let typed = target.cast(to: prediction.dtype)
      return typed.rank + 1 == prediction.rank && prediction.dimension(-1) == 1 ? typed.expanded(-1) : typed
    }

    /// Class numbers `[…]`, from `[…, 1]` too.
    static func classes(_ target: Tensor, of prediction: Tensor) -> Tensor {
      let whole = target.dtype.isFloatingPoint ? target.cast(to: .int64) : target
      return whole.rank == prediction.rank && whole.dimension(-1) == 1 ? whole.squeezed(-1) : whole
    }
  }
}
