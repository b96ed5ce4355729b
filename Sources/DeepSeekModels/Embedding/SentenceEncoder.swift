import DeepSeekDynamic
public import DeepSeekHeterogeneous
import DeepSeekOperators
import DeepSeekTensor
public import DeepSeekTokenizers
public import Foundation

/// Turns sentences into vectors whose cosine says how close they are in meaning (Reimers and Gurevych, arXiv:1908.10084).
///
/// Opens a folder in Hugging Face's layout: `config.json`, `model.safetensors`, `tokenizer.json`, and the
/// sentence-transformers files that say how states are pooled.
public final class SentenceEncoder: Sendable {
  /// The encoder, of any family.
  public let model: any TextEncoder
  /// The tokenizer, truncating to the longest sequence that the model was made for.
  public let tokenizer: Tokenizer
  /// How states become one vector.
  public let pooling: Pooling
  /// Whether vectors are scaled to length 1.
  public let normalizes: Bool
  /// The compiled encoder and what follows it; `nil` when sentences are embedded eagerly.
  public let program: Program?

  /// A sentence, its token ids and its vector.
  public struct Result: Sendable {
    /// The sentence.
    public let text: String
    /// Token ids after truncation, special tokens included.
    public let ids: [Int]
    /// The vector.
    public let embedding: [Float]
  }

  /// Opens a model folder; in evaluation mode.
  ///
  /// - Parameters:
  ///   - isCompiled: Whether an encoder that takes packed texts becomes a program, which takes some tenths of a second and pays
  ///     from a few hundred sentences on.
  ///   - options: How the program is made.
  public init(contentsOf folder: URL, isCompiled: Bool = false, options: CompileOptions = CompileOptions()) throws {
    let settings = try SentenceSettings(contentsOf: folder)
    model = try AutoModel.fromPretrained(folder)
    var tokenizer = try AutoTokenizer.load(contentsOf: folder)
    let longest = Swift.min(settings.maximumLength ?? .max, model.configuration.maximumLength)
    tokenizer.truncation = Truncation(maximumLength: longest)
    tokenizer.padding = nil
    self.tokenizer = tokenizer
    pooling = settings.pooling
    normalizes = settings.normalizes
    let (pooling, normalizes) = (settings.pooling, settings.normalizes)
    program = try (isCompiled ? model as? BertModel : nil)?.compiledForPackedTexts(options: options) {
      states, texts in
      SentenceEncoder.normalized(pooling(states, offsets: texts.offsets), normalizes)
    }
  }

  /// Opens a model's folder, or an id such as `org/name` (see ``ModelSource``); otherwise as
  /// ``init(contentsOf:isCompiled:options:)``.
  public static func fromPretrained(
    _ pathOrID: String, isCompiled: Bool = false, options: CompileOptions = CompileOptions()
  ) throws -> SentenceEncoder {
    try SentenceEncoder(contentsOf: ModelSource(pathOrID).folder(), isCompiled: isCompiled, options: options)
  }

  /// Embeds sentences, in their order.
  ///
  /// Sentences run together, `batchSize` at a time, one behind another: nothing is spent on padding, but by decoders. Those of
  /// similar length go together, so that a batch takes little memory. `progress` is called after each batch with the number of sentences done.
  public func embed(
    _ texts: [String], batchSize: Int = 32, progress: ((Int) -> Void)? = nil
  ) throws -> [Result] {
    let encodings = try texts.map { try tokenizer.encode($0) }
    let order = encodings.indices.sorted { encodings[$0].count > encodings[$1].count }
    var results = [Result?](repeating: nil, count: texts.count)
    var start = 0
    while start < order.count {
      let batch = Array(order[start..<Swift.min(start + Swift.max(batchSize, 1), order.count)])
      let vectors = try embed(batch.map { encodings[$0] })
      for (row, index) in batch.enumerated() {
        results[index] = Result(text: texts[index], ids: encodings[index].ids, embedding: vectors[row])
      }
      start += batch.count
      progress?(start)
    }
    return results.map { $0! }
  }

  /// The vectors of tokenized sentences, which run as one batch.
  public func embed(_ encodings: [Encoding]) throws -> [[Float]] {
    try pooled(encodings).rowsOfFloats
  }

  private func pooled(_ encodings: [Encoding]) throws -> Tensor {
    guard let model = model as? BertModel else {
      let batch = TokenBatch(encodings, padTokenID: model.configuration.padTokenID)
      return noGradient {
        let states = model(batch.ids, attentionMask: batch.attentionMask, typeIDs: batch.typeIDs)
        return SentenceEncoder.normalized(pooling(states, mask: batch.attentionMask), normalizes)
      }
    }
    let texts = PackedTokens(encodings, for: model.configuration)
    if let program { return try program(texts) }
    return noGradient { SentenceEncoder.normalized(pooling(model(texts), offsets: texts.offsets), normalizes) }
  }

  private static func normalized(_ vectors: Tensor, _ normalizes: Bool) -> Tensor {
    normalizes ? vectors / vectors.sumSquares(axis: 1, keepAxes: true).sqrt().maximum(1e-12) : vectors
  }
}
