import DeepSeekCheckpoints
import DeepSeekData
import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import DeepSeekTraining
import TestSupport
import Testing

@Suite("Losses that leap or are no number")
struct SpikeTests {
  private final class Witness: TrainingCallback {
    var spikes: [LossSpike] = []
    func spiked(_ spike: LossSpike, _ run: TrainingRun) { spikes.append(spike) }
  }

  /// Training in which the batch at `poisoned` has a loss that is no number, or is very large.
  private func trainer(
    _ action: SpikeResponse.Action, poisoned: Int, infinite: Bool = true, _ witness: Witness,
    _ change: (inout TrainingArguments) -> Void = { _ in }
  ) -> (model: Sequential, trainer: Trainer<Int>) {
    let task = SmallTask()
    let model = SmallTask.model()
    let trainer = Trainer(
      model, Dataset(Array(0..<12)),
      arguments: quietArguments {
        $0.epochs = 1
        $0.spikes = SpikeResponse(action, guardian: LossGuard(factor: 20, minimum: 3), snapshotInterval: 2)
        $0.schedule = .constant
        change(&$0)
      }, callbacks: [witness]
    ) { index in
      let (inputs, targets) = SmallTask.tensors(Array(task.examples[index * 8..<index * 8 + 8]))
      let loss = model(inputs).crossEntropy(targets)
      if index != poisoned { return BatchLoss(mean: loss, weight: 8) }
      return BatchLoss(mean: infinite ? (loss * 0).log() : loss * 1000, weight: 8)
    }
    return (model, trainer)
  }

  @Test("training fails with the operator's name, and the weights are those before the step")
  func fails() throws {
    let (model, trainer) = trainer(.fail, poisoned: 3, Witness())
    for _ in 0..<3 { try trainer.advance() }
    let before = model.stateDictionary()
    let error = #expect(throws: TrainingError.self) { try trainer.advance() }
    #expect(error?.description.contains("step 4: log: output 0") == true)
    #expect(before.keys.allSatisfy { sameTensor(before[$0]!, model.stateDictionary()[$0]!) })
  }

  @Test("a step can be left out")
  func skips() throws {
    let witness = Witness()
    let (_, trainer) = trainer(.skip, poisoned: 3, witness)
    try trainer.train()
    #expect(trainer.progress.step == 11)
    #expect(witness.spikes.map(\.step) == [4])
    #expect(witness.spikes[0].rolledBackTo == nil)
  }

  @Test("training goes back to the last good state and on with the next batch")
  func rollsBack() throws {
    for infinite in [true, false] {
      let witness = Witness()
      let (model, trainer) = trainer(.rollBack, poisoned: 7, infinite: infinite, witness)
      try trainer.train()
      // Steps 1 to 7 were made; the state after step 6 was shown to be good by step 7.
      #expect(witness.spikes.map(\.rolledBackTo) == [6])
      #expect(trainer.progress.step == 6 + 4)
      // The same as a run that never saw the batches 6 and 7.
      let task = SmallTask()
      let other = SmallTask.model()
      let plain = Trainer(
        other, Dataset([0, 1, 2, 3, 4, 5, 8, 9, 10, 11]),
        arguments: quietArguments {
          $0.epochs = 1
          $0.schedule = .constant
        }
      ) { index in
        let (inputs, targets) = SmallTask.tensors(Array(task.examples[index * 8..<index * 8 + 8]))
        return BatchLoss(mean: other(inputs).crossEntropy(targets), weight: 8)
      }
      try plain.train()
      #expect(sameWeights(model, other))
    }
  }

  @Test("a gradient that is no number moves nothing")
  func gradient() throws {
    let weight = Parameter(Tensor([1.0]))
    final class Single: Module {
      let weight: Parameter
      init(_ weight: Parameter) { self.weight = weight }
    }
    let trainer = Trainer(Single(weight), Dataset([0]), arguments: quietArguments()) { _ in
      // √0 has an infinite slope.
      BatchLoss(mean: (weight.tensor - 1).sqrt().sum(), weight: 1)
    }
    let error = #expect(throws: TrainingError.self) { try trainer.advance() }
    #expect(error?.description.contains("a gradient is not finite, first of 'weight': ") == true)
    #expect(error?.description.contains("has a NaN or an infinity, and no input has one") == true)
    #expect(weight.value.item(as: Float.self) == 1)
  }

  @Test("the batch among several whose gradient is no number is found again, dropout and all")
  func gatheredGradient() throws {
    let task = SmallTask()
    let model = SmallTask.model(dropout: 0.5)
    let batches = Dataset(Array(0..<12)).shuffle(buffer: 12, seed: 4)
    let poisoned = try batches.elements()[6]
    let trainer = Trainer(
      model, batches, arguments: quietArguments { $0.accumulation = .batches(4) }
    ) { index in
      let (inputs, targets) = SmallTask.tensors(Array(task.examples[index * 8..<index * 8 + 8]))
      let loss = model(inputs).crossEntropy(targets)
      return BatchLoss(mean: index == poisoned ? loss + (loss - loss).sqrt() : loss, weight: 8)
    }
    #expect(try trainer.advance().isMade)
    let before = model.stateDictionary()
    let error = #expect(throws: TrainingError.self) { try trainer.advance() }
    #expect(error?.description.contains("step 2: a gradient is not finite, first of '0.weight': ") == true)
    #expect(before.keys.allSatisfy { sameTensor(before[$0]!, model.stateDictionary()[$0]!) })
  }

