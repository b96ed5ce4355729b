import DeepSeekOperators
public import DeepSeekTensor

/// An encoder, a decoder or both (Vaswani and others, "Attention is all you need", 2017), built from a configuration.
///
/// ```swift
/// var configuration = Transformer.Configuration(.decoder, vocabularySize: 65)
/// configuration.width = 128
/// configuration.positions = .rotary()
/// let model = Transformer(configuration)
/// model.loss(ids).backward()
/// ```
///
/// With vectors in place of tokens it is PyTorch's `nn.Transformer`, whose weights load under their own keys:
/// `encoder.layers.0.self_attn.in_proj_weight` and so on. Besides: `embedding.tokens.weight`, `embedding.positions.weight`,
/// `target_embedding…` where the decoder has tables of its own, `head.weight`.
public final class Transformer: Module {
  /// Snake-case keys.
  public static var stateKeys: [String: String] {
    ["targetEmbedding": "target_embedding", "decoderOnly": "decoder"]
  }

  /// The sizes.
  public let configuration: Configuration
  /// What comes in as tokens; `nil` for vectors.
  public let embedding: TransformerEmbedding?
  /// The decoder's, beside an encoder. It shares the tokens' table unless the configuration says otherwise.
  public let targetEmbedding: TransformerEmbedding?
  /// The encoder; `nil` without one.
  public let encoder: TransformerEncoder?
  /// The decoder beside an encoder.
  public let decoder: TransformerDecoder?
  /// The decoder alone, whose layers have no attention to another stack.
  public let decoderOnly: TransformerEncoder?
  /// `[width]` to `[vocabulary]`; `nil` where it is tied or absent.
  public let head: Linear?

  /// Random weights from the current ``RandomGenerator``. Traps when the heads do not divide the width, or when a head or
  /// added positions are asked for without a vocabulary.
  public init(_ configuration: Configuration) {
    self.configuration = configuration
    let structure = configuration.structure
    let isBoth = structure == .encoderDecoder
    if let size = configuration.vocabularySize {
      let source = TransformerEmbedding(configuration, vocabularySize: size, sharing: nil)
      embedding = source
      let target = configuration.targetVocabularySize
      targetEmbedding =
        isBoth
        ? TransformerEmbedding(
          configuration, vocabularySize: target ?? size, sharing: target == nil ? source.tokens : nil)
        : nil
    } else {
      if configuration.head != .none { fatalError("Transformer: a head needs a vocabulary's size") }
      if configuration.positions == .learned || configuration.positions == .sinusoidal {
        fatalError("Transformer: vectors come with their positions; only rotary ones can be asked for")
      }
      (embedding, targetEmbedding) = (nil, nil)
    }
    encoder = structure == .decoder ? nil : .init(configuration, count: configuration.encoderLayers)
    decoder = isBoth ? .init(configuration) : nil
    decoderOnly = structure == .decoder ? .init(configuration, count: configuration.decoderLayers) : nil
    let outputs = (isBoth ? configuration.targetVocabularySize : nil) ?? configuration.vocabularySize
    head =
      configuration.head == .separate
      ? Linear(configuration.width, outputs!, bias: false, dtype: configuration.dtype) : nil
  }

  /// Logits `[batch, sequence, vocabulary]`, or hidden states without a head, of an encoder or a decoder, for token ids
  /// `[batch, sequence]` or vectors `[batch, sequence, width]`.
  ///
  /// The mask `[batch, sequence]` is non-zero where a position counts; left out, every token but the padding does. Traps for
  /// an encoder with a decoder, which needs both sides.
  public func callAsFunction(_ input: Tensor, mask: Tensor? = nil) -> Tensor {
    guard let stack = decoderOnly ?? (decoder == nil ? encoder : nil) else {
      fatalError("Transformer: an encoder with a decoder takes a source and a target")
    }
    let keys = padding(input, mask)
    return projected(stack(embedded(input, embedding), mask: keys, isCausal: decoderOnly != nil), embedding)
  }

