public import DeepSeekTensor

/// A module's state that is no weight: a running mean, a table of positions. Saved with the weights, unless told
/// otherwise, and never trained.
public final class Buffer: Sendable {
  /// The state itself, which never wants a gradient; through it a capture sees a named variable.
  public let parameter: Parameter
  /// Whether it belongs to the state dictionary. False for tables that follow from the configuration.
  public let isPersistent: Bool

  /// A buffer with this value.
  public init(_ value: Tensor, isPersistent: Bool = true) {
    parameter = Parameter(value, isTrainable: false)
    self.isPersistent = isPersistent
  }

  /// What a module computes with: the value, or the graph's variable inside a capture.
  public var tensor: Tensor { parameter.tensor }

  /// The stored tensor.
  public var value: Tensor {
    get { parameter.value }
    set { parameter.value = newValue }
  }
}
