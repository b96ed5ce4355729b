public import DeepSeekDynamic
public import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
public import DeepSeekTokenizers

/// Fine-tunes a BERT classifier.
///
/// What a step computes follows from the weights, the optimizer's state, the seed and the step's number alone: a run that was
/// stopped and resumed gives the same losses bit for bit as one that was not, on one machine.
public final class ClassifierTraining {
  /// The classifier.
  public let model: BertForSequenceClassification
  /// The recipe.
  public let recipe: ClassificationRecipe
  /// The optimizer.
  public let optimizer: Optimizer
  /// Steps made so far.
  public private(set) var step = 0
  private let tokenizer: Tokenizer
  private let encodings: [Encoding]
  private let labels: [Int]
  private var order: (epoch: Int, indices: [Int]) = (-1, [])

  /// Each step draws its randomness from streams of its own, so many apart.
  private static let streamsPerStep: UInt64 = 1 << 20
  /// The streams from which the order of examples is drawn, beyond those of any step.
  private static let orderStream: UInt64 = 1 << 62

  /// One step's outcome.
  public struct StepReport: Sendable {
    /// The step's number, from 1.
    public let step: Int
    /// The mean loss over the batch.
    public let loss: Float
    /// The norm of all gradients together, before clipping.
    public let gradientNorm: Double
    /// The learning rate.
    public let learningRate: Double
    /// Examples in the batch.
    public let examples: Int
  }

  /// Training of `model` on these examples. The tokenizer truncates to the recipe's length.
  public init(
    _ model: BertForSequenceClassification, _ tokenizer: Tokenizer, _ data: LabelledTexts,
    recipe: ClassificationRecipe
  ) throws {
    self.model = model
    self.recipe = recipe
    var tokenizer = tokenizer
    tokenizer.truncation = Truncation(
      maximumLength: Swift.min(recipe.maximumLength, model.bert.configuration.maximumPositions))
    tokenizer.padding = nil
    self.tokenizer = tokenizer
    encodings = try tokenizer.encode(batch: data.examples.map(\.text))
    labels = data.examples.map(\.label)
    let total = recipe.totalSteps(examples: labels.count)
    let warmup = Int((recipe.warmupRatio * Double(total)).rounded())
    optimizer = Optimizer(
      ParameterGroup.withDecayOnMatrices(
        model, AdamW(learningRate: recipe.learningRate, weightDecay: recipe.weightDecay)),
      schedule: .linear(warmupSteps: warmup, totalSteps: total))
  }

  /// Steps of the whole run.
  public var totalSteps: Int { recipe.totalSteps(examples: labels.count) }
  /// Steps of one pass over the examples.
  public var stepsPerEpoch: Int { recipe.stepsPerEpoch(examples: labels.count) }
  /// Whether the last step has been made.
  public var isFinished: Bool { step >= totalSteps }

  /// Goes on from a checkpoint: after `step` steps, with the optimizer's state of then. The weights are the caller's to load.
  public func resume(step: Int, optimizerState: StateDictionary) throws {
    try optimizer.load(optimizerState)
    self.step = step
  }

  /// Makes one step. Throws when the loss is not finite; the weights then are those before the step.
  public func advance() throws -> StepReport {
    let batch = batchIndices()
    let tokens = TokenBatch(batch.map { encodings[$0] }, padTokenID: model.bert.configuration.padTokenID)
    let targets = Tensor([batch.count], batch.map { Int64(labels[$0]) })
    let generator = RandomGenerator(
      seed: recipe.seed, position: UInt64(step + 1) * ClassifierTraining.streamsPerStep)
    let rate = optimizer.learningRate
    model.train()
    let loss = RandomGenerator.$current.withValue(generator) {
      let logits = model(tokens.ids, attentionMask: tokens.attentionMask, typeIDs: tokens.typeIDs)
      return logits.crossEntropy(targets)
    }
    let value = loss.item(as: Float.self)
    guard value.isFinite else {
      throw TrainingError("step \(step + 1): the loss is \(value); a smaller learning rate may help")
    }
    loss.backward()
    let norm = optimizer.step(clippingNorm: recipe.clippingNorm)?.item(as: Double.self) ?? .nan
    optimizer.zeroGradients()
    step += 1
    return StepReport(step: step, loss: value, gradientNorm: norm, learningRate: rate, examples: batch.count)
  }

  /// Predicts the classes of texts, the long ones first so that little is spent on padding, and scores them.
  ///
  /// `progress` is called with the number of texts done.
  public func evaluate(
    _ data: LabelledTexts, batchSize: Int = 64, progress: ((Int) -> Void)? = nil
  ) throws -> ClassificationScores {
    let encodings = try tokenizer.encode(batch: data.examples.map(\.text))
    let order = encodings.indices.sorted { (encodings[$0].count, $0) > (encodings[$1].count, $1) }
    var predicted = [Int](repeating: 0, count: encodings.count)
    model.eval()
    for start in stride(from: 0, to: order.count, by: batchSize) {
      let batch = order[start..<Swift.min(start + batchSize, order.count)]
      let tokens = TokenBatch(batch.map { encodings[$0] }, padTokenID: model.bert.configuration.padTokenID)
      let classes = noGradient {
        model(tokens.ids, attentionMask: tokens.attentionMask, typeIDs: tokens.typeIDs).argmax(axis: 1)
      }.array(of: Int.self)
      for (index, label) in zip(batch, classes) { predicted[index] = label }
      progress?(start + batch.count)
    }
    var matrix = ConfusionMatrix(classCount: Swift.max(model.bert.configuration.labelCount, data.labelCount))
    matrix.add(predictions: predicted, targets: data.examples.map(\.label))
    return ClassificationScores(matrix)
  }

  private func batchIndices() -> [Int] {
    let epoch = step / stepsPerEpoch
    if order.epoch != epoch {
      let key = RandomGenerator.key(
        seed: recipe.seed, stream: ClassifierTraining.orderStream + UInt64(epoch))
      order = (epoch, Tensor.randomPermutation(labels.count, key: key).array(of: Int.self))
    }
    let start = (step % stepsPerEpoch) * recipe.batchSize
    return Array(order.indices[start..<Swift.min(start + recipe.batchSize, labels.count)])
  }
}
