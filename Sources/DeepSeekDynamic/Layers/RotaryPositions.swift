public import DeepSeekOperators
public import DeepSeekTensor

/// Turns queries and keys by angles that grow with their position, so that scores depend on distances (Su and others,
/// "RoFormer", arXiv:2104.09864). Has no weights; the tables of sines and cosines are made once.
public final class RotaryPositions: Module {
  /// How many positions there are.
  public let maximumLength: Int
  /// Which elements make a pair.
  public let pairing: RotaryOperator.Pairing
  private let cosines: Buffer
  private let sines: Buffer

  /// For heads of this width, with positions below `maximumLength`. Traps when the width is odd.
  public init(
    width: Int, maximumLength: Int, base: Double = 10_000, pairing: RotaryOperator.Pairing = .halves,
    dtype: DType = .float32
  ) {
    if width % 2 != 0 { fatalError("RotaryPositions: a head's width of \(width) cannot be cut into pairs") }
    self.maximumLength = maximumLength
    self.pairing = pairing
    let tables = Tensor.rotaryTables(maximumLength, width: width, base: base, dtype: dtype)
    cosines = Buffer(tables.cosines, isPersistent: false)
    sines = Buffer(tables.sines, isPersistent: false)
  }

  /// `[…, sequence, width]` turned, positions counted from 0. Traps when the sequence is longer than the tables.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    let length = input.dimension(-2)
    return input.rotated(
      cosines: cosines.tensor.sliced(0, count: length), sines: sines.tensor.sliced(0, count: length), pairing: pairing)
  }
}
