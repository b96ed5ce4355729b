public import DeepSeekCheckpoints
public import DeepSeekData
public import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

/// Trains any module on batches of any kind.
///
/// ```swift
/// let trainer = Trainer(model, batches, arguments: arguments) { batch in
///   BatchLoss(mean: model(batch.x).crossEntropy(batch.y), weight: batch.count)
/// }
/// try trainer.resume()
/// try trainer.train()
/// ```
///
/// What a step computes follows from the weights, the optimizer's state, the seed, the step's number and the batch alone. All
/// of it is in a checkpoint, with the place in the data: a run that was stopped, at whatever moment, and resumed gives the
/// same weights bit for bit as one that was not, on one machine. For one thread at a time.
public final class Trainer<Batch: Sendable> {
  /// The model.
  public let model: any Module
  /// The batches.
  public let dataset: Dataset<Batch>
  /// Where the run stands, as callbacks see it.
  public let run: TrainingRun
  /// What is told how training goes. May be added to before ``train()``.
  public var callbacks: [any TrainingCallback]
  /// Adds files to each checkpoint beside weights and state: `config.json`, a tokenizer. Called on the thread that writes.
  public var checkpointFiles: @Sendable (CheckpointFolder.Writer) throws -> Void = { _ in }
  let objective: Objective<Batch>
  let evaluation: Evaluation<Batch>?
  let setsLearningRate: Bool
  let writer = BackgroundWriter()
  var feed: BatchFeed<Batch>?
  var scaler: LossScaler?
  var noise = GradientNoise()
  var guardian: LossGuard?
  var schedule: Schedule?
  var goodState: TrainingSnapshot?
  var candidateState: TrainingSnapshot?
  var bestWeights: StateDictionary?
  var lastSave = ContinuousClock.now
  var savedStep: Int?
  /// Steps whose checkpoints this trainer has written and not given up.
  var ownCheckpoints: Set<Int> = []
  private var hasLoggers = false
  var hasRecomputationPlan = false

  /// Training of a model.
  ///
  /// - Parameters:
  ///   - model: Whose trainable weights are moved.
  ///   - dataset: The batches of an epoch.
  ///   - objective: How a batch becomes a loss.
  ///   - evaluation: What the model is judged by meanwhile.
  ///   - arguments: Everything else.
  ///   - optimizer: Used as it is, with its own schedule, in place of the one that the arguments describe.
  ///   - callbacks: What is told how training goes.
  public init(
    _ model: any Module, _ dataset: Dataset<Batch>, objective: Objective<Batch>,
    evaluation: Evaluation<Batch>? = nil, arguments: TrainingArguments = TrainingArguments(),
    optimizer: Optimizer? = nil, callbacks: [any TrainingCallback] = []
  ) {
    self.model = model
    self.dataset = dataset
    self.objective = objective
    self.evaluation = evaluation
    self.callbacks = callbacks
    setsLearningRate = optimizer == nil
    run = TrainingRun(model, optimizer ?? Trainer.optimizer(model, arguments), arguments)
  }

  /// Training by a loss of one's own; see ``init(_:_:objective:evaluation:arguments:optimizer:callbacks:)``.
  public convenience init(
    _ model: any Module, _ dataset: Dataset<Batch>, evaluation: Evaluation<Batch>? = nil,
    arguments: TrainingArguments = TrainingArguments(), optimizer: Optimizer? = nil,
    callbacks: [any TrainingCallback] = [], loss: @escaping (Batch) throws -> BatchLoss
  ) {
    self.init(
      model, dataset, objective: .loss(loss), evaluation: evaluation, arguments: arguments, optimizer: optimizer,
      callbacks: callbacks)
  }

  private static func optimizer(_ model: any Module, _ arguments: TrainingArguments) -> Optimizer {
    func groups(_ rule: some WeightDecaying) -> [ParameterGroup] {
      ParameterGroup.withDecayOnMatrices(model, rule, exempting: arguments.isExemptFromDecay)
    }
    return Optimizer(groups(arguments.rule))
  }

  /// How the model is trained. What is changed before the first step counts, but for the rule with its learning rate and
  /// weight decay, which the optimizer was made with.
  public var arguments: TrainingArguments {
    get { run.arguments }
    set { run.arguments = newValue }
  }

  /// What moves the weights.
  public var optimizer: Optimizer { run.optimizer }

  /// Where the run stands.
  public var progress: TrainingProgress { run.progress }

  /// Whether the last step has been made.
  public var isFinished: Bool {
    if progress.isStopped { return true }
    if let maximum = arguments.maximumSteps { return progress.step >= maximum }
    return progress.epoch >= arguments.epochs
  }

  /// Trains for so many epochs: ``train()`` with ``TrainingArguments/epochs`` set.
  @discardableResult
  public func finetune(epochs: Int) throws -> TrainingOutcome {
    arguments.epochs = epochs
    return try train()
  }

  /// Counts what the length of the run follows from, and sets up the learning rates' course. A pass over the data, as cheap as
  /// it can skip, unless the steps are given.
  func prepare() throws {
    if let problem = arguments.problem(canEvaluate: canEvaluate, hasCallbacks: !callbacks.isEmpty) { throw problem }
    if arguments.maximumSteps == nil && run.batchesPerEpoch == nil { run.batchesPerEpoch = try dataset.count() }
    if schedule == nil { takeUpArguments() }
    run.totalSteps = arguments.maximumSteps
    var total = arguments.maximumSteps
    if total == nil, let perEpoch = run.batchesPerEpoch {
      if case .batches(let count) = arguments.accumulation {
        run.totalSteps = (perEpoch + count - 1) / Swift.max(count, 1) * arguments.epochs
        total = run.totalSteps
      } else {
        // How many batches make a step is known only then: the course goes by batches.
        total = perEpoch * arguments.epochs
      }
    }
    guard let total, total > 0 else {
      throw TrainingError("there is nothing to train on: no batches, or no epochs or steps")
    }
    schedule = arguments.schedule.schedule(
      warmupSteps: arguments.warmup.steps(of: total), totalSteps: total)
    if !hasLoggers {
      callbacks += try makeLoggers()
      hasLoggers = true
    }
    if feed == nil { feed = try BatchFeed(dataset, epoch: progress.epoch) }
  }

  /// What is kept beside the weights is what the arguments ask for now, though they may have asked for something else when
  /// the trainer was made.
  private func takeUpArguments() {
    scaler = arguments.precision == .float16 ? LossScaler() : nil
    guardian = arguments.spikes.guardian
    if run.average?.decay != arguments.averagingDecay {
      run.average = arguments.averagingDecay.map { WeightAverage(model, decay: $0) }
    }
  }

  /// Where the learning rates' course stands.
  var schedulePosition: Int { run.totalSteps == nil ? progress.batches : progress.step }
}

/// What a run of training came to.
public struct TrainingOutcome: Sendable, Hashable {
  /// Where it stands.
  public let progress: TrainingProgress
  /// The scores of the last evaluation of this run; `nil` when there was none.
  public let scores: [String: Double]?
  /// Whether it is done, rather than interrupted.
  public let isFinished: Bool
}
