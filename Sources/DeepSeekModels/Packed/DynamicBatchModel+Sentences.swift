public import DeepSeekHeterogeneous
import DeepSeekTokenizers

extension DynamicBatchModel where Request == String, Response == [Float] {
  /// A batching front of a sentence encoder: sentences that come at the same time run packed, one behind another, without
  /// padding. Those of like length go together, so that a short one does not wait for a long one's work.
  public init(
    _ encoder: SentenceEncoder, name: String = "sentences", maxBatch: Int = 32, timeout: Duration = .milliseconds(10),
    queueLimit: Int = 1024
  ) {
    self.init(
      name: name, maxBatch: maxBatch, timeout: timeout, queueLimit: queueLimit, length: \.utf8.count
    ) { sentences in
      try encoder.embed(sentences.map { try encoder.tokenizer.encode($0) })
    }
  }
}
