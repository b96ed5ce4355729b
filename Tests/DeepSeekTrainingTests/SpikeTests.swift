import DeepSeekData
import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import DeepSeekTraining
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
    #expect(error?.description.contains("gradient") == true)
    #expect(weight.value.item(as: Float.self) == 1)
  }

  private func sameTensor(_ a: Tensor, _ b: Tensor) -> Bool { a.array(of: Float.self) == b.array(of: Float.self) }
}
