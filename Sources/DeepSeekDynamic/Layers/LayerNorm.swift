import DeepSeekOperators
public import DeepSeekTensor

/// Normalization over the last axes of each sample, then scale and shift (Ba, Kiros, Hinton, 2016).
///
/// Keys: `weight` and `bias`, of the normalized shape, ones and zeros at first.
public final class LayerNorm: Layer {
  /// The lengths of the axes that are normalized together.
  public let normalizedShape: Shape
  /// The scale; `nil` without one.
  public let weight: Parameter?
  /// The shift; `nil` without one.
  public let bias: Parameter?
  /// What is added to the variance.
  public let epsilon: Double

  /// A layer over the last axis, of length `width`.
  public convenience init(
    _ width: Int, epsilon: Double = 1e-5, affine: Bool = true, bias: Bool = true, dtype: DType = .float32
  ) {
    self.init([width], epsilon: epsilon, affine: affine, bias: bias, dtype: dtype)
  }

  /// A layer over the last axes, of these lengths together.
  public init(
    _ normalizedShape: Shape, epsilon: Double = 1e-5, affine: Bool = true, bias: Bool = true, dtype: DType = .float32
  ) {
    self.normalizedShape = normalizedShape
    self.epsilon = epsilon
    weight = affine ? Parameter(Initializer.ones(normalizedShape, dtype: dtype)) : nil
    self.bias = affine && bias ? Parameter(Initializer.zeros(normalizedShape, dtype: dtype)) : nil
  }

  /// `[…, normalized shape]` to the same shape.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    if normalizedShape.rank == 1 {
      return input.layerNorm(weight: weight?.tensor, bias: bias?.tensor, epsilon: epsilon)
    }
    let leading = input.shape.dimensions.dropLast(normalizedShape.rank)
    let count = normalizedShape.elementCount
    let flat = input.reshaped(Shape(leading + [Dimension(count)]))
    return flat.layerNorm(
      weight: weight?.tensor.reshaped([count]), bias: bias?.tensor.reshaped([count]), epsilon: epsilon
    ).reshaped(input.shape)
  }

  /// The normalized sum of `residual` and `input`, which is dropped out first: what follows each block of a Transformer, in
  /// as few passes over memory as there can be.
  public func callAsFunction(_ input: Tensor, residual: Tensor, dropout: Dropout) -> Tensor {
    let probability = dropout.effectiveProbability
    guard input.spec == residual.spec else { return self(dropout(input) + residual) }
    if probability > 0 { return self(input.dropoutAdd(probability, residual: residual)) }
    return self(input, residual: residual)
  }

  /// The normalized sum of two tensors.
  public func callAsFunction(_ input: Tensor, residual: Tensor) -> Tensor {
    guard normalizedShape.rank == 1, input.spec == residual.spec else { return self(input + residual) }
    return input.addLayerNorm(
      residual: residual, weight: weight?.tensor, bias: bias?.tensor, epsilon: epsilon
    ).normalized
  }
}
