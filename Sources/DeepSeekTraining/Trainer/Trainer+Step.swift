import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

/// The batches of a step as they are gathered.
private struct GatheredStep {
  /// The sum of the losses, each times its batch's weight.
  var lossSum = 0.0
  /// The last batch's loss.
  var onlyLoss = 0.0
  /// The sum of the weights.
  var weight = 0.0
  /// How many batches, and how many with any weight.
  var batches = 0
  var counted = 0
  /// The first batch's weight, by which the others' gradients are scaled: one batch alone keeps its gradient as it is.
  var reference = 0.0
  /// The sum of the squared norms of the batches' own gradients; for adaptive gathering.
  var squaredNorms = 0.0
  var gradients: [ObjectIdentifier: Tensor] = [:]

  /// The loss of one batch alone is not rounded by its weight.
  var loss: Double { counted == 1 ? onlyLoss : weight > 0 ? lossSum / weight : 0 }
}

extension Trainer {
  /// Each step draws its randomness from streams of its own, so many apart.
  private static var streamsPerStep: UInt64 { 1 << 20 }

  /// Makes one step: the batches that it takes, their gradients, the update. Begins an epoch when the one before is over.
  ///
  /// Throws ``TrainingError`` when a loss or gradient is not finite and nothing else was asked for; the weights then are those
  /// before the step.
  @discardableResult
  public func advance() throws -> StepReport {
    if schedule == nil { try prepare() }
    guard let feed else { fatalError("Trainer: no data") }
    if feed.isAtEnd { try feed.begin(epoch: progress.epoch) }
    if feed.isAtEnd { throw TrainingError("epoch \(progress.epoch + 1): the data has no batches") }
    if setsLearningRate, let schedule {
      optimizer.learningRateFactor = schedule(schedulePosition) * progress.learningRateFactor
    }
    if progress.batchesInEpoch == 0 { run.progress.inEpoch = LossMean() }
    // The first step of all has the state before it to go back to, however often it leaps.
    if goodState == nil && candidateState == nil { try noteSnapshot(snapshot()) }
    let start = ContinuousClock.now
    let rate = optimizer.learningRate
    let lossScale = scaler?.scale ?? 1
    let generator = RandomGenerator(seed: arguments.seed, position: UInt64(progress.step + 1) * Trainer.streamsPerStep)
    var gathered = GatheredStep()
    var failure: (loss: Double, batch: Batch, position: UInt64)?
    // Where the step's batches begin, and the random numbers of each, should they have to be computed again.
    let place = feed.position
    var positions: [UInt64] = []
    model.train()
    optimizer.zeroGradients()
    repeat {
      let batch = try feed.next()
      run.progress.batches += 1
      run.progress.batchesInEpoch += 1
      gathered.batches += 1
      let position = generator.position
      positions.append(position)
      if let loss = try gather(batch, generator, lossScale, &gathered) { failure = (loss, batch, position) }
    } while failure == nil && !feed.isAtEnd && !isFull(gathered)

    let leaps = failure == nil && gathered.counted > 0 && guardian?.isSpike(gathered.loss) == true
    var norm = Double.nan
    var isMade = false
    if failure == nil && !leaps && gathered.counted > 0 {
      restoreGradients(&gathered)
      let scale = gathered.reference / (gathered.weight * lossScale)
      (norm, isMade) = optimizer.stepIfFinite(gradientScale: scale, clippingNorm: arguments.clippingNorm)
      scaler?.update(isFinite: isMade)
      if isMade { learnNoise(gathered, norm, lossScale) }
    }
    optimizer.zeroGradients()
    // A scale of 1 changes nothing: what is not finite then is so by itself.
    let isSkippedByScaler = !isMade && failure == nil && !leaps && gathered.counted > 0 && lossScale > 1
    if isMade {
      run.progress.step += 1
      run.average?.update()
    } else if isSkippedByScaler {
      run.progress.skippedSteps += 1
    }
    if isMade || isSkippedByScaler || failure == nil && gathered.counted == 0 {
      run.progress.weight += gathered.weight
      run.progress.sinceLog.add(gathered.loss, gathered.weight)
      run.progress.inEpoch.add(gathered.loss, gathered.weight)
      if isMade { promoteSnapshot() }
    } else {
      let anomaly =
        try failure.map { try findAnomaly($0.batch, $0.position) }
        ?? (leaps ? nil : findGradientAnomaly(from: place, positions))
      try respond(to: anomaly, loss: failure?.loss ?? gathered.loss)
    }
    let endsEpoch = feed.isAtEnd
    if endsEpoch {
      if run.progress.inEpoch.isEmpty && failure == nil && !leaps {
        throw TrainingError("epoch \(progress.epoch + 1): no batch has anything that counts; the weights of all are 0")
      }
      run.progress.epoch += 1
      run.progress.batchesInEpoch = 0
    }
    return StepReport(
      step: progress.step, loss: failure?.loss ?? gathered.loss, gradientNorm: norm, learningRate: rate,
      weight: gathered.weight, batches: gathered.batches, lossScale: lossScale, isMade: isMade,
      endsEpoch: endsEpoch,
      seconds: (ContinuousClock.now - start).seconds)
  }

