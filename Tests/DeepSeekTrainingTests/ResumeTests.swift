import DeepSeekCheckpoints
import DeepSeekData
import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekTensor
import DeepSeekTraining
import TestSupport
import Testing

@Suite("A resumed run is the unbroken one, bit for bit")
struct ResumeTests {
  /// Remembers how many steps it saw.
  private final class Counter: TrainingCallback {
    var count = 0
    var state: JSONValue? { .integer(count) }
    func restore(_ state: JSONValue) { count = state.integer ?? -1 }
    func stepEnds(_ report: StepReport, _ run: TrainingRun) { count += 1 }
  }

  private struct Run {
    let model: Sequential
    let trainer: Trainer<[SmallTask.Example]>
    let counter: Counter
  }

  private func run(_ folder: String?, _ change: (inout TrainingArguments) -> Void) -> Run {
    let task = SmallTask()
    let model = SmallTask.model(dropout: 0.2)
    let counter = Counter()
    let trainer = Trainer(
      model, task.batches(7), objective: SmallTask.objective(model), evaluation: Evaluation(task.batches(32)),
      arguments: quietArguments {
        $0.epochs = 3
        $0.warmup = .ratio(0.1)
        $0.schedule = .cosine(floor: 0.1)
        $0.checkpoints = folder.map { CheckpointSettings($0, moment: .steps(5)) }
        change(&$0)
      }, callbacks: [counter])
    return Run(model: model, trainer: trainer, counter: counter)
  }

  private func check(_ change: (inout TrainingArguments) -> Void) throws {
    let whole = run(nil, change)
    try whole.trainer.train()
    // In mid-epoch, at an epoch's end, and once more.
    let folder = try TemporaryFolder()
    for stop in [5, 14, 23, Int.max] {
      let part = run(folder.path) {
        change(&$0)
        $0.interruptsAfterStep = stop == .max ? nil : stop
      }
      try part.trainer.resume()
      let outcome = try part.trainer.train()
      if stop == .max {
        #expect(outcome.isFinished)
        #expect(sameWeights(whole.model, part.model))
        #expect(whole.trainer.progress == part.trainer.progress)
        #expect(whole.counter.count == part.counter.count)
      }
    }
  }

  @Test("with dropout, shuffling, warm-up")
  func plain() throws { try check { _ in } }

  @Test("with an average of the weights, which is what remains")
  func averaged() throws { try check { $0.averagingDecay = 0.9 } }

  @Test("with float16 and its loss scale")
  func scaled() throws { try check { $0.precision = .float16 } }

  @Test("with gathering by the gradients' noise")
  func adaptive() throws { try check { $0.accumulation = .adaptive(maximum: 4) } }

  @Test("with gathering by weight")
  func weighted() throws { try check { $0.accumulation = .weight(20) } }

  @Test("with evaluations and the best weights kept")
  func best() throws {
    try check {
      $0.evaluation = .epochs
      $0.keepsBest = true
      $0.bestBy = BestScore("accuracy", isLargerBetter: true)
      $0.learningRate = 5e-2
    }
  }

  @Test("other settings are refused by name")
  func refused() throws {
    let folder = try TemporaryFolder()
    try run(folder.path) { $0.interruptsAfterStep = 5 }.trainer.train()
    let other = run(folder.path) { $0.seed = 1 }
    let error = #expect(throws: TrainingError.self) { try other.trainer.resume() }
    #expect(error?.description.contains("'seed'") == true)
  }

  @Test("a damaged checkpoint is refused")
  func damaged() throws {
    let folder = try TemporaryFolder()
    try run(folder.path) { $0.interruptsAfterStep = 5 }.trainer.train()
    let path = folder.file("step-5/model.safetensors")
    var bytes = try MappedFile(path: path).withBytes { Array($0) }
    bytes[bytes.count - 1] ^= 1
    try AtomicFile.write(bytes, to: path)
    #expect(throws: CheckpointError.self) { try run(folder.path) { _ in }.trainer.resume() }
  }

  @Test("the last few checkpoints and the best stay")
  func rotation() throws {
    let folder = try TemporaryFolder()
    var scores = [0.1, 0.9, 0.2, 0.3, 0.4, 0.5]
    let task = SmallTask(count: 24)
    let model = SmallTask.model()
    let trainer = Trainer(
      model, task.batches(4), objective: SmallTask.objective(model),
      evaluation: Evaluation { ["score": scores.removeFirst()] },
      arguments: quietArguments {
        $0.epochs = 6
        $0.evaluation = .epochs
        $0.bestBy = BestScore("score", isLargerBetter: true)
        $0.keepsBest = true
        $0.checkpoints = CheckpointSettings(folder.path, layout: .series(keeping: 2))
      })
    try trainer.train()
    #expect(folder.names == ["step-12", "step-30", "step-36"])
    #expect(trainer.progress.bestStep == 12)
    let best = try Checkpoint.load(folder.file("step-12/model.safetensors")).tensors()
    #expect(sameBits(best["0.weight"]!, model.parameters()[0].value))
  }

  @Test("a checkpoint that cannot be written ends the training at the next step")
  func unwritable() throws {
    let folder = try TemporaryFolder()
    let blocked = folder.file("file")
    try AtomicFile.write([1], to: blocked)
    let part = run(blocked) { _ in }
    #expect(throws: CheckpointError.self) { try part.trainer.train() }
    #expect(part.trainer.progress.step < 12)
  }
}
