import DeepSeekDynamic
public import DeepSeekHeterogeneous
import DeepSeekTensor
public import DeepSeekTokenizers

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

  /// A batching front of a classifier, whose answers are a text's logits. It is brought to evaluation mode and compiled; texts
  /// that come at the same time run packed, those of like length together. Longer ones than the model's sequences are cut,
  /// unless the tokenizer cuts them before.
  public init(
    _ classifier: BertForSequenceClassification, _ tokenizer: Tokenizer, name: String = "classifier",
    maxBatch: Int = 32, timeout: Duration = .milliseconds(10), queueLimit: Int = 1024,
    options: CompileOptions = CompileOptions()
  ) throws {
    classifier.eval()
    let program = try classifier.compiledForPackedTexts(options: options)
    let configuration = classifier.configuration
    var reader = tokenizer
    reader.padding = nil
    if reader.truncation == nil { reader.truncation = Truncation(maximumLength: configuration.maximumLength) }
    self.init(
      name: name, maxBatch: maxBatch, timeout: timeout, queueLimit: queueLimit, length: \.utf8.count
    ) { [reader] texts in
      try program(PackedTokens(texts.map { try reader.encode($0) }, for: configuration)).rowsOfFloats
    }
  }
}

extension Tensor {
  /// The rows of a matrix.
  var rowsOfFloats: [[Float]] {
    let (width, values) = (shape[1], array(of: Float.self))
    return (0..<shape[0]).map { Array(values[$0 * width..<($0 + 1) * width]) }
  }
}
