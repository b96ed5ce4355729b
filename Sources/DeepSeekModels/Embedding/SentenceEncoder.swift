import DeepSeekDynamic
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
  public init(contentsOf folder: URL) throws {
    let settings = try SentenceSettings(contentsOf: folder)
    model = try AutoModel.fromPretrained(folder)
    var tokenizer = try AutoTokenizer.load(contentsOf: folder)
    let longest = Swift.min(settings.maximumLength ?? .max, model.configuration.maximumLength)
    tokenizer.truncation = Truncation(maximumLength: longest)
    tokenizer.padding = nil
    self.tokenizer = tokenizer
    pooling = settings.pooling
    normalizes = settings.normalizes
  }

  /// Embeds sentences, in their order.
  ///
  /// Sentences of similar length run together, `batchSize` at a time, so that little is spent on padding. `progress` is
  /// called after each batch with the number of sentences done.
  public func embed(
    _ texts: [String], batchSize: Int = 32, progress: ((Int) -> Void)? = nil
  ) throws -> [Result] {
    let encodings = try texts.map { try tokenizer.encode($0) }
    let order = encodings.indices.sorted { encodings[$0].count > encodings[$1].count }
    var results = [Result?](repeating: nil, count: texts.count)
    var start = 0
    while start < order.count {
      let batch = Array(order[start..<Swift.min(start + Swift.max(batchSize, 1), order.count)])
      let vectors = embed(batch.map { encodings[$0] })
      for (row, index) in batch.enumerated() {
        results[index] = Result(text: texts[index], ids: encodings[index].ids, embedding: vectors[row])
      }
      start += batch.count
      progress?(start)
    }
    return results.map { $0! }
  }

  private func embed(_ encodings: [Encoding]) -> [[Float]] {
    let batch = TokenBatch(encodings, padTokenID: model.configuration.padTokenID)
    let pooled = noGradient {
      let states = model(batch.ids, attentionMask: batch.attentionMask, typeIDs: batch.typeIDs)
      let pooled = pooling(states, mask: batch.attentionMask)
      return normalizes ? pooled / pooled.sumSquares(axis: 1, keepAxes: true).sqrt().maximum(1e-12) : pooled
    }
    let width = pooled.shape[1]
    let values = pooled.array(of: Float.self)
    return encodings.indices.map { Array(values[$0 * width..<($0 + 1) * width]) }
  }
}
