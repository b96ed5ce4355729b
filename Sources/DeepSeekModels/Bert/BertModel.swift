public import DeepSeekCompression
public import DeepSeekDynamic
import DeepSeekOperators
public import DeepSeekTensor

/// The BERT encoder (Devlin et al., arXiv:1810.04805), with the weight names of Hugging Face's checkpoints. Where the
/// configuration says so it is a decoder: tokens see only those before them.
public final class BertModel: Module {
  /// The sizes.
  public let configuration: BertConfiguration
  /// Token, position and segment tables.
  public let embeddings: BertEmbeddings
  /// The layers.
  public let encoder: BertEncoder
  /// What makes one vector of the first token's state; `nil` for models without.
  public let pooler: BertPooler?

  /// A model with fresh weights from the current ``RandomGenerator``, with a pooler where the family has one.
  public convenience init(_ configuration: BertConfiguration) {
    self.init(configuration, withPooler: configuration.family.hasPooler)
  }

  /// A model with fresh weights from the current ``RandomGenerator``. Traps when a pooler is asked for that the family has not.
  public init(_ configuration: BertConfiguration, withPooler: Bool) {
    self.configuration = configuration
    embeddings = BertEmbeddings(configuration)
    encoder = BertEncoder(configuration)
    pooler = BertModel.pooler(configuration, withPooler)
  }

  /// A model of another's embeddings and layers. A pooler is the other's too, or a fresh one where that has none.
  public init(_ configuration: BertConfiguration, sharing other: BertModel, withPooler: Bool) {
    self.configuration = configuration
    embeddings = other.embeddings
    encoder = other.encoder
    pooler = withPooler ? other.pooler ?? BertModel.pooler(configuration, true) : nil
  }

  private static func pooler(_ configuration: BertConfiguration, _ isWanted: Bool) -> BertPooler? {
    if isWanted && !configuration.family.hasPooler {
      fatalError("BertModel: \(configuration.family) has no pooler; make it with `withPooler: false`")
    }
    return isWanted ? BertPooler(configuration) : nil
  }

  /// The parts, the layers under the family's key.
  public var fields: [ModuleField] {
    [
      ModuleField("embeddings", .module(embeddings)),
      ModuleField(BertKeys(configuration.family.style).encoder, .module(encoder)),
    ] + (pooler.map { [ModuleField("pooler", .module($0))] } ?? [])
  }

  /// Hidden states `[batch, sequence, hidden]` for token ids `[batch, sequence]`.
  ///
  /// The attention mask `[batch, sequence]` is non-zero where a token counts; segments `[batch, sequence]` are zero when left
  /// out.
  public func callAsFunction(_ ids: Tensor, attentionMask: Tensor? = nil, typeIDs: Tensor? = nil) -> Tensor {
    self(ids, attentionMask: attentionMask, typeIDs: typeIDs, positions: nil, cache: nil)
  }

  /// The same of a decoder, whose tokens come behind those in the cache and are added to it. The mask `[batch, keys]` counts
  /// the tokens in the cache too. Positions `[batch, sequence]` count from 0, the first token's; left out, the family counts
  /// them.
  func callAsFunction(
    _ ids: Tensor, attentionMask: Tensor?, typeIDs: Tensor?, positions: Tensor?, cache: KeyValueCache?
  ) -> Tensor {
    // [batch, 1, 1, keys]: the same keys are hidden from every head and query.
    let mask = attentionMask.map { $0.notEqual(to: 0).expanded(1).expanded(1) }
    let states = embeddings(ids, typeIDs: typeIDs, positions: positions, offset: cache?.length ?? 0)
    return encoder(states, mask: mask, cache: cache)
  }
}

extension BertModel: PackedTextModel {
  /// Hidden states `[tokens, hidden]`.
  public func callAsFunction(_ texts: PackedTokens) -> Tensor {
    encoder(embeddings(texts), mask: nil, offsets: texts.offsets).squeezed(0)
  }
}

extension BertModel: TextEncoder {
  /// `BertModel`, `RobertaModel`, …
  public var architecture: String { configuration.family.architecturePrefix + "Model" }
  /// `bert`, `roberta`, …
  public var basePrefix: String { configuration.family.prefix }

  /// Has a pooler if the checkpoint has one.
  public static func skeleton(_ configuration: BertConfiguration, for keys: [String]) -> BertModel {
    BertModel(configuration, withPooler: keys.contains { $0.hasSuffix(BertPooler.weightKey) })
  }

  /// Leaves out tables of positions; maps names of checkpoints that came from TensorFlow.
  public func currentKey(_ key: String) -> String? { BertKeys.current(key) }

