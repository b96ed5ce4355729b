public import DeepSeekTensor

/// How a pretrained model is loaded.
public struct LoadingOptions: Sendable, Hashable {
  /// The classes of the head, in place of the file's. A head of the file with another number of classes is left out, and a
  /// fresh one made.
  public var labels: ClassLabels?
  /// The element type of the weights; `nil` keeps each as the file has it.
  public var dtype: DType?

  /// With these classes and this element type.
  public init(labels: ClassLabels? = nil, dtype: DType? = .float32) {
    self.labels = labels
    self.dtype = dtype
  }
}