  @Test("checkpoints of steps that were given up go, and are written anew")
  func abandoned() throws {
    let task = SmallTask()
    func run(_ folder: String, _ indices: [Int], _ callbacks: [any TrainingCallback]) throws -> Sequential {
      let model = SmallTask.model()
      try Trainer(
        model, Dataset(indices),
        arguments: quietArguments {
          $0.epochs = 1
          $0.schedule = .constant
          $0.spikes = SpikeResponse(.rollBack, snapshotInterval: 100)
          $0.checkpoints = CheckpointSettings(folder, layout: .series(keeping: 10), moment: .steps(2))
          $0.checkpoints?.isAsynchronous = false
        }, callbacks: callbacks
      ) { index in
        let (inputs, targets) = SmallTask.tensors(Array(task.examples[index * 8..<index * 8 + 8]))
        let loss = model(inputs).crossEntropy(targets)
        return BatchLoss(mean: index == 6 ? (loss * 0).log() : loss, weight: 8)
      }.train()
      return model
    }
    final class Saved: TrainingCallback {
      var steps: [Int] = []
      var there: [[String]] = []
      let folder: TemporaryFolder
      init(_ folder: TemporaryFolder) { self.folder = folder }
      func saved(_ path: String, _ run: TrainingRun) { steps.append(run.progress.step) }
      func spiked(_ spike: LossSpike, _ run: TrainingRun) { there.append(folder.names) }
    }
    let (folder, other) = (try TemporaryFolder(), try TemporaryFolder())
    let saved = Saved(folder)
    // Batch 6 follows the checkpoint of step 6, which no step has shown to be good: so training goes back to step 4, which is
    // written again, with batch 6 behind it.
    let model = try run(folder.path, Array(0..<10), [saved])
    let plain = try run(other.path, [0, 1, 2, 3, 7, 8, 9], [])
    #expect(saved.steps == [2, 4, 6, 4, 6, 7])
    #expect(saved.there == [["step-2", "step-4"]])
    #expect(sameWeights(model, plain))
    for name in ["step-6", "step-7"] {
      let weights = try [folder, other].map { try Checkpoint.load($0.file("\(name)/model.safetensors")).tensors() }
      #expect(weights[0].keys.allSatisfy { sameTensor(weights[0][$0]!, weights[1][$0]!) }, "\(name)")
    }
  }

  @Test("right after it was resumed, a run goes back to the state that it was resumed from, as often as it must")
  func afterResuming() throws {
    let task = SmallTask()
    final class Plan: @unchecked Sendable { var poisoned: Set<Int> = [] }
    func trainer(
      _ indices: [Int], _ folder: String?, _ plan: Plan, stop: Int? = nil, _ witness: Witness = Witness()
    ) -> (model: Sequential, trainer: Trainer<Int>) {
      let model = SmallTask.model(dropout: 0.2)
      return (
        model,
        Trainer(
          model, Dataset(indices),
          arguments: quietArguments {
            $0.epochs = 1
            $0.schedule = .constant
            $0.averagingDecay = 0.9
            $0.interruptsAfterStep = stop
            $0.spikes = SpikeResponse(.rollBack, snapshotInterval: 100)
            $0.checkpoints = folder.map { CheckpointSettings($0, layout: .series(keeping: 10), moment: .steps(4)) }
          }, callbacks: [witness]
        ) { index in
          let (inputs, targets) = SmallTask.tensors(Array(task.examples[index * 8..<index * 8 + 8]))
          let loss = model(inputs).crossEntropy(targets)
          return BatchLoss(mean: plan.poisoned.contains(index) ? (loss * 0).log() : loss, weight: 8)
        }
      )
    }
    let all = Array(0..<12)
    // The checkpoint of step 4, then three batches in a row that are no good, then one good and one not.
    let (folder, plan, witness) = (try TemporaryFolder(), Plan(), Witness())
    try trainer(all, folder.path, plan, stop: 4).trainer.train()
    plan.poisoned = [4, 5, 6, 8]
    let (model, resumed) = trainer(all, folder.path, plan, witness)
    #expect(try resumed.resume())
    try resumed.train()
    #expect(witness.spikes.map(\.rolledBackTo) == [4, 4, 4, 4])
    #expect(resumed.progress.step == 4 + 3 && resumed.progress.spikes == 4)
    let (plain, other) = trainer([0, 1, 2, 3, 9, 10, 11], nil, Plan())
    try other.train()
    #expect(sameWeights(model, plain))

    // A trainer that has been further than what it is resumed from knows of nothing later.
    let (again, same) = (try TemporaryFolder(), Plan())
    let (used, second) = trainer(all, again.path, same, stop: 7)
    try second.train()
    try second.resume(from: again.file("step-4"))
    same.poisoned = [4, 5]
    second.arguments.interruptsAfterStep = nil
    try second.train()
    let (fresh, third) = trainer([0, 1, 2, 3] + Array(6..<12), nil, Plan())
    try third.train()
    #expect(sameWeights(used, fresh))
  }

  @Test("after too many, training fails whatever was asked for")
  func limit() throws {
    let weight = Parameter(Tensor([1.0]))
    final class Single: Module {
      let weight: Parameter
      init(_ weight: Parameter) { self.weight = weight }
    }
    let witness = Witness()
    let trainer = Trainer(
      Single(weight), Dataset(Array(0..<9)),
      arguments: quietArguments { $0.spikes = SpikeResponse(.skip, limit: 3) }, callbacks: [witness]
    ) { index in
      let loss = weight.tensor.square().sum()
      return BatchLoss(mean: index < 2 ? loss : (loss * 0).log(), weight: 1)
    }
    #expect(throws: TrainingError.self) { try trainer.train() }
    #expect(trainer.progress.step == 2 && witness.spikes.map(\.action) == [.skip, .skip, .skip, .fail])
  }

  private func sameTensor(_ a: Tensor, _ b: Tensor) -> Bool { a.array(of: Float.self) == b.array(of: Float.self) }
}