  /// The loss of a batch in the precision asked for.
  func loss(_ batch: Batch, _ generator: RandomGenerator) throws -> BatchLoss {
    try RandomGenerator.$current.withValue(generator) {
      guard let type = arguments.precision.autocastType else { return try objective.loss(batch, arguments) }
      return try autocast(type) { try objective.loss(batch, arguments) }
    }
  }

  /// Chooses what is computed again, for batches no larger than this one.
  private func planRecomputation(_ batch: Batch) throws {
    guard let budget = arguments.activationBudget else { return }
    func plan() throws -> Bool {
      try model.planRecomputation(fitting: budget) { _ = try objective.loss(batch, arguments) }
    }
    let hasBlocks = try arguments.precision.autocastType.map { try autocast($0, plan) } ?? plan()
    guard hasBlocks else {
      throw TrainingError("an activation budget is set, and the model has no blocks that can be computed again")
    }
    hasRecomputationPlan = true
  }

  /// Adds a batch's gradient to what is gathered. Returns its loss when that is no number.
  private func gather(
    _ batch: Batch, _ generator: RandomGenerator, _ lossScale: Double, _ gathered: inout GatheredStep
  ) throws -> Double? {
    if arguments.activationBudget != nil && !hasRecomputationPlan { try planRecomputation(batch) }
    defer { if arguments.activationBudget != nil && model.hasOutgrownRecomputation { hasRecomputationPlan = false } }
    let loss = try loss(batch, generator)
    if loss.weight == 0 { return nil }
    let value = loss.mean.item(as: Double.self)
    guard value.isFinite else { return value }
    if gathered.counted == 0 { gathered.reference = loss.weight }
    gathered.counted += 1
    gathered.weight += loss.weight
    gathered.lossSum += value * loss.weight
    gathered.onlyLoss = value
    let share = loss.weight / gathered.reference
    loss.mean.backward(gradient: Tensor.full(loss.mean.shape, share * lossScale, dtype: loss.mean.dtype))
    if case .adaptive = arguments.accumulation { separate(share * lossScale, &gathered) }
    return nil
  }

  /// Takes the batch's own gradient out of the parameters, so that its norm is known, and adds it to the sum.
  private func separate(_ scale: Double, _ gathered: inout GatheredStep) {
    noGradient {
      for parameter in optimizer.parameters {
        guard let gradient = parameter.gradient else { continue }
        let squares = gradient.cast(to: .float64).sumSquares().item(as: Double.self)
        gathered.squaredNorms += squares / (scale * scale)
        let key = ObjectIdentifier(parameter)
        gathered.gradients[key] = gathered.gradients[key].map { $0 + gradient } ?? gradient
        parameter.clearGradient()
      }
    }
  }

  private func restoreGradients(_ gathered: inout GatheredStep) {
    for parameter in optimizer.parameters {
      if let sum = gathered.gradients.removeValue(forKey: ObjectIdentifier(parameter)) { parameter.gradient = sum }
    }
  }

  private func learnNoise(_ gathered: GatheredStep, _ norm: Double, _ lossScale: Double) {
    guard case .adaptive = arguments.accumulation, gathered.counted > 1 else { return }
    noise.observe(
      small: gathered.weight / Double(gathered.counted),
      squaredNorm: gathered.squaredNorms / Double(gathered.counted), large: gathered.weight,
      squaredNormOfAll: norm * norm)
  }

  /// Whether a step has the batches that it takes.
  private func isFull(_ gathered: GatheredStep) -> Bool {
    switch arguments.accumulation {
    case .batches(let count): return gathered.batches >= count
    case .weight(let weight): return gathered.weight >= weight
    case .adaptive(let minimum, let maximum):
      let least = Swift.max(minimum, 2)
      if gathered.batches >= Swift.max(maximum, least) { return true }
      guard let scale = noise.scale else { return gathered.batches >= least }
      return gathered.batches >= least && gathered.weight >= scale
    }
  }
}

extension Duration {
  /// In seconds.
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
