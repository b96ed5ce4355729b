import DeepSeekCheckpoints
import DeepSeekData
import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekOperators
import DeepSeekRecords
import DeepSeekTensor
import DeepSeekTraining
import Foundation
import TestSupport
import Testing

@Suite("Trainer")
struct TrainerTests {
  private let task = SmallTask()

  @Test("the loop is the one written by hand")
  func byHand() throws {
    let model = SmallTask.model()
    let trainer = Trainer(
      model, task.batches(8), objective: SmallTask.objective(model),
      arguments: quietArguments {
        $0.epochs = 2
        $0.warmup = .steps(4)
        $0.weightDecay = 0.1
      })
    try trainer.finetune(epochs: 2)

    let other = SmallTask.model()
    let optimizer = Optimizer(
      ParameterGroup.withDecayOnMatrices(other, AdamW(learningRate: 1e-2, weightDecay: 0.1)),
      schedule: .linear(warmupSteps: 4, totalSteps: 24))
    for epoch in 0..<2 {
      try task.batches(8).forEach(epoch: epoch) { batch in
        let (inputs, targets) = SmallTask.tensors(batch)
        other(inputs).crossEntropy(targets).backward()
        optimizer.step(clippingNorm: 1)
        optimizer.zeroGradients()
      }
    }
    #expect(largestDifference(model, other) < 1e-7)
    #expect(trainer.progress.step == 24)
  }

  @Test("a loss of one's own, steps in place of epochs")
  func ownLoss() throws {
    let weight = Parameter(Tensor([4.0]))
    final class Single: Module {
      let weight: Parameter
      init(_ weight: Parameter) { self.weight = weight }
    }
    let trainer = Trainer(
      Single(weight), Dataset([1.0, 1.0, 1.0]),
      arguments: quietArguments(learningRate: 0.2) {
        $0.maximumSteps = 100
        $0.weightDecay = 0
      }
    ) { target in
      BatchLoss(mean: (weight.tensor - target).square().mean(), weight: 1)
    }
    try trainer.train()
    #expect(trainer.progress.step == 100)
    #expect(abs(weight.value.item(as: Double.self) - 1) < 0.05)
  }

  @Test("label smoothing is that of the loss")
  func smoothing() throws {
    let model = SmallTask.model()
    let batch = Array(task.examples[..<16])
    let (inputs, targets) = SmallTask.tensors(batch)
    let expected = noGradient { model(inputs).crossEntropy(targets, labelSmoothing: 0.1) }.item(as: Double.self)
    let trainer = Trainer(
      model, Dataset([batch]), objective: SmallTask.objective(model),
      arguments: quietArguments { $0.labelSmoothing = 0.1 })
    #expect(try trainer.advance().loss == expected)
  }

  @Test("training ends early when evaluations get no better")
  func earlyStopping() throws {
    var scores = [3.0, 2, 2.5, 2.4, 1]
    let model = SmallTask.model()
    let trainer = Trainer(
      model, task.batches(32), objective: SmallTask.objective(model),
      evaluation: Evaluation { ["loss": scores.removeFirst()] },
      arguments: quietArguments {
        $0.epochs = 5
        $0.evaluation = .epochs
        $0.earlyStopping = EarlyStopping(patience: 2)
      })
    let outcome = try trainer.train()
    #expect(outcome.progress.epoch == 4)
    #expect(outcome.progress.bestScore == 2)
    #expect(outcome.isFinished)
  }

  @Test("the average of the weights is what is evaluated and what remains")
  func average() throws {
    let model = SmallTask.model()
    let trainer = Trainer(
      model, task.batches(16), objective: SmallTask.objective(model), evaluation: Evaluation(task.batches(32)),
      arguments: quietArguments {
        $0.epochs = 3
        $0.averagingDecay = 0.8
        $0.evaluation = .epochs
      })
    var mean = model.parameters()[0].value
    final class Average: TrainingCallback {
      let step: (TrainingRun) -> Void
      init(_ step: @escaping (TrainingRun) -> Void) { self.step = step }
      func stepEnds(_ report: StepReport, _ run: TrainingRun) { step(run) }
    }
    trainer.callbacks.append(
      Average { _ in mean = mean * 0.8 + model.parameters()[0].value * 0.2 })
    let outcome = try trainer.train()
    #expect((mean - model.parameters()[0].value).abs().max().item(as: Double.self) < 1e-6)
    #expect(try trainer.evaluate()["loss"]! > 0)
    #expect(outcome.scores?.keys.sorted() == ["accuracy", "loss"])
  }

