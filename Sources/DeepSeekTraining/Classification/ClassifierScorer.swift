import DeepSeekDynamic
public import DeepSeekModels
public import DeepSeekTensor
public import DeepSeekTokenizers

/// Labelled texts, made tokens once, by which any form of a classifier is judged: the model itself, a program that was compiled
/// of it, a session.
///
/// ```swift
/// let scorer = try ClassifierScorer(texts, tokenizer, for: model)
/// let scores = try scorer.scores { try program.run([$0.ids, $0.attentionMask])[0] }
/// ```
public struct ClassifierScorer: Sendable {
  private let texts: EncodedTexts
  private let classCount: Int

  /// The texts `data`, for forms of `model`.
  ///
  /// - Parameters:
  ///   - data: The texts and their classes.
  ///   - tokenizer: The model's tokenizer.
  ///   - model: The classifier: it says how texts are padded, and how many classes there are.
  ///   - maximumLength: The longest sequence, in tokens; longer texts are cut.
  public init(
    _ data: LabelledTexts, _ tokenizer: Tokenizer, for model: any SequenceClassifier, maximumLength: Int = 128
  ) throws {
    texts = try EncodedTexts(data.pairs, TextReader(tokenizer, for: model, maximumLength: maximumLength))
    classCount = model.labels.count
  }

  /// Texts that are tokens already.
  init(_ texts: EncodedTexts, classCount: Int) {
    self.texts = texts
    self.classCount = classCount
  }

  /// The scores of a model as it is, its texts' segments among what it reads.
  func scores(_ model: any SequenceClassifier) -> ClassificationScores { scores(texts.predictions(model)) }

  /// The scores of whatever gives logits `[batch, classes]` for a batch of tokens. The longest texts come first.
  public func scores(_ logits: (TokenBatch) throws -> Tensor) rethrows -> ClassificationScores {
    scores(try texts.predictions { try logits($0.tokens) })
  }

  private func scores(_ predicted: [Double]) -> ClassificationScores {
    let targets = texts.labels.map { Int($0) }
    var matrix = ConfusionMatrix(classCount: Swift.max(classCount, (targets.max() ?? -1) + 1))
    matrix.add(predictions: predicted.map { Int($0) }, targets: targets)
    return ClassificationScores(matrix)
  }
}
