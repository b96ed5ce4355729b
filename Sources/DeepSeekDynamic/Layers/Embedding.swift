import DeepSeekOperators
public import DeepSeekTensor

/// A table of vectors looked up by index: integers of any shape to `[indices…, width]`.
///
/// Key: `weight` `[entries, width]`, standard normal at first, with the padding's row zero.
public final class Embedding: Layer {
  /// `[entries, width]`.
  public let weight: Parameter
  /// The entry that stands for no word: its row starts as zeros and receives no gradient.
  public let paddingIndex: Int?
  /// What is added to the rows beside; empty unless ``Adapters`` put something there.
  public let adapters = AdapterSlot()

  /// A table with random rows. Traps when the padding index is outside it.
  public init(_ entries: Int, _ width: Int, paddingIndex: Int? = nil, dtype: DType = .float32) {
    var values = Initializer.normal()([entries, width], dtype: dtype)
    if let paddingIndex {
      if !(0..<entries).contains(paddingIndex) {
        fatalError("Embedding: padding index \(paddingIndex) is outside the table of \(entries)")
      }
      let rowBytes = width * dtype.byteCount
      values.withUnsafeMutableBytes { bytes in
        for offset in 0..<rowBytes { bytes[paddingIndex * rowBytes + offset] = 0 }
      }
    }
    weight = Parameter(values)
    self.paddingIndex = paddingIndex
  }

  /// A table of this parameter, which may be another layer's.
  public init(weight: Parameter, paddingIndex: Int? = nil) {
    self.weight = weight
    self.paddingIndex = paddingIndex
  }

  /// Integers of any shape to `[indices…, width]`. An index outside the table traps.
  public func callAsFunction(_ indices: Tensor) -> Tensor {
    let rows =
      adapters.product?.rows(of: weight.tensor, at: indices)
      ?? Tensor.embedding(weight.tensor, indices, paddingIndex: paddingIndex)
    return adapters.adding(to: rows, of: indices)
  }

  /// The first rows of the table, `[count, width]`, without what adapters add.
  public func prefix(_ count: Dimension) -> Tensor {
    let rows = weight.tensor.sliced(0, count: count)
    return adapters.product?.firstRows(rows) ?? rows
  }

  /// `[…, width]` times the table transposed, to logits `[…, entries]`, plus a bias `[entries]`: an output layer that shares
  /// the table. Adapters of the table act here only once they are merged.
  public func attend(_ input: Tensor, bias: Tensor? = nil) -> Tensor {
    adapters.product?.linear(input, weight: weight.tensor, bias: bias, activation: .none)
      ?? input.linear(weight.tensor, bias: bias)
  }
}
