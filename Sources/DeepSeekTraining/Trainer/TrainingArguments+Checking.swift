import DeepSeekDynamic

extension TrainingArguments {
  /// The first argument that is out of its range, or that would do nothing because another is not as it must be; `nil` when all
  /// are good.
  func problem(canEvaluate: Bool, hasCallbacks: Bool) -> TrainingError? {
    // Callbacks may ask for evaluations that no interval says.
    let evaluates = canEvaluate && (evaluation != .never || hasCallbacks)
    let evaluated = "left alone where the model is never evaluated; give the trainer an evaluation, and say when"
    var problem: TrainingError?
    func check(_ name: String, _ isGood: Bool, _ expected: String) {
      if !isGood && problem == nil { problem = TrainingError("TrainingArguments.\(name) must be \(expected)") }
    }
    check("epochs", epochs >= 1 || maximumSteps != nil, "at least 1")
    check("maximumSteps", maximumSteps.map { $0 >= 1 } ?? true, "at least 1")
    check("learningRate", learningRate.isFinite && learningRate >= 0, "a number from 0 on")
    check("weightDecay", weightDecay.isFinite && weightDecay >= 0, "a number from 0 on")
    check("warmup", warmup.isGood, "steps from 0 on, or a share of them from 0 to 1")
    check("schedule", schedule.isGood, "of at least one cycle, with no fewer than 0 steps and a floor from 0 to 1")
    check("clippingNorm", clippingNorm.map { $0 > 0 } ?? true, "above 0, or nil for none")
    check("labelSmoothing", (0..<1).contains(labelSmoothing), "at least 0 and less than 1")
    check("averagingDecay", averagingDecay.map { (0..<1).contains($0) } ?? true, "at least 0 and less than 1")
    check("accumulation", accumulation.isGood, "of at least one batch, or of a weight above 0")
    check("evaluation", evaluation.isGood, "every so many steps, at least 1")
    check("earlyStopping", earlyStopping?.isGood ?? true, "a patience of at least 1 and a change of at least 0")
    check("earlyStopping", earlyStopping == nil || evaluates, evaluated)
    check("keepsBest", !keepsBest || evaluates, evaluated)
    check("checkpoints", checkpoints?.isGood ?? true, "every so many steps, at least 1, of which at least 1 is kept")
    let hasSpikeBounds = spikes.limit >= 0 && spikes.snapshotInterval >= 1
    check("spikes", hasSpikeBounds, "of a limit from 0 and an interval from 1 on")
    check("logging.interval", logging.interval >= 1, "at least 1")
    check("interruptsAfterStep", interruptsAfterStep.map { $0 >= 0 } ?? true, "at least 0")
    return problem
  }
}

extension LearningRateCourse {
  fileprivate var isGood: Bool {
    switch self {
    case .constant, .linear, .inverseSquareRoot, .custom: true
    case .cosine(let floor): (0...1).contains(floor)
    case .cosineWithRestarts(let cycles): cycles >= 1
    case .polynomial(let power, let floor): power > 0 && (0...1).contains(floor)
    case .warmupStableDecay(let steps, let floor): steps >= 0 && (0...1).contains(floor)
    }
  }
}

extension Warmup {
  fileprivate var isGood: Bool {
    switch self {
    case .steps(let count): count >= 0
    case .ratio(let ratio): (0...1).contains(ratio)
    }
  }
}

extension Accumulation {
  fileprivate var isGood: Bool {
    switch self {
    case .batches(let count): count >= 1
    case .weight(let weight): weight > 0
    case .adaptive(let minimum, let maximum): minimum >= 1 && maximum >= minimum
    }
  }
}

extension TrainingMoment {
  fileprivate var isGood: Bool {
    if case .steps(let count) = self { return count >= 1 }
    return true
  }
}

extension EarlyStopping {
  fileprivate var isGood: Bool { patience >= 1 && minimumChange >= 0 }
}

extension CheckpointSettings {
  fileprivate var isGood: Bool {
    if case .series(let keeping) = layout, keeping < 1 { return false }
    return moment.isGood && minutes.map { $0 >= 0 } ?? true
  }
}
