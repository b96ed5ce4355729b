import DeepSeekOperators
public import DeepSeekTensor

/// Attention with several heads (Vaswani and others, 2017): queries attend to keys and gather their values.
///
/// Keys as PyTorch's: `in_proj_weight` `[3 * width, width]` and `in_proj_bias`, queries' part first, then keys', then
/// values'; `out_proj.weight`, `out_proj.bias`.
public final class MultiHeadAttention: Module {
  /// Names as PyTorch's.
  public static var stateKeys: [String: String] {
    ["inputWeight": "in_proj_weight", "inputBias": "in_proj_bias", "outputProjection": "out_proj"]
  }

  /// `[3 * width, width]`.
  public let inputWeight: Parameter
  /// `[3 * width]`.
  public let inputBias: Parameter?
  /// `[width]` to `[width]`.
  public let outputProjection: Linear
  /// The number of heads.
  public let headCount: Int
  /// The probability that an attention weight is dropped while training.
  public let dropout: Double
  /// What turns queries and keys by their positions, where they attend to themselves.
  public let rotary: RotaryPositions?
  /// Whether weights are dropped at all.
  public let mode = TrainingMode()

  /// Random projections (Xavier uniform) and zero biases. Traps when the heads do not divide the width.
  public init(
    _ width: Int, headCount: Int, dropout: Double = 0, bias: Bool = true, rotary: RotaryPositions? = nil,
    dtype: DType = .float32
  ) {
    if headCount < 1 || width % headCount != 0 {
      fatalError("MultiHeadAttention: \(headCount) heads do not divide a width of \(width)")
    }
    self.headCount = headCount
    self.dropout = dropout
    self.rotary = rotary
    inputWeight = Parameter(Initializer.xavierUniform()([3 * width, width], dtype: dtype))
    inputBias = bias ? Parameter(Tensor.zeros([3 * width], dtype: dtype)) : nil
    outputProjection = Linear(width, width, bias: bias, dtype: dtype)
    if let bias = outputProjection.bias { Initializer.zeros(bias) }
  }

  /// Each position attends to all: `[batch, sequence, width]` to the same shape; see ``callAsFunction(_:_:_:mask:isCausal:)``.
  public func callAsFunction(_ input: Tensor, mask: Tensor? = nil, isCausal: Bool = false) -> Tensor {
    let width = outputProjection.inputCount
    let projected = input.linear(inputWeight.tensor, bias: inputBias?.tensor)
    let parts = (0..<3).map { heads(projected.sliced(-1, ($0 * width)..<(($0 + 1) * width))) }
    let (queries, keys) = (rotary?(parts[0]) ?? parts[0], rotary?(parts[1]) ?? parts[1])
    return attend(queries, keys, parts[2], mask, isCausal)
  }

  /// Queries `[batch, queries, width]` attend to keys and values `[batch, keys, width]`: `[batch, queries, width]`.
  ///
  /// The mask, `bool` (true attends) or added to the scores, broadcasts to `[batch, heads, queries, keys]`. With `isCausal`,
  /// a query sees no later key.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, mask: Tensor? = nil, isCausal: Bool = false
  ) -> Tensor {
    let width = outputProjection.inputCount
    let weight = inputWeight.tensor
    let bias = inputBias?.tensor
    let parts = [query, key, value].enumerated().map { index, input in
      let rows = (index * width)..<((index + 1) * width)
      return heads(input.linear(weight.sliced(0, rows), bias: bias?.sliced(0, rows)))
    }
    return attend(parts[0], parts[1], parts[2], mask, isCausal)
  }

  /// `[batch, sequence, width]` to `[batch, heads, sequence, width / heads]`.
  private func heads(_ input: Tensor) -> Tensor {
    let headWidth = Dimension(outputProjection.inputCount / headCount)
    return input.reshaped([input.dimension(0), input.dimension(1), Dimension(headCount), headWidth])
      .transposed([0, 2, 1, 3])
  }

  private func attend(_ query: Tensor, _ key: Tensor, _ value: Tensor, _ mask: Tensor?, _ isCausal: Bool) -> Tensor {
    let mixed = Tensor.attention(
      query: query, key: key, value: value, mask: mask, isCausal: isCausal, dropout: mode.isTraining ? dropout : 0)
    let joined = mixed.transposed([0, 2, 1, 3])
      .reshaped([query.dimension(0), query.dimension(2), Dimension(outputProjection.inputCount)])
    return outputProjection(joined)
  }
}