  /// The pooler is.
  public func isOptional(_ key: String) -> Bool { key.hasPrefix(BertPooler.key) }
}

/// The sum of token, position and segment embeddings, normalized.
public final class BertEmbeddings: Module {
  let wordEmbeddings: Embedding
  let positionEmbeddings: Embedding
  let tokenTypeEmbeddings: Embedding?
  let layerNorm: LayerNorm
  let dropout: Dropout
  /// The padding's id, where positions are counted over all other tokens.
  private let skippedToken: Int?

  /// Snake-case keys, as checkpoints have them.
  public static var stateKeys: [String: String] {
    [
      "wordEmbeddings": "word_embeddings", "positionEmbeddings": "position_embeddings",
      "tokenTypeEmbeddings": "token_type_embeddings", "layerNorm": "LayerNorm",
    ]
  }

  init(_ configuration: BertConfiguration) {
    let width = configuration.hiddenSize
    let deviation = configuration.initializerRange
    wordEmbeddings = .normal(configuration.vocabularySize, width, deviation, paddingIndex: configuration.padTokenID)
    // The place of padding stands for no place: it does not learn.
    positionEmbeddings = .normal(
      configuration.maximumPositions, width, deviation,
      paddingIndex: configuration.family.skipsPadding ? configuration.padTokenID : nil)
    tokenTypeEmbeddings =
      configuration.typeVocabularySize == 0 ? nil : .normal(configuration.typeVocabularySize, width, deviation)
    skippedToken = configuration.family.skipsPadding ? configuration.padTokenID : nil
    layerNorm = LayerNorm(width, epsilon: configuration.layerNormEpsilon)
    dropout = Dropout(configuration.hiddenDropout)
  }

  func callAsFunction(_ ids: Tensor, typeIDs: Tensor?, positions: Tensor? = nil, offset: Int = 0) -> Tensor {
    var places = placeStates(ids, positions, offset: offset)
    if let tokenTypeEmbeddings {
      places = places + (typeIDs.map { tokenTypeEmbeddings($0) } ?? tokenTypeEmbeddings.prefix(1))
    }
    let words = wordEmbeddings(ids)
    return dropout(layerNorm(words, residual: places.broadcast(to: words.shape)))
  }

  /// `[1, tokens, hidden]`.
  func callAsFunction(_ texts: PackedTokens) -> Tensor {
    let places = positionEmbeddings(texts.positions)
    let typed = tokenTypeEmbeddings.map { places + $0(texts.typeIDs) } ?? places
    return dropout(layerNorm(wordEmbeddings(texts.ids), residual: typed)).expanded(0)
  }

  /// What the places of tokens add, `offset` tokens having come before them.
  private func placeStates(_ ids: Tensor, _ positions: Tensor?, offset: Int) -> Tensor {
    guard let skippedToken else {
      return positions.map { positionEmbeddings($0) }
        ?? positionEmbeddings.places(ids.dimension(1), behind: offset)
    }
    if let positions { return positionEmbeddings(positions + Tensor.full([], skippedToken + 1, dtype: .int64)) }
    let counts = ids.notEqual(to: Double(skippedToken)).cast(to: .int64)
    var places = counts.cumulativeSum(axis: 1)
    if offset > 0 { places = places + Tensor.full([], offset, dtype: .int64) }
    return positionEmbeddings(places * counts + Tensor.full([], skippedToken, dtype: .int64))
  }
}

/// The stack of encoder layers.
public final class BertEncoder: BlockwiseModule {
  /// The layers, first to last.
  public let layers: [BertLayer]
  /// Which layers are computed again in the backward walk.
  public let recomputation = BlockRecomputation()

  /// `layer.0`, `layer.1`, …
  public static var stateKeys: [String: String] { ["layers": "layer"] }

  init(_ configuration: BertConfiguration) {
    layers = (0..<configuration.layerCount).map { _ in BertLayer(configuration) }
  }

  func callAsFunction(
    _ input: Tensor, mask: Tensor?, offsets: Tensor? = nil, cache: KeyValueCache? = nil
  ) -> Tensor {
    if let cache {
      return layers.indices.reduce(input) { layers[$1]($0, mask: mask, cache: (cache, $1)) }
    }
    // What is traced has to stay; recomputation drops it.
    if let trace = LayerTrace.current {
      return layers.reduce(input) { states, layer in
        let output = layer(states, mask: mask, offsets: offsets)
        trace.add(hidden: output)
        return output
      }
    }
    return recomputation(input, blocks: layers.count) { [layers] index, x in
      layers[index](x, mask: mask, offsets: offsets)
    }
  }
}

