public import DeepSeekModels
import DeepSeekOperators
public import DeepSeekTensor
import DeepSeekTokenizers

/// Texts and their labels as a model reads them.
public struct TextBatch: Sendable {
  /// The texts.
  public let tokens: TokenBatch
  /// What the model is to say: class numbers `[batch]`, `int64`, or numbers, `float32`.
  public let labels: Tensor

  /// These texts with these labels.
  public init(tokens: TokenBatch, labels: Tensor) {
    self.tokens = tokens
    self.labels = labels
  }
}

/// A text, or two, and its label: a class's number or a score.
struct LabelledPair: Sendable {
  let first: String
  let second: String?
  let label: Double
}

/// Makes batches of texts as one model reads them.
struct TextReader: Sendable {
  private let tokenizer: Tokenizer
  private let padTokenID: Int
  private let isRegression: Bool

  /// Long texts are cut to `maximumLength` tokens, or to what the model takes.
  init(_ tokenizer: Tokenizer, for model: any SequenceClassifier, maximumLength: Int, isRegression: Bool = false) {
    var tokenizer = tokenizer
    tokenizer.truncation = Truncation(maximumLength: Swift.min(maximumLength, model.maximumLength))
    tokenizer.padding = nil
    self.tokenizer = tokenizer
    padTokenID = model.configuration.padTokenID
    self.isRegression = isRegression
  }

  func encodings(_ pairs: [LabelledPair]) throws -> [Encoding] {
    try tokenizer.encode(batch: pairs.map { ($0.first, $0.second) })
  }

  func batch(_ encodings: [Encoding], _ labels: [Double]) -> TextBatch {
    TextBatch(
      tokens: TokenBatch(encodings, padTokenID: padTokenID),
      labels: isRegression
        ? Tensor([labels.count], labels.map(Float.init)) : Tensor([labels.count], labels.map { Int64($0) }))
  }

  func batch(_ pairs: [LabelledPair]) throws -> TextBatch { batch(try encodings(pairs), pairs.map(\.label)) }
}

/// Texts in memory, as tokens.
struct EncodedTexts: Sendable {
  private let reader: TextReader
  private let encodings: [Encoding]
  let labels: [Double]

  init(_ pairs: [LabelledPair], _ reader: TextReader) throws {
    self.reader = reader
    encodings = try reader.encodings(pairs)
    labels = pairs.map(\.label)
  }

  var count: Int { labels.count }

  /// Some of the texts.
  func batch(_ indices: [Int]) -> TextBatch {
    reader.batch(indices.map { encodings[$0] }, indices.map { labels[$0] })
  }

  /// What the model says of each text: the most likely class, or the first number for a regression. The long texts come
  /// first, so that little is spent on padding.
  func predictions(_ model: any SequenceClassifier, isRegression: Bool = false, batchSize: Int = 64) -> [Double] {
    predictions(isRegression: isRegression, batchSize: batchSize) { model.logits($0) }
  }

  /// What these logits say of each text.
  func predictions(
    isRegression: Bool = false, batchSize: Int = 64, _ logits: (TextBatch) throws -> Tensor
  ) rethrows -> [Double] {
    let order = encodings.indices.sorted { (encodings[$0].count, $0) > (encodings[$1].count, $1) }
    var predicted = [Double](repeating: 0, count: count)
    for start in stride(from: 0, to: order.count, by: batchSize) {
      let indices = Array(order[start..<Swift.min(start + batchSize, order.count)])
      let logits = try logits(batch(indices))
      let said = isRegression ? logits.flattened() : logits.argmax(axis: 1)
      for (index, value) in zip(indices, said.array(of: Double.self)) { predicted[index] = value }
    }
    return predicted
  }
}

extension TextModel {
  /// The output for a batch.
  func logits(_ batch: TextBatch) -> Tensor {
    self(batch.tokens.ids, attentionMask: batch.tokens.attentionMask, typeIDs: batch.tokens.typeIDs)
  }
}

extension Objective where Batch == TextBatch {
  /// The loss of a model with a head, as its task has it; batches count by their texts.
  public static func task(_ model: any SequenceClassifier) -> Objective {
    Objective(
      loss: { batch, arguments in
        if arguments.labelSmoothing != 0 && model.problem(labelType: batch.labels.dtype) != .singleLabel {
          throw TrainingError(
            "TrainingArguments.labelSmoothing is of labels that are one class each; this model's are not")
        }
        let loss = model.loss(
          model.logits(batch), labels: batch.labels, labelSmoothing: arguments.labelSmoothing, reduction: .mean)
        return BatchLoss(mean: loss, weight: batch.labels.shape[0])
      }, outputs: nil, ignoreIndex: -100)
  }
}
