public import DeepSeekCompression
import DeepSeekData
import DeepSeekDynamic
public import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
public import DeepSeekTokenizers
public import Foundation

/// Fine-tunes a classifier on labelled texts: a ``Trainer`` with the customary recipe.
///
/// A run that was stopped and resumed gives the same losses bit for bit as one that was not, on one machine.
public final class ClassifierTraining {
  /// The classifier.
  public let model: any SequenceClassifier
  /// The recipe.
  public let recipe: ClassificationRecipe
  /// What trains it.
  public let trainer: Trainer<TextBatch>
  private let reader: TextReader
  private let exampleCount: Int

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
  ///   - teacher: A model that `model` learns from beside the labels, and what it learns; it reads the same tokens.
  public init(
    _ model: any SequenceClassifier, _ tokenizer: Tokenizer, _ data: LabelledTexts,
    evaluatingOn judged: LabelledTexts? = nil, recipe: ClassificationRecipe = ClassificationRecipe(),
    checkpoints: CheckpointSettings? = nil, tokenizerFrom source: URL? = nil,
    distillingFrom teacher: (model: any SequenceClassifier, loss: DistillationLoss)? = nil
  ) throws {
    self.model = model
    self.recipe = recipe
    let reader = TextReader(tokenizer, for: model, maximumLength: recipe.maximumLength)
    self.reader = reader
    let texts = try EncodedTexts(data.pairs, reader)
    exampleCount = texts.count
    let others = try judged.map { try EncodedTexts($0.pairs, reader) }
    trainer = Trainer(
      model,
      Dataset(Array(0..<texts.count)).shuffle(buffer: Swift.max(texts.count, 1), seed: recipe.seed)
        .batch(recipe.batchSize).map(parallelism: 1) { texts.batch($0) },
      objective: teacher.map { Objective.distillation(model, from: $0.model, $0.loss) } ?? .task(model),
      evaluation: others.map { others in
        Evaluation {
          let scores = ClassifierScorer(others, classCount: model.labels.count).scores(model)
          return ["accuracy": scores.accuracy, "f1": scores.f1]
        }
      }, arguments: ClassifierTraining.arguments(recipe, checkpoints))
    trainer.checkpointFiles = { writer in try model.addFiles(to: writer, tokenizerFrom: source) }
  }

  private static func arguments(
    _ recipe: ClassificationRecipe, _ checkpoints: CheckpointSettings?
  ) -> TrainingArguments {
    var arguments = TrainingArguments(learningRate: recipe.learningRate, weightDecay: recipe.weightDecay)
    arguments.epochs = recipe.epochs
    arguments.warmup = .ratio(recipe.warmupRatio)
    arguments.clippingNorm = recipe.clippingNorm
    arguments.precision = recipe.precision
    arguments.seed = recipe.seed
    arguments.bestBy = BestScore("accuracy", isLargerBetter: true)
    arguments.checkpoints = checkpoints
    return arguments
  }

  /// Steps made so far.
  public var step: Int { trainer.progress.step }
  /// Steps of the whole run.
  public var totalSteps: Int { recipe.totalSteps(examples: exampleCount) }
  /// Steps of one pass over the examples.
  public var stepsPerEpoch: Int { recipe.stepsPerEpoch(examples: exampleCount) }
  /// Whether the last step has been made.
  public var isFinished: Bool { trainer.isFinished }

  /// Makes one step; see ``Trainer/advance()``.
  public func advance() throws -> StepReport { try trainer.advance() }

  /// Predicts the classes of texts and scores them.
  public func evaluate(_ data: LabelledTexts) throws -> ClassificationScores {
    model.eval()
    let scorer = ClassifierScorer(try EncodedTexts(data.pairs, reader), classCount: model.labels.count)
    return noGradient { scorer.scores(model) }
  }
}

extension LabelledTexts {
  var pairs: [LabelledPair] {
    examples.map { LabelledPair(first: $0.text, second: nil, label: Double($0.label)) }
  }
}
