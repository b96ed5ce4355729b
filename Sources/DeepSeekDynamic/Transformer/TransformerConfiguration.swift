public import DeepSeekOperators
public import DeepSeekTensor

extension Transformer {
  /// Sizes and switches of a ``Transformer``.
  public struct Configuration: Sendable, Hashable {
    /// Which stacks there are.
    public enum Structure: String, Sendable, Hashable, CaseIterable {
      /// Every position attends to all others, as in BERT.
      case encoder
      /// Every position attends to itself and earlier ones, as in GPT.
      case decoder
      /// The decoder's positions attend to the encoder's besides, as in the original.
      case encoderDecoder
    }

    /// How a model tells positions apart.
    public enum Positions: Sendable, Hashable {
      /// Not at all.
      case none
      /// A learned vector for each is added.
      case learned
      /// Fixed sines and cosines are added (Vaswani and others, 2017).
      case sinusoidal
      /// Queries and keys of self-attention are turned by angles (Su and others, arXiv:2104.09864).
      case rotary(base: Double = 10_000)
    }

    /// What makes logits of the last hidden states.
    public enum Head: Sendable, Hashable {
      /// Nothing: hidden states come out.
      case none
      /// A matrix of its own, without a bias.
      case separate
      /// The table of the tokens that come in (of the decoder, where there is one).
      case tied
    }

    /// Which stacks there are.
    public var structure: Structure
    /// Entries of the (encoder's) token table; `nil` for a model that takes vectors.
    public var vocabularySize: Int?
    /// Entries of the decoder's token table beside an encoder; `nil` when both share one.
    public var targetVocabularySize: Int?
    /// Width of the hidden states.
    public var width = 512
    /// Attention heads; divides ``width``.
    public var headCount = 8
    /// Layers of the encoder.
    public var encoderLayers = 6
    /// Layers of the decoder.
    public var decoderLayers = 6
    /// Width inside the feed-forward parts.
    public var feedForward = 2048
    /// What stands between the feed-forward parts' products.
    public var activation = Activation.relu
    /// The probability of dropping embeddings, attention weights and what the layers add.
    public var dropout = 0.1
    /// Added to variances in normalizations.
    public var epsilon = 1e-5
    /// Whether normalization comes before each part (pre-norm) rather than after its residual.
    public var normalizesFirst = false
    /// Whether each stack ends in a normalization.
    public var normalizesOutput = true
    /// How positions are told apart.
    public var positions = Positions.sinusoidal
    /// The longest sequence.
    public var maximumLength = 512
    /// Whether token vectors count as multiplied by √width before positions are added, as in the original. Without it,
    /// fresh ones are small beside sines and cosines.
    public var scalesEmbeddings = true
    /// What makes logits.
    public var head = Head.tied
    /// The token that pads short sequences: no position attends to it, and no loss counts it.
    public var padTokenID: Int?
    /// The element type of the weights.
    public var dtype = DType.float32

    /// A structure with the sizes of Vaswani and others' base model.
    public init(_ structure: Structure, vocabularySize: Int? = nil) {
      self.structure = structure
      self.vocabularySize = vocabularySize
      if vocabularySize == nil {
        head = .none
        positions = .none
      }
    }

    /// The layers of the only stack, or of both.
    public var layerCount: Int {
      get { structure == .decoder ? decoderLayers : encoderLayers }
      set { (encoderLayers, decoderLayers) = (newValue, newValue) }
    }
  }
}
