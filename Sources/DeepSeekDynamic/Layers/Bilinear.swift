import DeepSeekOperators
public import DeepSeekTensor

/// `x₁ᵀ Aₖ x₂ + bₖ` for each output k: `[…, first]` and `[…, second]` to `[…, outputs]`.
///
/// Keys: `weight` `[outputs, first, second]`, `bias` `[outputs]`, uniform within ±1/√first at first.
public final class Bilinear: Module {
  /// `[outputs, first, second]`.
  public let weight: Parameter
  /// `[outputs]`.
  public let bias: Parameter?

  /// A layer with random weights.
  public init(_ first: Int, _ second: Int, _ outputs: Int, bias: Bool = true, dtype: DType = .float32) {
    let bound = 1 / Double(Swift.max(first, 1)).squareRoot()
    weight = Parameter(Initializer.uniform(-bound, bound)([outputs, first, second], dtype: dtype))
    self.bias = bias ? Parameter(Initializer.uniform(-bound, bound)([outputs], dtype: dtype)) : nil
  }

  /// `[…, first]` and `[…, second]` to `[…, outputs]`.
  public func callAsFunction(_ first: Tensor, _ second: Tensor) -> Tensor {
    let weight = self.weight.tensor
    let lengths = weight.shape
    // All x₁ᵀ Aₖ at once, as one product: [rows, first] by [first, outputs * second].
    let matrix = weight.transposed([1, 0, 2]).reshaped([lengths[1], lengths[0] * lengths[2]])
    let leading = first.shape.dimensions.dropLast()
    let products = first.matmul(matrix).reshaped(Shape(leading + [Dimension(lengths[0]), Dimension(lengths[2])]))
    let result = (products * second.expanded(-2)).sum(axis: -1)
    return bias.map { result + $0.tensor } ?? result
  }
}
