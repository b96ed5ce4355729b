import DeepSeekDynamic
public import DeepSeekOperators
public import DeepSeekTensor

/// Gives a whole sequence classes or numbers: logits `[batch, labels]`.
///
/// Labels are class numbers `[batch]`; numbers `[batch]` or `[batch, labels]` for a regression; for several classes at once,
/// probabilities `[batch, labels]` of a floating type.
public protocol SequenceClassifier: TaskModel {}

extension SequenceClassifier {
  /// The classes.
  public var labels: ClassLabels { configuration.labels }

  /// What is learned: as the configuration says, or else a regression for one label, classes for labels of an integer type,
  /// several classes at once for those of a floating type.
  public func problem(labelType: DType) -> ClassLabels.Problem {
    labels.problem
      ?? (labels.count == 1 ? .regression : labelType.isFloatingPoint ? .multiLabel : .singleLabel)
  }

  /// The squared difference, cross-entropy or binary cross-entropy, by ``problem(labelType:)``; label smoothing acts on
  /// cross-entropy alone.
  public func loss(_ logits: Tensor, labels: Tensor, labelSmoothing: Double, reduction: Reduction) -> Tensor {
    let logits = logits.raisedToFloat32
    switch problem(labelType: labels.dtype) {
    case .regression:
      return MSELoss(reduction: reduction)(
        self.labels.count == 1 ? logits.reshaped([logits.dimension(0)]) : logits,
        (self.labels.count == 1 ? labels.reshaped([logits.dimension(0)]) : labels).cast(to: logits.dtype))
    case .singleLabel:
      return CrossEntropyLoss(labelSmoothing: labelSmoothing, reduction: reduction)(
        logits, labels.reshaped([logits.dimension(0)]))
    case .multiLabel:
      return BCEWithLogitsLoss(reduction: reduction)(logits, labels.cast(to: logits.dtype))
    }
  }
}

/// Gives every token a class: logits `[batch, sequence, labels]`, labels `[batch, sequence]`.
public protocol TokenClassifier: TaskModel {}

extension TokenClassifier {
  /// The classes.
  public var labels: ClassLabels { configuration.labels }

  /// Cross-entropy over the tokens whose label is not -100.
  public func loss(_ logits: Tensor, labels: Tensor, labelSmoothing: Double, reduction: Reduction) -> Tensor {
    CrossEntropyLoss(labelSmoothing: labelSmoothing, reduction: reduction)(logits.raisedToFloat32, labels)
  }
}

extension Tensor {
  /// In `float32` where it is of half precision: what losses are computed in.
  var raisedToFloat32: Tensor { dtype == .float16 || dtype == .bfloat16 ? cast(to: .float32) : self }
}
