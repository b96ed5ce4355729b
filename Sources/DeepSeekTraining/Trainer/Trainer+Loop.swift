import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

extension Trainer {
  /// Trains to the end: steps, log, evaluations, checkpoints, callbacks.
  ///
  /// Afterwards the model has the last weights, their average where one is kept, or the best ones where those are. Throws
  /// ``TrainingError`` when a loss is no number and nothing else was asked for, `CheckpointError` when a checkpoint cannot be
  /// written (at the latest at the next step), whatever the loss, the data or a callback throws.
  @discardableResult
  public func train() throws -> TrainingOutcome {
    try prepare()
    lastSave = .now
    for callback in callbacks { try callback.trainingBegins(run) }
    var scores: [String: Double]?
    do {
      scores = try loop()
    } catch {
      // What was on its way to the disk arrives; the first error is the one to report.
      try? writer.wait()
      throw error
    }
    let isInterrupted = !isFinished
    if arguments.checkpoints != nil && savedStep != progress.step { try save() }
    try writer.wait()
    if !isInterrupted { try finishWeights() }
    for callback in callbacks { try callback.trainingEnds(run) }
    // What comes next may need little of what steps used.
    Memory.clearCache()
    return TrainingOutcome(progress: progress, scores: scores, isFinished: !isInterrupted)
  }

  private func loop() throws -> [String: Double]? {
    var scores: [String: Double]?
    let last = arguments.interruptsAfterStep ?? .max
    var clock = LogClock()
    while !isFinished && progress.step < last {
      try writer.check()
      if progress.batchesInEpoch == 0 { for callback in callbacks { try callback.epochBegins(run) } }
      let report = try advance()
      clock.add(report)
      for callback in callbacks { try callback.stepEnds(report, run) }
      if report.isMade && (progress.step % Swift.max(arguments.logging.interval, 1) == 0 || isFinished) {
        try log(report, &clock)
      }
      if evaluation != nil && isEvaluationDue(report) { scores = try evaluate() }
      run.wantsEvaluation = false
      if report.isMade, progress.step % Swift.max(arguments.spikes.snapshotInterval, 1) == 0 {
        try noteSnapshot(snapshot())
      }
      if isSaveDue(report) { try save() }
      run.wantsCheckpoint = false
      if report.endsEpoch { for callback in callbacks { try callback.epochEnds(run) } }
    }
    return scores
  }

  private func isEvaluationDue(_ report: StepReport) -> Bool {
    if run.wantsEvaluation { return true }
    guard report.isMade || arguments.evaluation == .epochs else { return false }
    return arguments.evaluation.isDue(step: progress.step, endsEpoch: report.endsEpoch)
  }

  private func log(_ report: StepReport, _ clock: inout LogClock) throws {
    let entry = TrainingLogEntry(
      step: report.step, epoch: run.epochsDone, loss: progress.sinceLog.value, learningRate: report.learningRate,
      gradientNorm: report.gradientNorm, lossScale: report.lossScale, rate: clock.rate)
    run.progress.sinceLog = LossMean()
    clock = LogClock()
    for callback in callbacks { try callback.logged(entry, run) }
  }

  /// Whether there is something to evaluate by.
  public var canEvaluate: Bool { evaluation != nil }

  /// Judges the model as it is, or the average of its weights where one is kept, and notes whether it is the best so far.
  @discardableResult
  public func evaluate() throws -> [String: Double] {
    guard let evaluation else { throw TrainingError("the trainer was given nothing to evaluate by") }
    let scores = try judging { try evaluation.scores(objective, arguments) }
    try compare(scores)
    for callback in callbacks { try callback.evaluated(scores, run) }
    return scores
  }

  /// The model in evaluation mode, with the average of its weights where one is kept, without gradients.
  func judging<Result>(_ body: () throws -> Result) throws -> Result {
    model.eval()
    func judge() throws -> Result {
      try noGradient {
        try RandomGenerator.withSeed(arguments.seed) {
          guard let type = arguments.precision.autocastType else { return try body() }
          return try autocast(type, body)
        }
      }
    }
    return try run.average.map { try $0.withAveragedWeights(judge) } ?? judge()
  }

  private func compare(_ scores: [String: Double]) throws {
    let best = arguments.bestBy
    guard let score = scores[best.name] else {
      if arguments.keepsBest || arguments.earlyStopping != nil {
        throw TrainingError(
          "the evaluation has no score '\(best.name)'; it has \(scores.keys.sorted().joined(separator: ", "))")
      }
      return
    }
    let change = progress.bestScore.map { best.isLargerBetter ? score - $0 : $0 - score } ?? .infinity
    let isBetter = score.isFinite && change > 0
    if isBetter {
      run.progress.bestScore = score
      run.progress.bestStep = progress.step
      if arguments.keepsBest { try keepBest() }
    }
    if isBetter && change > arguments.earlyStopping?.minimumChange ?? 0 {
      run.progress.evaluationsWithoutImprovement = 0
    } else {
      run.progress.evaluationsWithoutImprovement += 1
      if let stopping = arguments.earlyStopping, progress.evaluationsWithoutImprovement >= stopping.patience {
        run.stop()
      }
    }
  }

  /// The best weights go to the disk where checkpoints of several steps do; else they stay in memory.
  private func keepBest() throws {
    if case .series? = arguments.checkpoints?.layout {
      run.requestCheckpoint()
    } else {
      bestWeights = run.average?.stateDictionary() ?? model.stateDictionary()
    }
  }

  /// Puts the weights into the model that training is to end with.
  private func finishWeights() throws {
    if arguments.keepsBest, let step = progress.bestStep {
      if let bestWeights {
        try model.load(bestWeights, options: .allowsMissing)
        return
      }
      if case .series? = arguments.checkpoints?.layout, let folder = arguments.checkpoints?.folder {
        let snapshot = try TrainingSnapshot(contentsOf: "\(folder)/step-\(step)")
        try model.load(snapshot.model)
        if let average = snapshot.average { try model.load(average, options: .allowsMissing) }
        return
      }
    }
    run.average?.apply()
  }
}

/// How fast it went since the last entry of the log.
private struct LogClock {
  private var weight = 0.0
  private var seconds = 0.0

  mutating func add(_ report: StepReport) {
    weight += report.weight
    seconds += report.seconds
  }

  var rate: Double { seconds > 0 ? weight / seconds : 0 }
}
