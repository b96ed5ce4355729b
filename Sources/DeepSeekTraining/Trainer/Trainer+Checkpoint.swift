import DeepSeekCheckpoints
import DeepSeekData
import DeepSeekDynamic
import DeepSeekJSON

extension Trainer {
  /// Goes on from the newest checkpoint of the folder in ``CheckpointSettings``. Returns whether there was one.
  ///
  /// Throws ``TrainingError`` when what the steps follow from was different then, `CheckpointError` when it is damaged.
  @discardableResult
  public func resume() throws -> Bool {
    guard let settings = arguments.checkpoints else {
      throw TrainingError("no folder for checkpoints is set; there is nothing to resume from")
    }
    switch settings.layout {
    case .single:
      guard CheckpointFolder.isPresent(at: settings.folder) else { return false }
      try resume(from: settings.folder)
    case .series:
      guard let latest = try CheckpointSeries(settings.folder).checkpoints().last else { return false }
      try resume(from: latest.path)
    }
    return true
  }

  /// Goes on from a checkpoint; see ``resume()``.
  public func resume(from path: String) throws {
    try prepare()
    let snapshot = try TrainingSnapshot(contentsOf: path)
    let expected = fingerprint
    let found = snapshot.state.values["settings"]?.object ?? JSONObject()
    for member in expected.members where found[member.key] != member.value {
      let then = (try? found[member.key]?.jsonText()) ?? "missing"
      let now = (try? member.value.jsonText()) ?? ""
      throw TrainingError(
        "\(path): '\(member.key)' was \(then) when the checkpoint was made and is \(now) now; "
          + "resume with what the run began with")
    }
    try restore(snapshot, movesData: true)
    savedStep = progress.step
    // What was noted before is of another course.
    (goodState, candidateState) = (nil, nil)
    noteSnapshot(snapshot)
  }

  /// What must be the same for a resumed run to be the run that was stopped.
  private var fingerprint: JSONObject {
    var values = JSONObject()
    values["seed"] = .string(String(arguments.seed))
    values["rule"] = .string(String(describing: type(of: arguments.rule)))
    values["learning_rate"] = .double(arguments.learningRate)
    values["weight_decay"] = .double(arguments.weightDecay)
    values["schedule"] = .string(arguments.schedule.name)
    values["warmup"] = .string(String(describing: arguments.warmup))
    values["precision"] = .string(arguments.precision.rawValue)
    values["accumulation"] = .string(String(describing: arguments.accumulation))
    values["clipping_norm"] = arguments.clippingNorm.map { .double($0) } ?? .null
    values["label_smoothing"] = .double(arguments.labelSmoothing)
    values["averaging_decay"] = arguments.averagingDecay.map { .double($0) } ?? .null
    values["total_steps"] = run.totalSteps.map { .integer($0) } ?? .null
    values["batches_per_epoch"] = run.batchesPerEpoch.map { .integer($0) } ?? .null
    // What the lines above do not say of it: momentum and the like.
    values["rule_settings"] = .string(String(describing: arguments.rule))
    return values
  }

  /// All that is needed to go on from here.
  func snapshot() throws -> TrainingSnapshot {
    guard let feed else { fatalError("Trainer: no data") }
    var values = JSONObject()
    values["settings"] = .object(fingerprint)
    values["progress"] = try JSONValue(encoding: progress)
    values["data"] = try JSONValue(encoding: feed.position)
    if let scaler { values["loss_scaler"] = try JSONValue(encoding: scaler) }
    if let guardian { values["loss_guard"] = try JSONValue(encoding: guardian) }
    values["gradient_noise"] = try JSONValue(encoding: noise)
    var states = JSONObject()
    for callback in callbacks { if let state = try callback.state { states[callback.name] = state } }
    values["callbacks"] = .object(states)
    return TrainingSnapshot(
      model: model.stateDictionary(), optimizer: optimizer.stateDictionary(), average: run.average?.stateDictionary(),
      best: bestWeights,
      state: TrainingState(step: progress.step, epoch: progress.epoch, values: values))
  }

  /// Puts a state back.
  func restore(_ snapshot: TrainingSnapshot, movesData: Bool) throws {
    let values = snapshot.state.values
    func value<Value: Decodable>(_ key: String, _ type: Value.Type) throws -> Value {
      guard let json = values[key] else { throw TrainingError("the checkpoint's training state lacks '\(key)'") }
      return try json.decoded(as: type, key)
    }
    let progress = try value("progress", TrainingProgress.self)
    let feed = movesData ? try BatchFeed(dataset, from: value("data", DatasetState.self)) : self.feed
    let scaler = self.scaler == nil ? nil : try value("loss_scaler", LossScaler.self)
    let guardian = self.guardian == nil ? nil : try value("loss_guard", LossGuard.self)
    let noise = try value("gradient_noise", GradientNoise.self)
    try model.load(snapshot.model)
    try optimizer.load(snapshot.optimizer)
    if let average = run.average {
      guard let state = snapshot.average else { throw TrainingError("the checkpoint has no averaged weights") }
      try average.load(state)
    }
    for callback in callbacks {
      if let state = values["callbacks"]?[callback.name] { try callback.restore(state) }
    }
    run.progress = progress
    self.feed = feed
    self.scaler = scaler
    self.guardian = guardian
    self.noise = noise
    bestWeights = snapshot.best
  }

  /// Takes a checkpoint and has it written, beside the training unless told otherwise.
  func save() throws {
    guard let settings = arguments.checkpoints else { return }
    let snapshot = try snapshot()
    noteSnapshot(snapshot)
    let files = checkpointFiles
    let path: String
    let job: @Sendable () throws -> Void
    switch settings.layout {
    case .single:
      path = settings.folder
      job = {
        try CheckpointFolder.write(to: settings.folder) { writer in
          try snapshot.write(to: writer)
          try files(writer)
        }
      }
    case .series(let keeping):
      path = "\(settings.folder)/step-\(progress.step)"
      let protected = Set(arguments.keepsBest ? [progress.bestStep].compactMap(\.self) : [])
      job = {
        try CheckpointSeries(settings.folder, keeping: keeping).write(
          step: snapshot.state.step, protecting: protected
        ) { writer in
          try snapshot.write(to: writer)
          try files(writer)
        }
      }
    }
    try writer.begin(job)
    if !settings.isAsynchronous { try writer.wait() }
    lastSave = .now
    savedStep = progress.step
    ownCheckpoints.insert(progress.step)
    for callback in callbacks { try callback.saved(path, run) }
  }

  /// Forgets the checkpoints after a step that training went back to: what they hold was given up, and the newest is what a
  /// run resumes from. One is written of the state that it went back to, with the place in the data behind the leap.
  func abandonCheckpoints() throws {
    savedStep = nil
    run.requestCheckpoint()
    let abandoned = ownCheckpoints.filter { $0 > progress.step }
    ownCheckpoints.subtract(abandoned)
    guard let settings = arguments.checkpoints, case .series = settings.layout, !abandoned.isEmpty else { return }
    try writer.wait()
    for entry in try CheckpointSeries(settings.folder).checkpoints() where abandoned.contains(entry.step) {
      try Folder.remove(entry.path)
    }
  }

  /// Whether a checkpoint is due after a step.
  func isSaveDue(_ report: StepReport) -> Bool {
    guard let settings = arguments.checkpoints, savedStep != progress.step else { return false }
    if run.wantsCheckpoint || settings.moment.isDue(step: progress.step, endsEpoch: report.endsEpoch) { return true }
    guard let minutes = settings.minutes else { return false }
    return (ContinuousClock.now - lastSave).seconds >= minutes * 60
  }
}
