public import DeepSeekDynamic
import DeepSeekOperators
public import DeepSeekTensor

/// A GPT-2 decoder (Radford and others, "Language models are unsupervised multitask learners", 2019).
///
/// Keys are Hugging Face's: `wte.weight`, `h.0.attn.c_attn.weight`, …; products' weights stand as `[inputs, outputs]`.
public final class GPT2Model: DecoderModel, BlockwiseModule {
  /// Sizes and switches.
  public let configuration: GPT2Configuration
  /// The table of tokens.
  public let tokens: Embedding
  let positions: Embedding
  let dropout: Dropout
  /// The decoder layers, first to last.
  public let layers: [GPT2Layer]
  let norm: LayerNorm
  /// Which layers are computed again in the backward walk.
  public let recomputation = BlockRecomputation()

  /// The keys of checkpoints.
  public static var stateKeys: [String: String] {
    ["tokens": "wte", "positions": "wpe", "layers": "h", "norm": "ln_f", "dropout": "drop"]
  }

  /// `GPT2Model`.
  public var architecture: String { "GPT2Model" }
  /// `transformer`.
  public var basePrefix: String { "transformer" }
  /// Masks of the order of tokens, which old checkpoints have, follow from the configuration.
  public func currentKey(_ key: String) -> String? {
    key.hasSuffix(".attn.bias") || key.hasSuffix(".attn.masked_bias") ? nil : key
  }

  /// The table of tokens.
  public var tokenTable: Embedding { tokens }

  /// A model with fresh weights from the current ``RandomGenerator``.
  public init(_ configuration: GPT2Configuration) {
    self.configuration = configuration
    let initializer = Initializer.normal(standardDeviation: configuration.initializerRange)
    tokens = Embedding(weight: Parameter(initializer([configuration.vocabularySize, configuration.hiddenSize])))
    positions = Embedding(weight: Parameter(initializer([configuration.maximumPositions, configuration.hiddenSize])))
    dropout = Dropout(configuration.embeddingDropout)
    layers = (0..<configuration.layerCount).map { GPT2Layer(configuration, index: $0) }
    norm = LayerNorm(configuration.hiddenSize, epsilon: configuration.layerNormEpsilon)
  }

  /// As ``DecoderModel`` says. A position beyond the table traps.
  public func callAsFunction(
    _ ids: Tensor, attentionMask: Tensor?, positions places: Tensor?, cache: KeyValueCache?
  ) -> Tensor {
    let pattern = CausalPattern(ids, attentionMask: attentionMask, window: nil, cache: cache)
    var states = tokens(ids) + positionStates(ids.dimension(1), offset: pattern.offset, places)
    states = dropout(states)
    guard let cache else {
      return norm(
        recomputation(states, blocks: layers.count) { [layers] index, x in
          layers[index](x, mask: pattern.mask, cache: nil)
        })
    }
    for (index, layer) in layers.enumerated() { states = layer(states, mask: pattern.mask, cache: (cache, index)) }
    return norm(states)
  }

  private func positionStates(_ count: Dimension, offset: Int, _ places: Tensor?) -> Tensor {
    if let places { return positions(places) }
    if let known = count.known, offset + known > configuration.maximumPositions {
      fatalError("GPT2Model: \(offset + known) positions; the model has \(configuration.maximumPositions)")
    }
    return positions.places(count, behind: offset)
  }
}

/// Attention and a feed-forward part, each over its normalized input and added to it.
public final class GPT2Layer: Module {
  let attentionNorm: LayerNorm
  let attention: GPT2Attention
  let feedForwardNorm: LayerNorm
  let inner: TransposedLinear
  let output: TransposedLinear
  private let activation: Activation
  private let dropout: Dropout

  /// The keys of checkpoints.
  public static var stateKeys: [String: String] {
    [
      "attentionNorm": "ln_1", "attention": "attn", "feedForwardNorm": "ln_2", "inner": "mlp.c_fc",
      "output": "mlp.c_proj", "dropout": "mlp.dropout",
    ]
  }