  @Test("what the model says of batches is what it says by hand, and changes nothing of the run")
  func prediction() throws {
    let model = SmallTask.model(dropout: 0.5)
    let trainer = Trainer(
      model, task.batches(16), objective: SmallTask.objective(model),
      evaluation: Evaluation(task.batches(sizes: [40, 9])),
      arguments: quietArguments { $0.labelSmoothing = 0.1 })
    try trainer.train()
    let before = trainer.progress
    let prediction = try trainer.predict(task.batches(sizes: [40, 9]))
    model.eval()
    let (inputs, targets) = SmallTask.tensors(Array(task.examples.prefix(49)))
    let logits = noGradient { model(inputs) }
    #expect(prediction.logits.map(\.shape) == [[40, 4], [9, 4]])
    #expect(largestDifference(Tensor.concatenate(prediction.logits, axis: 0), logits) < 1e-6)
    #expect(
      prediction.classes.flatMap { $0.array(of: Int64.self) } == logits.argmax(axis: -1).array(of: Int64.self))
    #expect(prediction.targets.flatMap { $0.array(of: Int64.self) } == targets.array(of: Int64.self))
    #expect(abs(prediction.scores["loss"]! - logits.crossEntropy(targets).item(as: Double.self)) < 1e-6)
    #expect(trainer.progress == before)
    #expect(try trainer.evaluate() == prediction.scores)
    #expect(try trainer.predict(task.batches(sizes: [])).scores["accuracy"]!.isNaN)

    let own = Trainer(model, task.batches(16), arguments: quietArguments()) { batch in
      BatchLoss(mean: model(SmallTask.tensors(batch).inputs).square().mean(), weight: batch.count)
    }
    #expect(throws: TrainingError.self) { try own.predict(task.batches(16)) }
  }

  @Test("callbacks may stop, and ask for evaluations and checkpoints")
  func requests() throws {
    final class Asking: TrainingCallback {
      var evaluated = 0
      var saved: [String] = []
      func stepEnds(_ report: StepReport, _ run: TrainingRun) {
        if report.step == 2 { run.requestEvaluation() }
        if report.step == 3 { run.requestCheckpoint() }
        if report.step == 5 { run.stop() }
      }
      func evaluated(_ scores: [String: Double], _ run: TrainingRun) { evaluated += 1 }
      func saved(_ path: String, _ run: TrainingRun) { saved.append(path) }
    }
    let folder = try TemporaryFolder()
    let asking = Asking()
    let model = SmallTask.model()
    let trainer = Trainer(
      model, task.batches(8), objective: SmallTask.objective(model), evaluation: Evaluation(task.batches(32)),
      arguments: quietArguments { $0.checkpoints = CheckpointSettings(folder.path, moment: .never) },
      callbacks: [asking])
    try trainer.train()
    #expect(trainer.progress.step == 5)
    #expect(asking.evaluated == 1)
    #expect(asking.saved == [folder.file("step-3"), folder.file("step-5")])
  }

  @Test("the course is written as JSON lines, for TensorBoard and as a page")
  func logs() throws {
    let folder = try TemporaryFolder()
    let model = SmallTask.model()
    let trainer = Trainer(
      model, task.batches(8), objective: SmallTask.objective(model), evaluation: Evaluation(task.batches(32)),
      arguments: quietArguments {
        $0.epochs = 2
        $0.evaluation = .epochs
        $0.logging.interval = 4
        $0.logging.jsonLines = folder.file("log.jsonl")
        $0.logging.tensorBoard = folder.file("events")
        $0.logging.report = folder.file("report.html")
      })
    try trainer.train()
    let lines = try MappedFile(path: folder.file("log.jsonl")).withBytes { String(decoding: $0, as: UTF8.self) }
      .split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    let epoch = ["log", "log", "log", "evaluation"]
    #expect(lines.compactMap { $0["event"]?.string } == ["begin"] + epoch + epoch)
    #expect(lines[1]["step"]?.integer == 4)
    #expect(lines[3]["epoch"]?.double == 1)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("events"))
    let events = try EventFileReader(folder.file("events/\(try #require(names.first))")).readAll()
    let tags = Set(events.flatMap(\.summaries).map(\.tag))
    #expect(tags.isSuperset(of: ["train/loss", "train/learning_rate", "eval/accuracy", "eval/loss"]))
    let page = try MappedFile(path: folder.file("report.html")).withBytes { String(decoding: $0, as: UTF8.self) }
    for part in ["<h2>loss</h2>", "<h2>evaluation accuracy</h2>", "<polyline", "</html>"] {
      #expect(page.contains(part))
    }
    // A point for each entry, the first as far to the left and the last as far to the right as there is room.
    let curve = try #require(page.split(separator: "points=\"").dropFirst().first?.split(separator: "\"").first)
    let points = curve.split(separator: " ").map { $0.split(separator: ",").compactMap { Double($0) } }
    #expect(points.count == 6 && points.allSatisfy { $0.count == 2 })
    #expect(points.first?.first == 70 && points.last?.first == 808)
    #expect(page.components(separatedBy: "<svg").count == page.components(separatedBy: "</svg>").count)
    #expect(!page.contains("http"))
  }
}
