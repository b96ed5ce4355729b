import DeepSeekCompression
import DeepSeekDynamic
public import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import DeepSeekTokenizers
public import Foundation

/// Makes a fine-tuned classifier smaller, in three ways one after another: heads and neurons are cut out, in rounds; after each
/// the model learns from the one that it was; what is left is kept in few bits.
///
/// ```swift
/// let compression = try ClassifierCompression(
///   from: folder, training: texts, judging: others, settings: CompressionSettings())
/// let steps = try compression.run { print($0.name, $0.byteCount, $0.accuracy) }
/// try compression.model.save(to: "small")
/// ```
public final class ClassifierCompression {
  /// The model, smaller from step to step.
  public let model: any SequenceClassifier
  /// What it was.
  public let teacher: any SequenceClassifier
  private let settings: CompressionSettings
  private let tokenizer: Tokenizer
  private let data: LabelledTexts
  private let judged: LabelledTexts
  private let examples: EncodedTexts
  private let judgedTexts: EncodedTexts

  /// Opens a classifier's folder twice: as what is made smaller, and as its teacher.
  ///
  /// - Throws: `ModelError`; ``TrainingError`` when the folder's family has no classifier, the classifier no trained head or
  ///   nothing that can be cut, or settings cannot be.
  public init(
    from folder: URL, training data: LabelledTexts, judging judged: LabelledTexts,
    settings: CompressionSettings = CompressionSettings()
  ) throws {
    try settings.validate()
    let (model, report) = try ClassifierCompression.open(folder)
    if model.prunableBlocks.isEmpty {
      throw TrainingError(
        "\(folder.path): \(model.architecture) has no layers that heads and neurons can be cut out of. "
          + ClassifierCompression.alternative)
    }
    if let missing = report.missing.first {
      throw TrainingError("\(folder.path): it is no trained classifier: '\(missing)' is missing; fine-tune it first")
    }
    if model.isQuantized { throw TrainingError("\(folder.path): it is quantized already; give the model as it was") }
    let classes = Swift.max(data.labelCount, judged.labelCount)
    if classes > model.labels.count {
      throw TrainingError("the examples have \(classes) classes, the model \(model.labels.count)")
    }
    self.model = model
    teacher = try ClassifierCompression.open(folder).model
    tokenizer = try AutoTokenizer.load(contentsOf: folder)
    let reader = TextReader(tokenizer, for: model, maximumLength: settings.recipe.maximumLength)
    examples = try EncodedTexts(data.pairs, reader)
    judgedTexts = try EncodedTexts(judged.pairs, reader)
    self.settings = settings
    self.data = data
    self.judged = judged
  }

  private static let alternative = "Weights of any model can be kept in few bits instead: quantize it"

  private static func open(
    _ folder: URL
  ) throws -> (model: any SequenceClassifier, report: StateLoadingReport) {
    do {
      return try AutoModelForSequenceClassification.loadWithReport(folder)
    } catch ModelError.unsupported(let file, let field, let value, let supported) {
      throw TrainingError(
        "\(file): '\(field)' is '\(value)', which has no classifier whose answers a smaller one could learn; there are: "
          + "\(supported.joined(separator: ", ")). " + alternative)
    }
  }

  /// Makes the model smaller, and tells `progress` of each step.
  ///
  /// - Returns: All steps, the model as it was first.
  /// - Throws: `QuantizationError` when the size cannot be reached by cutting, or when it was reached and more accuracy was
  ///   lost than settings allow; the model then is what the last step made.
  @discardableResult
  public func run(_ progress: (CompressionStep) -> Void = { _ in }) throws -> [CompressionStep] {
    var steps: [CompressionStep] = []
    func note(_ name: String) throws {
      steps.append(try measured(name))
      progress(steps[steps.count - 1])
    }
    try note("as it was")
    let target = Int(Double(steps[0].byteCount) * settings.targetShare)
    let share = try CompressionPlan(model, settings.quantization).share(within: target)
    if share < 1 {
      let first = counts
      for round in 1...settings.rounds {
        // Equal ratios, so that each round takes the same part of what is left.
        let kept = pow(share, Double(round) / Double(settings.rounds))
        try prune(
          heads: Swift.min(kept * Double(first.heads) / Double(counts.heads), 1),
          neurons: Swift.min(kept * Double(first.neurons) / Double(counts.neurons), 1))
        try train(seed: settings.recipe.seed &+ UInt64(round))
        try note("pruned to \(Int((kept * 100).rounded()))%, distilled")
      }
    }
    try quantize()
    try note("quantized")
    let (first, last) = (steps[0], steps[steps.count - 1])
    if last.byteCount > target {
      throw QuantizationError.unreachable("\(last.byteCount) bytes are left; the target is \(target)")
    }
    if first.accuracy - last.accuracy > settings.maximumLoss * first.accuracy {
      throw QuantizationError.unreachable(
        "the accuracy fell from \(first.accuracy) to \(last.accuracy); a loss of \(settings.maximumLoss * 100)% is allowed"
      )
    }
    return steps
  }

  /// Heads and neurons of all layers.
  private var counts: (heads: Int, neurons: Int) {
    model.prunableBlocks.reduce((0, 0)) { ($0.0 + $1.block.headCount, $0.1 + $1.block.neuronCount) }
  }

  private func prune(heads: Double, neurons: Double) throws {
    let pruning = try StructuredPruning(model)
    model.eval()
    let count = Swift.min(settings.observedBatches * settings.recipe.batchSize, examples.count)
    for start in stride(from: 0, to: count, by: settings.recipe.batchSize) {
      let batch = examples.batch(Array(start..<Swift.min(start + settings.recipe.batchSize, count)))
      pruning.observe(loss: model.loss(model.logits(batch), labels: batch.labels))
    }
    pruning.prune(keepingHeads: heads, keepingNeurons: neurons)
  }

  private func train(seed: UInt64) throws {
    var recipe = settings.recipe
    recipe.seed = seed
    let training = try ClassifierTraining(
      model, tokenizer, data, recipe: recipe, distillingFrom: (teacher, settings.distillation))
    model.train()
    try training.trainer.train()
    model.eval()
  }

  private func quantize() throws {
    let count = Swift.min(settings.calibrationExamples, examples.count)
    try model.quantize(settings.quantization) { [model, examples, settings] in
      for start in stride(from: 0, to: count, by: settings.recipe.batchSize) {
        _ = model.logits(examples.batch(Array(start..<Swift.min(start + settings.recipe.batchSize, count))))
      }
    }
  }

  /// Examples that are timed.
  private static let timedExamples = 32

  private func measured(_ name: String) throws -> CompressionStep {
    model.eval()
    return noGradient {
      let said = judgedTexts.predictions(model)
      let right = zip(said, judgedTexts.labels).count { $0 == $1 }
      var times: [Double] = []
      for index in 0..<Swift.min(ClassifierCompression.timedExamples, judgedTexts.count) {
        let batch = judgedTexts.batch([index])
        let start = ContinuousClock.now
        _ = model.logits(batch)
        times.append((ContinuousClock.now - start) / .seconds(1))
      }
      times.sort()
      return CompressionStep(
        name: name, byteCount: model.savedByteCount, accuracy: Double(right) / Double(Swift.max(said.count, 1)),
        latency: times.isEmpty ? 0 : times[times.count / 2])
    }
  }
}