/// Attention and a feed-forward part, each added to its input and normalized.
public final class BertLayer: PrunableLayer {
  let query: Linear
  let key: Linear
  let value: Linear
  let attentionOutput: BertResidual
  let intermediate: Linear
  let output: BertResidual
  private let headWidth: Int
  private let isCausal: Bool
  private let activation: Activation
  private let attentionDropout: Dropout

  private let keys: BertKeys

  /// The parts under the family's keys.
  public var fields: [ModuleField] {
    [
      ModuleField(keys.query, .module(query)), ModuleField(keys.key, .module(key)),
      ModuleField(keys.value, .module(value)), ModuleField(keys.attentionDropout, .module(attentionDropout)),
      ModuleField("", .module(attentionOutput)), ModuleField(keys.intermediate, .module(intermediate)),
      ModuleField("", .module(output)),
    ]
  }

  init(_ configuration: BertConfiguration) {
    let (width, deviation) = (configuration.hiddenSize, configuration.initializerRange)
    query = .normal(width, width, deviation)
    key = .normal(width, width, deviation)
    value = .normal(width, width, deviation)
    keys = BertKeys(configuration.family.style)
    // DistilBERT has no dropout behind attention.
    let behindAttention = configuration.family.style == .distilbert ? 0 : configuration.hiddenDropout
    attentionOutput = BertResidual(width, configuration, dropout: behindAttention, keys.attention)
    intermediate = .normal(width, configuration.intermediateSize, deviation)
    output = BertResidual(
      configuration.intermediateSize, configuration, dropout: configuration.hiddenDropout, keys.output)
    headWidth = configuration.hiddenSize / configuration.headCount
    isCausal = configuration.isDecoder
    activation = configuration.activation
    attentionDropout = Dropout(configuration.attentionDropout)
  }

  func callAsFunction(
    _ x: Tensor, mask: Tensor?, offsets: Tensor? = nil, cache: (KeyValueCache, Int)? = nil
  ) -> Tensor {
    let queries = query(x).heads(width: headWidth)
    var (keys, values) = (key(x).heads(width: headWidth), value(x).heads(width: headWidth))
    if offsets == nil { LayerTrace.current?.add(query: queries, key: keys, mask: mask, isCausal: isCausal) }
    if let (cache, layer) = cache { (keys, values) = cache.append(layer: layer, keys: keys, values: values) }
    let attended = Tensor.attention(
      query: queries, key: keys, value: values, mask: mask, offsets: offsets, isCausal: isCausal,
      dropout: attentionDropout.effectiveProbability)
    // Of the projection's width: heads may have been cut out.
    let joined = attended.joiningHeads()
    let middle = attentionOutput(joined, residual: x)
    return output(intermediate(middle, activation: activation), residual: middle)
  }

  /// The parts that heads and neurons can be cut out of.
  public var prunableBlock: PrunableBlock {
    PrunableBlock(
      query: query, key: key, value: value, attentionOutput: attentionOutput.dense, headWidth: headWidth,
      expansion: intermediate, contraction: output.dense)
  }
}

/// A product, dropped out, added to the residual and normalized.
public final class BertResidual: Module {
  let dense: Linear
  let layerNorm: LayerNorm
  let dropout: Dropout

  private let keys: BertKeys.Residual

  /// The parts under the family's keys.
  public var fields: [ModuleField] {
    [
      ModuleField(keys.dense, .module(dense)), ModuleField(keys.layerNorm, .module(layerNorm)),
      ModuleField(keys.dropout, .module(dropout)),
    ]
  }

  init(_ inputSize: Int, _ configuration: BertConfiguration, dropout probability: Double, _ keys: BertKeys.Residual) {
    dense = .normal(inputSize, configuration.hiddenSize, configuration.initializerRange)
    layerNorm = LayerNorm(configuration.hiddenSize, epsilon: configuration.layerNormEpsilon)
    dropout = Dropout(probability)
    self.keys = keys
  }

  func callAsFunction(_ x: Tensor, residual: Tensor) -> Tensor {
    layerNorm(dense(x), residual: residual, dropout: dropout)
  }
}

/// One vector a sequence: the first token's state through a dense layer and tanh.
public final class BertPooler: Module {
  static let key = "pooler."
  static let weightKey = "pooler.dense.weight"
  let dense: Linear

  init(_ configuration: BertConfiguration) {
    dense = .normal(configuration.hiddenSize, configuration.hiddenSize, configuration.initializerRange)
  }

  /// `[batch, hidden]` from hidden states `[batch, sequence, hidden]`.
  public func callAsFunction(_ states: Tensor) -> Tensor { self(first: states.selected(1, 0)) }

  /// `[batch, hidden]` from the first tokens' states, `[batch, hidden]`.
  func callAsFunction(first states: Tensor) -> Tensor { dense(states).tanh() }
}
