import DeepSeekData
import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

extension Trainer {
  /// Does what was asked for when a loss leapt, or a loss or a gradient was not finite. The gradients are gone already.
  ///
  /// `anomaly` says what was not finite, and which operator made it so; `nil` of a loss that leapt.
  func respond(to anomaly: String?, loss: Double) throws {
    run.progress.spikes += 1
    let step = progress.step + 1
    let action = progress.spikes > arguments.spikes.limit ? .fail : arguments.spikes.action
    var target: Int?
    switch action {
    case .fail, .skip: break
    case .rollBack: target = try rollBack()
    }
    let spike = LossSpike(step: step, loss: loss, anomaly: anomaly, action: action, rolledBackTo: target)
    for callback in callbacks { try callback.spiked(spike, run) }
    if action == .fail {
      throw TrainingError("\(spike); a smaller learning rate may help")
    }
  }

  /// Which operator first makes a NaN or an infinity of a batch, computed again with every output checked.
  func findAnomaly(_ batch: Batch, _ position: UInt64) throws -> String {
    let generator = RandomGenerator(seed: arguments.seed, position: position)
    let anomaly = try findingAnomaly { _ = try noGradient { try loss(batch, generator) } }.anomaly
    return anomaly?.description ?? "the loss is not finite, of weights or data that were not"
  }

  /// Which operator of a step's backward walks first makes a NaN or an infinity, and which weight it reaches. The step's batches
  /// are read again from `place`, and computed again with the random numbers that each had.
  func findGradientAnomaly(from place: DatasetState, _ positions: [UInt64]) throws -> String {
    defer { optimizer.zeroGradients() }
    let feed = try BatchFeed(dataset, from: place)
    for position in positions {
      let batch = try feed.next()
      let generator = RandomGenerator(seed: arguments.seed, position: position)
      let anomaly = try findingAnomaly {
        let loss = try loss(batch, generator)
        if loss.weight > 0 {
          loss.mean.backward(gradient: Tensor.full(loss.mean.shape, 1, dtype: loss.mean.dtype))
        }
      }.anomaly
      let reached = model.namedParameters().first { $0.parameter.gradient?.isAllFinite == false }?.name
      if anomaly != nil || reached != nil {
        let weight = reached.map { ", first of '\($0)'" } ?? ""
        return "a gradient is not finite\(weight): \(anomaly?.description ?? "weights or data were not")"
      }
    }
    return "a gradient is not finite: their sum is too large"
  }

  /// Puts the last good state back, but goes on with the data from here. A state whose first step leapt is not good.
  private func rollBack() throws -> Int {
    guard let state = goodState ?? candidateState else {
      throw TrainingError("step \(progress.step + 1): the loss leapt, and there is no earlier state to go back to")
    }
    candidateState = nil
    let (epoch, batches, batchesInEpoch, spikes) = (
      progress.epoch, progress.batches, progress.batchesInEpoch, progress.spikes
    )
    try restore(state, movesData: false)
    run.progress.epoch = epoch
    run.progress.batches = batches
    run.progress.batchesInEpoch = batchesInEpoch
    run.progress.spikes = spikes
    guardian?.reset()
    try abandonCheckpoints()
    return progress.step
  }

  /// Notes the present state as one to go back to, once the next step has shown that it is good.
  func noteSnapshot(_ snapshot: @autoclosure () throws -> TrainingSnapshot) rethrows {
    if arguments.spikes.action == .rollBack { candidateState = try snapshot() }
  }

  /// The next step was no leap: the state before it is good.
  func promoteSnapshot() {
    guard let candidateState else { return }
    goodState = candidateState
    self.candidateState = nil
  }
}
