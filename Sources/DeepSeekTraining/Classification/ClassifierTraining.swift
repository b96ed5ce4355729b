public import DeepSeekCheckpoints
import DeepSeekData
import DeepSeekDynamic
import DeepSeekJSON
public import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
public import DeepSeekTokenizers
import Foundation

/// Fine-tunes a BERT classifier on labelled texts: a ``Trainer`` with the customary recipe.
///
/// A run that was stopped and resumed gives the same losses bit for bit as one that was not, on one machine.
public final class ClassifierTraining {
  /// The classifier.
  public let model: BertForSequenceClassification
  /// The recipe.
  public let recipe: ClassificationRecipe
  /// What trains it; its batches are the numbers of examples.
  public let trainer: Trainer<[Int]>
  private let texts: EncodedTexts
  private let tokenizer: Tokenizer

  /// Training of `model` on these examples. The tokenizer truncates to the recipe's length.
  ///
  /// - Parameters:
  ///   - model: The classifier.
  ///   - tokenizer: The model's tokenizer.
  ///   - data: The examples to learn from.
  ///   - judged: The examples that it is judged by after each epoch: `accuracy` and `f1`.
  ///   - recipe: How it is trained.
  ///   - checkpoints: Where checkpoints go.
  ///   - source: The folder whose tokenizer's files go into each checkpoint.
  public init(
    _ model: BertForSequenceClassification, _ tokenizer: Tokenizer, _ data: LabelledTexts,
    evaluatingOn judged: LabelledTexts? = nil, recipe: ClassificationRecipe = ClassificationRecipe(),
    checkpoints: CheckpointSettings? = nil, tokenizerFrom source: String? = nil
  ) throws {
    self.model = model
    self.recipe = recipe
    let configuration = model.bert.configuration
    var tokenizer = tokenizer
    tokenizer.truncation = Truncation(
      maximumLength: Swift.min(recipe.maximumLength, configuration.maximumPositions))
    tokenizer.padding = nil
    self.tokenizer = tokenizer
    let texts = try EncodedTexts(data, tokenizer, padTokenID: configuration.padTokenID)
    self.texts = texts
    let others = try judged.map { try EncodedTexts($0, tokenizer, padTokenID: configuration.padTokenID) }
    trainer = Trainer(
      model, Dataset(Array(0..<texts.count)).shuffle(buffer: texts.count, seed: recipe.seed).batch(recipe.batchSize),
      objective: .crossEntropy { batch in texts.logits(model, batch) },
      evaluation: others.map { others in
        Evaluation {
          let scores = others.scores(model)
          return ["accuracy": scores.accuracy, "f1": scores.f1]
        }
      }, arguments: ClassifierTraining.arguments(recipe, checkpoints))
    let config = configuration.json(architecture: "BertForSequenceClassification")
    trainer.checkpointFiles = { writer in
      try writer.add(config.serialized(.indented(2)), as: "config.json")
      if let source { try ClassifierTraining.addTokenizer(from: source, to: writer) }
    }
  }

  private static func arguments(
    _ recipe: ClassificationRecipe, _ checkpoints: CheckpointSettings?
  ) -> TrainingArguments {
    var arguments = TrainingArguments(learningRate: recipe.learningRate, weightDecay: recipe.weightDecay)
    arguments.epochs = recipe.epochs
    arguments.warmup = .ratio(recipe.warmupRatio)
    arguments.clippingNorm = recipe.clippingNorm
    arguments.seed = recipe.seed
    arguments.bestBy = BestScore("accuracy", isLargerBetter: true)
    arguments.checkpoints = checkpoints
    return arguments
  }

  /// The tokenizer's files that go with a model.
  private static let tokenizerFiles = [
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt",
  ]

  /// Adds a copy of the tokenizer's files of a model's folder to a checkpoint.
  public static func addTokenizer(from folder: String, to writer: CheckpointFolder.Writer) throws {
    for name in tokenizerFiles where FileManager.default.fileExists(atPath: "\(folder)/\(name)") {
      try writer.add(fileAt: "\(folder)/\(name)")
    }
  }

  /// Steps made so far.
  public var step: Int { trainer.progress.step }
  /// Steps of the whole run.
  public var totalSteps: Int { recipe.totalSteps(examples: texts.count) }
  /// Steps of one pass over the examples.
  public var stepsPerEpoch: Int { recipe.stepsPerEpoch(examples: texts.count) }
  /// Whether the last step has been made.
  public var isFinished: Bool { trainer.isFinished }

  /// Makes one step; see ``Trainer/advance()``.
  public func advance() throws -> StepReport { try trainer.advance() }

  /// Predicts the classes of texts and scores them.
  public func evaluate(_ data: LabelledTexts, batchSize: Int = 64) throws -> ClassificationScores {
    model.eval()
    return try noGradient {
      try EncodedTexts(data, tokenizer, padTokenID: model.bert.configuration.padTokenID).scores(model, batchSize)
    }
  }
}

/// Labelled texts as tokens.
private struct EncodedTexts {
  private let encodings: [Encoding]
  private let labels: [Int]
  private let padTokenID: Int

  init(_ data: LabelledTexts, _ tokenizer: Tokenizer, padTokenID: Int) throws {
    encodings = try tokenizer.encode(batch: data.examples.map(\.text))
    labels = data.examples.map(\.label)
    self.padTokenID = padTokenID
  }

  var count: Int { labels.count }

  /// The model's logits for some of the texts, and their classes.
  func logits(_ model: BertForSequenceClassification, _ batch: [Int]) -> (logits: Tensor, targets: Tensor) {
    let tokens = TokenBatch(batch.map { encodings[$0] }, padTokenID: padTokenID)
    return (
      model(tokens.ids, attentionMask: tokens.attentionMask, typeIDs: tokens.typeIDs),
      Tensor([batch.count], batch.map { Int64(labels[$0]) })
    )
  }

  /// How well the model predicts the classes; the long texts first, so that little is spent on padding.
  func scores(_ model: BertForSequenceClassification, _ batchSize: Int = 64) -> ClassificationScores {
    let order = encodings.indices.sorted { (encodings[$0].count, $0) > (encodings[$1].count, $1) }
    let classes = Swift.max(model.bert.configuration.labelCount, (labels.max() ?? -1) + 1)
    var matrix = ConfusionMatrix(classCount: classes)
    for start in stride(from: 0, to: order.count, by: batchSize) {
      let batch = Array(order[start..<Swift.min(start + batchSize, order.count)])
      let predicted = logits(model, batch).logits.argmax(axis: 1).array(of: Int.self)
      matrix.add(predictions: predicted, targets: batch.map { labels[$0] })
    }
    return ClassificationScores(matrix)
  }
}
