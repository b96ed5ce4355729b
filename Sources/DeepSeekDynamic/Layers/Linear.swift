public import DeepSeekOperators
public import DeepSeekTensor

/// A fully connected layer: `x Wᵀ + b` over the last axis, `[…, inputs]` to `[…, outputs]`.
///
/// Keys: `weight` `[outputs, inputs]`, `bias` `[outputs]`. Both start uniform within ±1/√inputs, as PyTorch's do.
public final class Linear: Layer {
  /// `[outputs, inputs]`.
  public let weight: Parameter
  /// `[outputs]`; `nil` without a bias.
  public let bias: Parameter?
  /// What is added to the output beside; empty unless ``Adapters`` put something there.
  public let adapters = AdapterSlot()

  /// A layer with random weights.
  public init(_ inputs: Int, _ outputs: Int, bias: Bool = true, dtype: DType = .float32) {
    let bound = 1 / Double(Swift.max(inputs, 1)).squareRoot()
    weight = Parameter(Initializer.uniform(-bound, bound)([outputs, inputs], dtype: dtype))
    self.bias = bias ? Parameter(Initializer.uniform(-bound, bound)([outputs], dtype: dtype)) : nil
  }

  /// A layer of these parameters, which may be another layer's: a weight `[outputs, inputs]` and a bias `[outputs]`.
  public init(weight: Parameter, bias: Parameter? = nil) {
    self.weight = weight
    self.bias = bias
  }

  /// The length of the input's last axis.
  public var inputCount: Int { adaptedSize.inputs }
  /// The length of the output's last axis.
  public var outputCount: Int { adaptedSize.outputs }

  /// `[…, inputs]` to `[…, outputs]`.
  public func callAsFunction(_ input: Tensor) -> Tensor { self(input, activation: .none) }

  /// The same followed by an activation, computed while the product's result is still in the cache.
  public func callAsFunction(_ input: Tensor, activation: Activation) -> Tensor {
    adapters.linear(input, weight: weight.tensor, bias: bias?.tensor, activation: activation)
  }
}
