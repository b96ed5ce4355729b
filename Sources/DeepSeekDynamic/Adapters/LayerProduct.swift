public import DeepSeekOperators
public import DeepSeekTensor

/// What stands in place of a layer's own product: one whose weight has few bits, one that watches what goes through, one that
/// trains for either.
///
/// It hangs in the layer's ``AdapterSlot``, and the layer hands it its weight as that is stored. The model keeps its type;
/// what the product holds itself appears among the layer's fields.
public protocol LayerProduct: Sendable {
  /// What it holds, keyed within the layer.
  var fields: [ModuleField] { get }
  /// The lengths of the product's axes where the stored weight does not tell: of a table, its entries and its width.
  var size: (inputs: Int, outputs: Int)? { get }
  /// Whether the layer's stored weight is the product's own, whose rows are outputs whichever way the layer's weight lay.
  var ownsWeight: Bool { get }

  /// `activation(x Wᵀ + b)`, `[…, inputs]` to `[…, outputs]`.
  func linear(_ input: Tensor, weight: Tensor, bias: Tensor?, activation: Activation) -> Tensor
  /// Rows of a table, `[indices…, width]`.
  func rows(of table: Tensor, at indices: Tensor) -> Tensor
  /// What the table's first rows, as they are stored, stand for: `[count, width]`.
  func firstRows(_ stored: Tensor) -> Tensor
}

extension LayerProduct {
  /// Nothing.
  public var fields: [ModuleField] { [] }
  /// As the weight has them.
  public var size: (inputs: Int, outputs: Int)? { nil }
  /// It is the layer's.
  public var ownsWeight: Bool { false }
  /// A plain look-up.
  public func rows(of table: Tensor, at indices: Tensor) -> Tensor { Tensor.embedding(table, indices) }
  /// Themselves.
  public func firstRows(_ stored: Tensor) -> Tensor { stored }
}
