import DeepSeekOperators
public import DeepSeekTensor

extension Keras {
  /// What is told about a model beside its loss: the mean over the examples of a batch, which `fit` and `evaluate` average
  /// over all examples.
  public struct Metric: Sendable {
    /// The name, as Keras has it: the key in a ``History``.
    public let name: String
    let function: @Sendable (_ prediction: Tensor, _ target: Tensor) -> Tensor

    /// A metric of one's own: a scalar of predictions and targets.
    public init(_ name: String, _ function: @escaping @Sendable (_ prediction: Tensor, _ target: Tensor) -> Tensor) {
      self.name = name
      self.function = function
    }

    /// How often the prediction is right: for one output above or below a half, otherwise the class of the largest, against
    /// class numbers or probabilities, whichever the targets are.
    public static let accuracy = Metric("accuracy") { prediction, target in
      if prediction.dimension(-1) == 1 { return binary(prediction, target) }
      let isProbabilities =
        target.rank == prediction.rank && target.dimension(-1) == prediction.dimension(-1)
      let wanted = isProbabilities ? target.argmax(axis: -1) : Loss.classes(target, of: prediction)
      return prediction.argmax(axis: -1).equal(to: wanted.cast(to: .int64)).cast(to: .float32).mean()
    }

    /// How often a probability is on the target's side of a half.
    public static let binaryAccuracy = Metric("binary_accuracy") { binary($0, $1) }

    /// How often the target class is among the `count` largest.
    public static func topAccuracy(_ count: Int) -> Metric {
      Metric("top_\(count)_accuracy") { prediction, target in
        let wanted = Loss.classes(target, of: prediction).cast(to: .int64).expanded(-1)
        let (_, best) = prediction.topK(count, axis: -1)
        return best.equal(to: wanted).cast(to: .float32).sum(axis: -1).mean()
      }
    }

    /// The mean of squared differences.
    public static let meanSquaredError = Metric("mean_squared_error", Loss.meanSquaredError.function)
    /// The mean of absolute differences.
    public static let meanAbsoluteError = Metric("mean_absolute_error", Loss.meanAbsoluteError.function)

    private static func binary(_ prediction: Tensor, _ target: Tensor) -> Tensor {
      let isPositive = prediction.greater(than: 0.5).cast(to: .float32)
      let wanted = Loss.fitted(target, to: prediction).greater(than: 0.5).cast(to: .float32)
      return isPositive.equal(to: wanted).cast(to: .float32).mean()
    }
  }
}