  init(_ configuration: GPT2Configuration, index: Int) {
    let (width, deviation) = (configuration.hiddenSize, configuration.initializerRange)
    attentionNorm = LayerNorm(width, epsilon: configuration.layerNormEpsilon)
    attention = GPT2Attention(configuration, index: index)
    feedForwardNorm = LayerNorm(width, epsilon: configuration.layerNormEpsilon)
    inner = TransposedLinear(width, configuration.intermediateSize, deviation)
    output = TransposedLinear(configuration.intermediateSize, width, configuration.residualDeviation)
    activation = configuration.activation
    dropout = Dropout(configuration.residualDropout)
  }

  func callAsFunction(_ x: Tensor, mask: Tensor?, cache: (KeyValueCache, Int)?) -> Tensor {
    let middle = x + attention(attentionNorm(x), mask: mask, cache: cache)
    return middle + dropout(output(inner(feedForwardNorm(middle), activation: activation)))
  }
}

/// Causal attention whose queries, keys and values come out of one product.
public final class GPT2Attention: Module {
  let projection: TransposedLinear
  let output: TransposedLinear
  private let headWidth: Int
  private let scale: Double
  private let attentionDropout: Dropout
  private let dropout: Dropout

  /// The keys of checkpoints.
  public static var stateKeys: [String: String] { ["projection": "c_attn", "output": "c_proj"] }

  init(_ configuration: GPT2Configuration, index: Int) {
    let width = configuration.hiddenSize
    projection = TransposedLinear(width, 3 * width, configuration.initializerRange)
    output = TransposedLinear(width, width, configuration.residualDeviation)
    headWidth = width / configuration.headCount
    scale =
      (configuration.scalesAttention ? 1 / Double(headWidth).squareRoot() : 1)
      / (configuration.scalesAttentionByLayer ? Double(index + 1) : 1)
    attentionDropout = Dropout(configuration.attentionDropout)
    dropout = Dropout(configuration.residualDropout)
  }

  func callAsFunction(_ x: Tensor, mask: Tensor?, cache: (KeyValueCache, Int)?) -> Tensor {
    let parts = projection(x).chunked(3, axis: 2).map { $0.heads(width: headWidth) }
    var (keys, values) = (parts[1], parts[2])
    if let (cache, layer) = cache { (keys, values) = cache.append(layer: layer, keys: keys, values: values) }
    let attended = Tensor.attention(
      query: parts[0], key: keys, value: values, mask: mask, isCausal: true, scale: scale,
      dropout: attentionDropout.effectiveProbability)
    return dropout(output(attended.joiningHeads()))
  }
}

/// A fully connected layer whose weight stands as `[inputs, outputs]`, as GPT-2's checkpoints have it.
public final class TransposedLinear: AdaptableLayer {
  /// `[inputs, outputs]`.
  public let weight: Parameter
  /// `[outputs]`.
  public let bias: Parameter
  /// What is added to the output beside; empty unless `Adapters` put something there.
  public let adapters = AdapterSlot()

  /// `[inputs, outputs]`.
  public var weightLayout: AdaptedWeightLayout { .inputsByOutputs }

  init(_ inputs: Int, _ outputs: Int, _ deviation: Double) {
    weight = Parameter(Initializer.normal(standardDeviation: deviation)([inputs, outputs]))
    bias = Parameter(Initializer.zeros([outputs]))
  }

  func callAsFunction(_ input: Tensor, activation: Activation = .none) -> Tensor {
    adapters.linear(
      input, weight: weight.tensor, layout: weightLayout, bias: bias.tensor, activation: activation)
  }
}

extension GPT2Configuration {
  /// Standard deviation of fresh weights whose output is added to the hidden states: smaller, the more layers add up.
  var residualDeviation: Double { initializerRange / Double(2 * layerCount).squareRoot() }
}
