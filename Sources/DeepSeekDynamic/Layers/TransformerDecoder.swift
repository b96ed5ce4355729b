public import DeepSeekOperators
public import DeepSeekTensor

/// Self-attention, attention to an encoder's output, then two fully connected layers, each with a residual and a
/// normalization (Vaswani and others, 2017).
///
/// Keys as PyTorch's `TransformerDecoderLayer`: `self_attn`, `multihead_attn`, `linear1`, `linear2`, `norm1` to `norm3`.
public final class TransformerDecoderLayer: Module {
  /// Names as PyTorch's.
  public static var stateKeys: [String: String] {
    ["selfAttention": "self_attn", "crossAttention": "multihead_attn"]
  }

  /// Each position attends to the decoder's own.
  public let selfAttention: MultiHeadAttention
  /// Each position attends to the encoder's.
  public let crossAttention: MultiHeadAttention
  /// `[width]` to `[feedForward]`.
  public let linear1: Linear
  /// `[feedForward]` to `[width]`.
  public let linear2: Linear
  /// Beside the self-attention.
  public let norm1: LayerNorm
  /// Beside the attention to the encoder.
  public let norm2: LayerNorm
  /// Beside the fully connected layers.
  public let norm3: LayerNorm
  /// After each part, and between the fully connected layers.
  public let dropout: Dropout
  /// What stands between the fully connected layers.
  public let activation: Activation
  /// Whether normalization comes before each part (pre-norm) rather than after its residual.
  public let normalizesFirst: Bool

  /// Random weights, with PyTorch's defaults; `rotary` turns the self-attention's queries and keys.
  public init(
    _ width: Int, headCount: Int, feedForward: Int = 2048, dropout: Double = 0.1, activation: Activation = .relu,
    epsilon: Double = 1e-5, normalizesFirst: Bool = false, rotary: RotaryPositions? = nil, dtype: DType = .float32
  ) {
    selfAttention = MultiHeadAttention(width, headCount: headCount, dropout: dropout, rotary: rotary, dtype: dtype)
    crossAttention = MultiHeadAttention(width, headCount: headCount, dropout: dropout, dtype: dtype)
    linear1 = Linear(width, feedForward, dtype: dtype)
    linear2 = Linear(feedForward, width, dtype: dtype)
    norm1 = LayerNorm(width, epsilon: epsilon, dtype: dtype)
    norm2 = LayerNorm(width, epsilon: epsilon, dtype: dtype)
    norm3 = LayerNorm(width, epsilon: epsilon, dtype: dtype)
    self.dropout = Dropout(dropout)
    self.activation = activation
    self.normalizesFirst = normalizesFirst
  }

  /// `[batch, sequence, width]`, and the encoder's output `[batch, source, width]` as `memory`, to
  /// `[batch, sequence, width]`; masks as for ``MultiHeadAttention``. With `isCausal`, no position sees a later one of the
  /// decoder's.
  public func callAsFunction(
    _ input: Tensor, memory: Tensor, mask: Tensor? = nil, memoryMask: Tensor? = nil, isCausal: Bool = false
  ) -> Tensor {
    if normalizesFirst {
      var x = input + dropout(selfAttention(norm1(input), mask: mask, isCausal: isCausal))
      x += dropout(crossAttention(norm2(x), memory, memory, mask: memoryMask))
      return x + dropout(feedForward(norm3(x)))
    }
    var x = norm1(selfAttention(input, mask: mask, isCausal: isCausal), residual: input, dropout: dropout)
    x = norm2(crossAttention(x, memory, memory, mask: memoryMask), residual: x, dropout: dropout)
    return norm3(feedForward(x), residual: x, dropout: dropout)
  }

  /// Without the last dropout.
  private func feedForward(_ x: Tensor) -> Tensor { linear2(dropout(linear1(x, activation: activation))) }
}

/// Decoder layers one after another, and a normalization at the end when given. Keys: `layers.0`, …, `norm`.
public final class TransformerDecoder: Module {
  /// The layers, in order.
  public let layers: [TransformerDecoderLayer]
  /// The last normalization, as pre-norm layers want it.
  public let norm: LayerNorm?

  /// These layers in order.
  public init(_ layers: [TransformerDecoderLayer], norm: LayerNorm? = nil) {
    self.layers = layers
    self.norm = norm
  }

  /// As ``TransformerDecoderLayer/callAsFunction(_:memory:mask:memoryMask:isCausal:)``.
  public func callAsFunction(
    _ input: Tensor, memory: Tensor, mask: Tensor? = nil, memoryMask: Tensor? = nil, isCausal: Bool = false
  ) -> Tensor {
    let output = layers.reduce(input) { x, layer in
      layer(x, memory: memory, mask: mask, memoryMask: memoryMask, isCausal: isCausal)
    }
    return norm?(output) ?? output
  }
}