  /// Logits `[batch, target, vocabulary]`, or hidden states without a head: what the decoder makes of `target` while it
  /// attends to what the encoder makes of `source`. Both are token ids `[batch, sequence]` or vectors
  /// `[batch, sequence, width]`; masks as above. Traps for a single stack.
  public func callAsFunction(
    source: Tensor, target: Tensor, sourceMask: Tensor? = nil, targetMask: Tensor? = nil
  ) -> Tensor {
    decode(target, memory: encode(source, mask: sourceMask), mask: targetMask, memoryMask: padding(source, sourceMask))
  }

  /// What the encoder makes of a source, `[batch, sequence, width]`.
  public func encode(_ source: Tensor, mask: Tensor? = nil) -> Tensor {
    guard let encoder else { fatalError("Transformer: a decoder alone has no encoder") }
    return encoder(embedded(source, embedding), mask: padding(source, mask))
  }

  /// As ``callAsFunction(source:target:sourceMask:targetMask:)``, with the source encoded before; `memoryMask` broadcasts to
  /// `[batch, heads, target, source]` and is true where a target may attend.
  public func decode(_ target: Tensor, memory: Tensor, mask: Tensor? = nil, memoryMask: Tensor? = nil) -> Tensor {
    guard let decoder else { fatalError("Transformer: a single stack takes its input alone") }
    let states = decoder(
      embedded(target, targetEmbedding), memory: memory, mask: padding(target, mask), memoryMask: memoryMask,
      isCausal: true)
    return projected(states, targetEmbedding)
  }

  private func embedded(_ input: Tensor, _ embedding: TransformerEmbedding?) -> Tensor {
    input.dtype.isFloatingPoint || embedding == nil ? input : embedding!(input)
  }

  private func projected(_ states: Tensor, _ embedding: TransformerEmbedding?) -> Tensor {
    switch configuration.head {
    case .none: states
    case .separate: head!(states)
    case .tied: embedding!.tokens.attend(states)
    }
  }

  /// `[batch, 1, 1, sequence]`, true where a position may be attended to; `nil` when all may.
  private func padding(_ input: Tensor, _ mask: Tensor?) -> Tensor? {
    let counts =
      mask?.notEqual(to: 0)
      ?? configuration.padTokenID.flatMap { input.dtype.isFloatingPoint ? nil : input.notEqual(to: Double($0)) }
    return counts?.expanded(1).expanded(1)
  }
}

extension TransformerEncoder {
  fileprivate convenience init(_ configuration: Transformer.Configuration, count: Int) {
    let width = configuration.width
    let layers = (0..<count).map { _ in
      TransformerEncoderLayer(
        width, headCount: configuration.headCount, feedForward: configuration.feedForward,
        dropout: configuration.dropout, activation: configuration.activation, epsilon: configuration.epsilon,
        normalizesFirst: configuration.normalizesFirst, rotary: configuration.rotary, dtype: configuration.dtype)
    }
    self.init(layers, norm: configuration.finalNorm)
  }
}

extension TransformerDecoder {
  fileprivate convenience init(_ configuration: Transformer.Configuration) {
    let layers = (0..<configuration.decoderLayers).map { _ in
      TransformerDecoderLayer(
        configuration.width, headCount: configuration.headCount, feedForward: configuration.feedForward,
        dropout: configuration.dropout, activation: configuration.activation, epsilon: configuration.epsilon,
        normalizesFirst: configuration.normalizesFirst, rotary: configuration.rotary, dtype: configuration.dtype)
    }
    self.init(layers, norm: configuration.finalNorm)
  }
}

extension Transformer.Configuration {
  fileprivate var finalNorm: LayerNorm? {
    normalizesOutput ? LayerNorm(width, epsilon: epsilon, dtype: dtype) : nil
  }

  fileprivate var rotary: RotaryPositions? {
    guard case .rotary(let base) = positions else { return nil }
    return RotaryPositions(width: width / headCount, maximumLength: maximumLength, base: base, dtype: dtype)
  }
}
