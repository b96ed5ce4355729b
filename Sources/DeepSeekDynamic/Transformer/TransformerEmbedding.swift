import DeepSeekOperators
public import DeepSeekTensor

/// Token vectors with what is added for their positions. Keys: `tokens.weight`, and `positions.weight` where they are
/// learned.
public final class TransformerEmbedding: Module {
  /// `[vocabulary, width]`.
  public let tokens: Embedding
  /// `[maximum length, width]`; `nil` where positions are not learned.
  public let positions: Embedding?
  private let sinusoids: Buffer?
  private let dropout: Dropout
  private let scale: Double
  private let maximumLength: Int

  init(_ configuration: Transformer.Configuration, vocabularySize: Int, sharing tokens: Embedding?) {
    let (width, dtype) = (configuration.width, configuration.dtype)
    let deviation = configuration.scalesEmbeddings ? 1 / Double(width).squareRoot() : 0.02
    func table(_ entries: Int) -> Embedding {
      Embedding(weight: Parameter(Initializer.normal(standardDeviation: deviation)([entries, width], dtype: dtype)))
    }
    self.tokens = tokens ?? table(vocabularySize)
    maximumLength = configuration.maximumLength
    positions = configuration.positions == .learned ? table(maximumLength) : nil
    sinusoids =
      configuration.positions == .sinusoidal
      ? Buffer(.sinusoidalPositions(maximumLength, width: width, dtype: dtype), isPersistent: false) : nil
    scale = configuration.scalesEmbeddings ? Double(width).squareRoot() : 1
    dropout = Dropout(configuration.dropout)
  }

  /// `[batch, sequence, width]` for token ids `[batch, sequence]`. Traps when the sequence is longer than the positions.
  public func callAsFunction(_ ids: Tensor) -> Tensor {
    let length = ids.dimension(1)
    if let count = length.known, count > maximumLength {
      fatalError("Transformer: a sequence of \(count) tokens; the model has \(maximumLength) positions")
    }
    var x = tokens(ids)
    if scale != 1 { x = x * scale }
    if let table = positions?.prefix(length) ?? sinusoids?.tensor.sliced(0, count: length) { x = x + table }
    return dropout(x)
  }
}
