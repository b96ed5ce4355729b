public import DeepSeekDynamic
import DeepSeekOperators
public import DeepSeekTensor

/// A Llama decoder, or Mistral's or Qwen2's (Touvron and others, arXiv:2302.13971; Jiang and others, arXiv:2310.06825; Yang and
/// others, arXiv:2407.10671).
///
/// Keys are Hugging Face's: `embed_tokens.weight`, `layers.0.self_attn.q_proj.weight`, …
public final class LlamaModel: DecoderModel, BlockwiseModule {
  /// Sizes and switches.
  public let configuration: LlamaConfiguration
  /// The table of tokens.
  public let embedTokens: Embedding
  /// The decoder layers, first to last.
  public let layers: [LlamaLayer]
  let norm: RMSNorm
  private let rotary: RotaryEmbedding
  /// Which layers are computed again in the backward walk.
  public let recomputation = BlockRecomputation()

  /// Snake-case keys, as checkpoints have them.
  public static var stateKeys: [String: String] { ["embedTokens": "embed_tokens"] }

  /// `LlamaModel`, `MistralModel` or `Qwen2Model`.
  public var architecture: String { configuration.family.architecture + "Model" }
  /// `model`.
  public var basePrefix: String { "model" }
  /// Tables of angles, which old checkpoints have, follow from the configuration. Models that find answers call the decoder
  /// `transformer`.
  public func currentKey(_ key: String) -> String? {
    if key.hasSuffix("rotary_emb.inv_freq") { return nil }
    let other = "transformer."
    return key.hasPrefix(other) ? "\(basePrefix).\(key.dropFirst(other.count))" : key
  }

  /// The table of tokens.
  public var tokenTable: Embedding { embedTokens }

  /// A model with fresh weights from the current ``RandomGenerator``.
  public init(_ configuration: LlamaConfiguration) {
    self.configuration = configuration
    embedTokens = .normal(
      configuration.vocabularySize, configuration.hiddenSize, configuration.initializerRange,
      paddingIndex: configuration.paddingToken)
    layers = (0..<configuration.layerCount).map { _ in LlamaLayer(configuration) }
    norm = RMSNorm(configuration.hiddenSize, epsilon: configuration.normEpsilon)
    rotary = RotaryEmbedding(
      configuration.rotary, headWidth: configuration.headWidth, maximumPositions: configuration.maximumPositions)
  }

  /// As ``DecoderModel`` says.
  public func callAsFunction(
    _ ids: Tensor, attentionMask: Tensor?, positions: Tensor?, cache: KeyValueCache?
  ) -> Tensor {
    let pattern = CausalPattern(ids, attentionMask: attentionMask, window: configuration.window, cache: cache)
    let count = ids.dimension(1).known
    // A length that is left open needs positions to look up.
    let places = positions ?? (count == nil ? ids.ordinals - Tensor.full([], 1, dtype: .int64) : nil)
    let angles = rotary(count ?? 0, offset: pattern.offset, positions: places)
    let masks = layers.indices.map {
      configuration.window(ofLayer: $0) == nil ? pattern.mask : pattern.windowedMask
    }
    var states = embedTokens(ids)
    guard let cache else {
      return norm(
        recomputation(states, blocks: layers.count) { [layers] index, x in
          layers[index](x, mask: masks[index], angles: angles, cache: nil)
        })
    }
    for (index, layer) in layers.enumerated() {
      states = layer(states, mask: masks[index], angles: angles, cache: (cache, index))
    }
    return norm(states)
  }
}

/// Attention and a gated feed-forward part, each over its normalized input and added to it.
public final class LlamaLayer: Module {
  let attention: LlamaAttention
  let feedForward: LlamaFeedForward
  let inputNorm: RMSNorm
  let attentionNorm: RMSNorm

  /// The keys of checkpoints.
  public static var stateKeys: [String: String] {
    [
      "attention": "self_attn", "feedForward": "mlp", "inputNorm": "input_layernorm",
      "attentionNorm": "post_attention_layernorm",
    ]
  }

  init(_ configuration: LlamaConfiguration) {
    attention = LlamaAttention(configuration)
    feedForward = LlamaFeedForward(configuration)
    inputNorm = RMSNorm(configuration.hiddenSize, epsilon: configuration.normEpsilon)
    attentionNorm = RMSNorm(configuration.hiddenSize, epsilon: configuration.normEpsilon)
  }

  func callAsFunction(
    _ x: Tensor, mask: Tensor?, angles: (cosines: Tensor, sines: Tensor), cache: (KeyValueCache, Int)?
  ) -> Tensor {
    let middle = x + attention(inputNorm(x), mask: mask, angles: angles, cache: cache)
    return middle + feedForward(attentionNorm(middle))
  }
}

/// Causal attention whose keys and values are shared by groups of query heads.
public final class LlamaAttention: Module {
  let query: Linear
  let key: Linear
  let value: Linear
  let output: Linear
  private let headWidth: Int
  private let dropout: Dropout

  /// The keys of checkpoints.
  public static var stateKeys: [String: String] {
    ["query": "q_proj", "key": "k_proj", "value": "v_proj", "output": "o_proj"]
  }

  init(_ configuration: LlamaConfiguration) {
    let (width, deviation) = (configuration.hiddenSize, configuration.initializerRange)
    headWidth = configuration.headWidth
    let (queries, keys) = (configuration.headCount * headWidth, configuration.keyHeadCount * headWidth)
    let hasBias = configuration.hasProjectionBias
    query = .normal(width, queries, deviation, bias: hasBias)
    key = .normal(width, keys, deviation, bias: hasBias)
    value = .normal(width, keys, deviation, bias: hasBias)
    output = .normal(queries, width, deviation, bias: configuration.hasOutputBias)
    dropout = Dropout(configuration.attentionDropout)
  }

  func callAsFunction(
    _ x: Tensor, mask: Tensor?, angles: (cosines: Tensor, sines: Tensor), cache: (KeyValueCache, Int)?
  ) -> Tensor {
    let queries = query(x).heads(width: headWidth).rotated(cosines: angles.cosines, sines: angles.sines)
    var keys = key(x).heads(width: headWidth).rotated(cosines: angles.cosines, sines: angles.sines)
    var values = value(x).heads(width: headWidth)
    if let (cache, layer) = cache { (keys, values) = cache.append(layer: layer, keys: keys, values: values) }
    let attended = Tensor.attention(
      query: queries, key: keys, value: values, mask: mask, isCausal: true, dropout: dropout.effectiveProbability)
    return output(attended.joiningHeads())
  }
}

/// down(silu(gate x) · up x) (Shazeer, arXiv:2002.05202).
public final class LlamaFeedForward: Module {
  let gate: Linear
  let up: Linear
  let down: Linear
  private let activation: Activation

  /// The keys of checkpoints.
  public static var stateKeys: [String: String] { ["gate": "gate_proj", "up": "up_proj", "down": "down_proj"] }

  init(_ configuration: LlamaConfiguration) {
    let (width, inner, deviation) = (
      configuration.hiddenSize, configuration.intermediateSize, configuration.initializerRange
    )
    let hasBias = configuration.hasFeedForwardBias
    gate = .normal(width, inner, deviation, bias: hasBias)
    up = .normal(width, inner, deviation, bias: hasBias)
    down = .normal(inner, width, deviation, bias: hasBias)
    activation = configuration.activation
  }

  func callAsFunction(_ x: Tensor) -> Tensor { down(gate(x, activation: activation) * up(x)) }
}
