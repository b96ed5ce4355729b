public import DeepSeekData
import DeepSeekDynamic
public import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor

/// How many training examples the order of an epoch is drawn from at a time.
private let shuffleBuffer = 50_000

extension Trainer where Batch == TextBatch {
  /// Fine-tuning of a pretrained encoder on a GLUE task: a fresh head for the task's classes or score is put on it, its
  /// folder's tokenizer reads the texts, the validation examples judge it by the task's official metric; MNLI's mismatched ones
  /// besides, as `accuracy_mismatched`.
  ///
  /// ```swift ignore
  /// let encoder = try AutoModel.fromPretrained("all-MiniLM-L6-v2")
  /// let trainer = try ds.Trainer(encoder, ds.datasets.loadGLUE("mrpc", from: "glue"), lr: 2e-5)
  /// try trainer.finetune(epochs: 3)
  /// ```
  ///
  /// ``model`` is then the classifier, which shares the encoder's weights.
  ///
  /// - Parameters:
  ///   - encoder: The bare model, read from a folder.
  ///   - glue: The task.
  ///   - learningRate: The highest learning rate.
  ///   - batchSize: Examples in a batch.
  ///   - maximumLength: The longest sequence, in tokens; longer texts are cut.
  ///   - arguments: Everything else; from the seed follow the head's weights and the order of the examples too.
  /// - Throws: `ModelError` when the family has no such head or the folder no tokenizer, `DataError` when examples are
  ///   missing.
  public convenience init(
    _ encoder: any TextEncoder, _ glue: GLUE, lr learningRate: Double = 2e-5, batchSize: Int = 32,
    maximumLength: Int = 128, arguments: TrainingArguments = TrainingArguments()
  ) throws {
    let classifier = try RandomGenerator.withSeed(arguments.seed) {
      try AutoModelForSequenceClassification.attached(to: encoder, labels: glue.classLabels)
    }
    try self.init(
      classifier: classifier, glue, lr: learningRate, batchSize: batchSize, maximumLength: maximumLength,
      arguments: arguments)
  }

  /// Fine-tuning of a classifier on a GLUE task whose classes are its own, as above.
  public convenience init(
    classifier: any SequenceClassifier, _ glue: GLUE, lr learningRate: Double = 2e-5, batchSize: Int = 32,
    maximumLength: Int = 128, arguments: TrainingArguments = TrainingArguments()
  ) throws {
    let task = glue.task
    guard let folder = classifier.configuration.origin?.folder else {
      throw TrainingError("the model was not read from a folder: nobody knows its tokenizer")
    }
    guard classifier.labels.count == task.outputCount else {
      throw TrainingError("the model has \(classifier.labels.count) labels, \(task.name) \(task.outputCount)")
    }
    let reader = TextReader(
      try AutoTokenizer.load(contentsOf: folder), for: classifier, maximumLength: maximumLength,
      isRegression: task.isRegression)
    _ = try glue.validation
    let judged = try glue.splitNames(for: .validation).map { name in
      (
        suffix: GLUE.suffix(of: name),
        texts: try EncodedTexts(glue.split(name).elements().compactMap(LabelledPair.init), reader)
      )
    }
    var arguments = arguments
    arguments.learningRate = learningRate
    let batches = try glue.train.filter { $0.label != nil }.shuffle(buffer: shuffleBuffer, seed: arguments.seed)
      .batch(batchSize).map { examples in try reader.batch(examples.compactMap(LabelledPair.init)) }
    self.init(
      classifier, batches, objective: .task(classifier),
      evaluation: Evaluation {
        var named: [String: Double] = [:]
        for (suffix, texts) in judged {
          let predictions = texts.predictions(classifier, isRegression: task.isRegression)
          for score in task.scores(predictions: predictions, labels: texts.labels).all {
            named[score.name + suffix] = score.value
          }
        }
        return named
      }, arguments: arguments)
    if arguments.bestBy == BestScore("loss", isLargerBetter: false) {
      self.arguments.bestBy = BestScore(task.metric.scoreName, isLargerBetter: true)
    }
    checkpointFiles = { writer in try classifier.addFiles(to: writer, tokenizerFrom: folder) }
  }
}

extension GLUE {
  /// What a head for the task answers: its classes, or one score.
  public var classLabels: ClassLabels {
    task.isRegression ? ClassLabels(count: 1, problem: .regression) : ClassLabels(task.labelNames)
  }

  /// What a score of a validation set is called by beside its metric: nothing for the first one, `_mismatched` for MNLI's
  /// other.
  fileprivate static func suffix(of split: String) -> String {
    split == "validation_mismatched" ? "_mismatched" : ""
  }
}

extension LabelledPair {
  /// An example; `nil` when its label is hidden.
  fileprivate init?(_ example: GLUEExample) {
    guard let label = example.label else { return nil }
    self.init(first: example.first, second: example.second, label: label)
  }
}

extension GLUETask.Metric {
  /// The score by which models are compared.
  fileprivate var scoreName: String {
    switch self {
    case .accuracy: "accuracy"
    case .accuracyAndF1: "f1"
    case .matthewsCorrelation: "matthews_correlation"
    case .correlation: "pearson"
    }
  }
}
