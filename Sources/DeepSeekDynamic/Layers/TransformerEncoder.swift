public import DeepSeekOperators
public import DeepSeekTensor

/// Self-attention, then two fully connected layers, each with a residual and a normalization (Vaswani and others, 2017).
///
/// Keys as PyTorch's `TransformerEncoderLayer`: `self_attn`, `linear1`, `linear2`, `norm1`, `norm2`.
public final class TransformerEncoderLayer: Layer {
  /// Names as PyTorch's.
  public static var stateKeys: [String: String] { ["selfAttention": "self_attn"] }

  /// Each position attends to all.
  public let selfAttention: MultiHeadAttention
  /// `[width]` to `[feedForward]`.
  public let linear1: Linear
  /// `[feedForward]` to `[width]`.
  public let linear2: Linear
  /// Beside the attention.
  public let norm1: LayerNorm
  /// Beside the fully connected layers.
  public let norm2: LayerNorm
  /// After the attention, between and after the fully connected layers.
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
    linear1 = Linear(width, feedForward, dtype: dtype)
    linear2 = Linear(feedForward, width, dtype: dtype)
    norm1 = LayerNorm(width, epsilon: epsilon, dtype: dtype)
    norm2 = LayerNorm(width, epsilon: epsilon, dtype: dtype)
    self.dropout = Dropout(dropout)
    self.activation = activation
    self.normalizesFirst = normalizesFirst
  }

  /// `[batch, sequence, width]` to the same shape.
  public func callAsFunction(_ input: Tensor) -> Tensor { self(input, mask: nil) }

  /// `[batch, sequence, width]` to the same shape; the mask as for ``MultiHeadAttention``.
  public func callAsFunction(_ input: Tensor, mask: Tensor?, isCausal: Bool = false) -> Tensor {
    if normalizesFirst {
      let x = input + dropout(selfAttention(norm1(input), mask: mask, isCausal: isCausal))
      return x + dropout(feedForward(norm2(x)))
    }
    let x = norm1(selfAttention(input, mask: mask, isCausal: isCausal), residual: input, dropout: dropout)
    return norm2(feedForward(x), residual: x, dropout: dropout)
  }

  /// Without the last dropout.
  private func feedForward(_ x: Tensor) -> Tensor { linear2(dropout(linear1(x, activation: activation))) }
}

/// Encoder layers one after another, and a normalization at the end when given. Keys: `layers.0`, …, `norm`.
public final class TransformerEncoder: Layer, BlockwiseModule {
  /// The layers, in order.
  public let layers: [TransformerEncoderLayer]
  /// The last normalization, as pre-norm layers want it.
  public let norm: LayerNorm?
  /// Which layers are computed again in the backward walk.
  public let recomputation = BlockRecomputation()

  /// These layers in order.
  public init(_ layers: [TransformerEncoderLayer], norm: LayerNorm? = nil) {
    self.layers = layers
    self.norm = norm
  }

  /// `[batch, sequence, width]` to the same shape.
  public func callAsFunction(_ input: Tensor) -> Tensor { self(input, mask: nil) }

  /// `[batch, sequence, width]` to the same shape; the mask as for ``MultiHeadAttention``.
  public func callAsFunction(_ input: Tensor, mask: Tensor?, isCausal: Bool = false) -> Tensor {
    let output = recomputation(input, blocks: layers.count) { [layers] index, x in
      layers[index](x, mask: mask, isCausal: isCausal)
    }
    return norm?(output) ?? output
  }
}
