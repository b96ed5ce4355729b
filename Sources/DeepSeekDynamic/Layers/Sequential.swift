public import DeepSeekTensor

/// Layers one after another. Keys: `0.weight`, `1.weight`, ….
///
/// ```swift
/// let model = Sequential {
///   Linear(784, 128)
///   ReLU()
///   Linear(128, 10)
/// }
/// ```
public final class Sequential: Layer {
  /// The layers, in order.
  public let layers: [any Layer]

  /// The layers stand under their index alone.
  public static var stateKeys: [String: String] { ["layers": ""] }

  /// These layers in order.
  public init(_ layers: [any Layer]) { self.layers = layers }

  /// These layers in order.
  public convenience init(_ layers: any Layer...) { self.init(layers) }

  /// These layers in order, one a line.
  public convenience init(@LayerBuilder _ layers: () -> [any Layer]) { self.init(layers()) }

  /// What the last layer makes of what the one before makes of … the input.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    layers.reduce(input) { value, layer in layer(value) }
  }

  /// The layer at an index.
  public subscript(index: Int) -> any Layer { layers[index] }
}

/// Gathers the layers of a ``Sequential``; `if` and `for` choose and repeat.
@resultBuilder
public enum LayerBuilder {
  /// One layer.
  public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }
  /// Several layers.
  public static func buildExpression(_ layers: [any Layer]) -> [any Layer] { layers }
  /// Layers one after another.
  public static func buildBlock(_ parts: [any Layer]...) -> [any Layer] { parts.flatMap { $0 } }
  /// Layers or none.
  public static func buildOptional(_ part: [any Layer]?) -> [any Layer] { part ?? [] }
  /// The layers of the first branch.
  public static func buildEither(first: [any Layer]) -> [any Layer] { first }
  /// The layers of the second branch.
  public static func buildEither(second: [any Layer]) -> [any Layer] { second }
  /// The layers of every turn.
  public static func buildArray(_ parts: [[any Layer]]) -> [any Layer] { parts.flatMap { $0 } }
}

/// A function as a layer: `Lambda { $0.transposed() }`.
public final class Lambda: Layer {
  private let function: @Sendable (Tensor) -> Tensor

  /// A layer that calls `function`, which holds no weights.
  public init(_ function: @escaping @Sendable (Tensor) -> Tensor) { self.function = function }

  /// What the function gives.
  public func callAsFunction(_ input: Tensor) -> Tensor { function(input) }
}

/// The input itself.
public final class Identity: Layer {
  /// The layer.
  public init() {}
  /// The input.
  public func callAsFunction(_ input: Tensor) -> Tensor { input }
}
