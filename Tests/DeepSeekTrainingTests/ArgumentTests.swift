import DeepSeekCheckpoints
import DeepSeekData
import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import DeepSeekTraining
import Foundation
import TestSupport
import Testing

@Suite("Every training argument does what it says")
struct ArgumentTests {
  private let task = SmallTask()

  /// Notes what happens in a run.
  private final class Witness: TrainingCallback {
    var rates: [Double] = []
    var evaluations: [Int] = []
    var saved: [Int] = []
    var weights: [Int: StateDictionary] = [:]
    func stepEnds(_ report: StepReport, _ run: TrainingRun) {
      rates.append(report.learningRate)
      weights[report.step] = run.model.stateDictionary()
    }
    func evaluated(_ scores: [String: Double], _ run: TrainingRun) { evaluations.append(run.progress.step) }
    func saved(_ path: String, _ run: TrainingRun) { saved.append(run.progress.step) }
  }

  private func run(
    evaluation: Evaluation<[SmallTask.Example]>? = nil, dropout: Double = 0,
    _ change: (inout TrainingArguments) -> Void
  ) throws -> (model: Sequential, witness: Witness, trainer: Trainer<[SmallTask.Example]>) {
    let model = SmallTask.model(dropout: dropout)
    let witness = Witness()
    let trainer = Trainer(
      model, task.batches(16), objective: SmallTask.objective(model), evaluation: evaluation,
      arguments: quietArguments {
        $0.epochs = 2
        change(&$0)
      }, callbacks: [witness])
    try trainer.train()
    return (model, witness, trainer)
  }

  /// Whether a run of 12 steps, the first 3 of them its warm-up, has the highest rate times `factor` in each.
  private func check(_ course: LearningRateCourse, _ factor: (Int) -> Double) throws {
    for warmup in [Warmup.steps(3), .ratio(0.25)] {
      let (_, witness, _) = try run {
        $0.schedule = course
        $0.warmup = warmup
      }
      #expect(witness.rates.count == 12)
      for (step, rate) in witness.rates.enumerated() {
        #expect(abs(rate - 1e-2 * factor(step)) < 1e-12, "\(course), \(warmup), step \(step)")
      }
    }
  }

  @Test("the learning rate takes every course, behind every warm-up")
  func courses() throws {
    func rising(_ step: Int, then fall: (Double) -> Double) -> Double {
      step < 3 ? Double(step) / 3 : fall(Double(step - 3) / 9)
    }
    try check(.constant) { rising($0) { _ in 1 } }
    try check(.linear) { rising($0) { 1 - $0 } }
    try check(.polynomial(power: 2, floor: 0.1)) { rising($0) { 0.1 + 0.9 * (1 - $0) * (1 - $0) } }
    try check(.cosine(floor: 0.2)) { Schedule.cosine(warmupSteps: 3, totalSteps: 12, floor: 0.2)($0) }
    try check(.inverseSquareRoot) { Schedule.inverseSquareRoot(warmupSteps: 3)($0) }
    try check(.custom { warmup, total in .exponential(factor: Double(warmup) / Double(total)) }) {
      Schedule.exponential(factor: 0.25)($0)
    }
  }

  private struct Courses: Decodable {
    let total: Int
    let warmups: [String: [String: [Double]]]
    let ratios: [[Double]]
  }

  @Test("courses and warm-ups are those of transformers' schedulers")
  func namedCourses() throws {
    let url = Bundle.module.bundleURL.appendingPathComponent("Fixtures/courses.json")
    let stored = try JSONDecoder().decode(Courses.self, from: Data(contentsOf: url))
    let courses: [String: LearningRateCourse] = [
      "constant_with_warmup": .constant, "linear": .linear, "cosine": .cosine(), "inverse_sqrt": .inverseSquareRoot,
      "cosine_with_restarts": .cosineWithRestarts(cycles: 3), "polynomial": .polynomial(power: 2, floor: 0.1),
      "cosine_with_min_lr": .cosine(floor: 0.2), "warmup_stable_decay": .warmupStableDecay(decaySteps: 8, floor: 0.0),
    ]
    for (warmup, expected) in stored.warmups {
      #expect(Set(expected.keys) == Set(courses.keys))
      for (name, factors) in expected {
        let schedule = try #require(courses[name]).schedule(
          warmupSteps: try #require(Int(warmup)), totalSteps: stored.total)
        for (step, factor) in factors.enumerated() {
          #expect(abs(schedule(step) - factor) < 1e-12, "\(name) after \(warmup) steps: step \(step)")
        }
      }
    }
    for ratio in stored.ratios {
      #expect(Warmup.ratio(ratio[0]).steps(of: Int(ratio[1])) == Int(ratio[2]), "\(ratio)")
    }
  }

  @Test("an argument that is out of its range or would do nothing is refused by name")
  func refused() throws {
    func message(
      evaluation: Evaluation<[SmallTask.Example]>? = nil, _ change: (inout TrainingArguments) -> Void
    ) -> String {
      let model = SmallTask.model()
      let trainer = Trainer(
        model, task.batches(16), objective: SmallTask.objective(model), evaluation: evaluation,
        arguments: quietArguments(change))
      do {
        try trainer.advance()
        return ""
      } catch { return "\(error)" }
    }
    #expect(message { _ in } == "")
    let cases: [(String, (inout TrainingArguments) -> Void)] = [
      ("epochs", { $0.epochs = 0 }), ("maximumSteps", { $0.maximumSteps = 0 }),
      ("learningRate", { $0.learningRate = .nan }), ("weightDecay", { $0.weightDecay = -1 }),
      ("warmup", { $0.warmup = .ratio(1.5) }), ("schedule", { $0.schedule = .cosineWithRestarts(cycles: 0) }),
      ("clippingNorm", { $0.clippingNorm = 0 }), ("labelSmoothing", { $0.labelSmoothing = 1 }),
      ("averagingDecay", { $0.averagingDecay = 1 }), ("accumulation", { $0.accumulation = .batches(0) }),
      ("evaluation", { $0.evaluation = .steps(0) }),
      ("earlyStopping", { $0.earlyStopping = EarlyStopping(patience: 0) }),
      ("earlyStopping", { $0.earlyStopping = EarlyStopping() }), ("keepsBest", { $0.keepsBest = true }),
      ("checkpoints", { $0.checkpoints = CheckpointSettings("/nowhere", layout: .series(keeping: 0)) }),
      ("logging.interval", { $0.logging.interval = 0 }), ("spikes", { $0.spikes.snapshotInterval = 0 }),
      ("interruptsAfterStep", { $0.interruptsAfterStep = -1 }),
    ]
    for (name, change) in cases {
      #expect(message(change).hasPrefix("TrainingArguments.\(name) must be "), "\(name): \(message(change))")
    }
    let judged = Evaluation(task.batches(16))
    #expect(message(evaluation: judged) { $0.keepsBest = true }.hasPrefix("TrainingArguments.keepsBest"))
    #expect(
      message(evaluation: judged) {
        $0.keepsBest = true
        $0.evaluation = .epochs
      } == "")
  }

  @Test("weights that are exempt have no decay")
  func exempt() throws {
    let (model, _, _) = try run {
      $0.weightDecay = 0.5
      $0.schedule = .constant
      $0.isExemptFromDecay = { $0 == "0.weight" }
    }
    let other = SmallTask.model()
    let names = ["0.weight", "0.bias", "3.bias"]
    let all = other.namedParameters()
    let optimizer = Optimizer([
      ParameterGroup(all.filter { !names.contains($0.name) }, AdamW(learningRate: 1e-2, weightDecay: 0.5)),
      ParameterGroup(all.filter { names.contains($0.name) }, AdamW(learningRate: 1e-2, weightDecay: 0)),
    ])
    for epoch in 0..<2 {
      try task.batches(16).forEach(epoch: epoch) { batch in
        let (inputs, targets) = SmallTask.tensors(batch)
        other(inputs).crossEntropy(targets).backward()
        optimizer.step(clippingNorm: 1)
        optimizer.zeroGradients()
      }
    }
    #expect(all.count == 4 && largestDifference(model, other) < 1e-7)
  }

  @Test("a gradient is shortened to the norm, or not at all")
  func clipping() throws {
    func distance(_ norm: Double?) throws -> Double {
      let before = SmallTask.model().stateDictionary()
      let (_, witness, _) = try run {
        $0.rule = SGD(learningRate: 1)
        $0.schedule = .constant
        $0.maximumSteps = 1
        $0.clippingNorm = norm
      }
      let after = try #require(witness.weights[1])
      return before.keys.reduce(0.0) { sum, key in
        let change = after[key]! - before[key]!
        return sum + change.square().sum().item(as: Double.self)
      }.squareRoot()
    }
    #expect(abs(try distance(1e-3) - 1e-3) < 1e-6)
    let free = try distance(nil)
    #expect(free > 0.1)
    #expect(abs(try distance(1e6) - free) < 1e-6)
  }

  @Test("evaluations come after so many steps, and a change that is too small is none")
  func evaluations() throws {
    var scores = [1.0, 0.95, 0.5, 0.49, 0.48, 0.47]
    let (_, witness, trainer) = try run(evaluation: Evaluation { ["loss": scores.removeFirst()] }) {
      $0.evaluation = .steps(2)
      $0.earlyStopping = EarlyStopping(patience: 2, minimumChange: 0.1)
    }
    #expect(witness.evaluations == [2, 4, 6, 8, 10])
    // What is too small to go on for is the best all the same.
    #expect(trainer.progress.bestScore == 0.48 && trainer.progress.bestStep == 10 && trainer.progress.step == 10)
  }

  @Test("the best weights stay when no checkpoints hold them")
  func bestInMemory() throws {
    for isLargerBetter in [true, false] {
      var scores = [0.2, 0.9, 0.1, 0.3, 0.4, 0.5]
      let (model, witness, trainer) = try run(evaluation: Evaluation { ["score": scores.removeFirst()] }) {
        $0.evaluation = .steps(2)
        $0.bestBy = BestScore("score", isLargerBetter: isLargerBetter)
        $0.keepsBest = true
      }
      #expect(trainer.progress.step == 12)
      let best = try #require(witness.weights[isLargerBetter ? 4 : 6])
      let kept = model.stateDictionary()
      #expect(kept.keys.allSatisfy { sameBits(kept[$0]!, best[$0]!) })
    }
  }

  @Test("checkpoints come after so many steps, epochs or minutes, written beside the training or not")
  func checkpoints() throws {
    let moments: [(TrainingMoment, Double?, [Int])] = [
      (.never, nil, [12]), (.epochs, nil, [6, 12]), (.steps(5), nil, [5, 10, 12]), (.never, 0, Array(1...12)),
    ]
    for (moment, minutes, expected) in moments {
      for isAsynchronous in [true, false] {
        let folder = try TemporaryFolder()
        let (model, witness, _) = try run {
          var settings = CheckpointSettings(
            folder.file("run"), layout: .series(keeping: 2), moment: moment, minutes: minutes)
          settings.isAsynchronous = isAsynchronous
          $0.checkpoints = settings
        }
        #expect(witness.saved == expected, "\(moment)")
        let series = try CheckpointSeries(folder.file("run")).checkpoints()
        #expect(series.map(\.step) == Array(expected.suffix(2)))
        let saved = try Checkpoint.load(folder.file("run/step-12/model.safetensors")).tensors()
        #expect(sameBits(saved["0.weight"]!, model.parameters()[0].value))
      }
    }
  }

  @Test("randomness follows from the seed")
  func seed() throws {
    let first = try run(dropout: 0.5) { $0.seed = 1 }.model
    #expect(sameWeights(first, try run(dropout: 0.5) { $0.seed = 1 }.model))
    #expect(!sameWeights(first, try run(dropout: 0.5) { $0.seed = 2 }.model))
  }

  @Test("what is changed before the first step counts")
  func changed() throws {
    let model = SmallTask.model()
    let trainer = Trainer(
      model, task.batches(16), objective: SmallTask.objective(model), arguments: quietArguments())
    trainer.arguments.precision = .float16
    trainer.arguments.averagingDecay = 0.5
    trainer.arguments.spikes = SpikeResponse(
      .skip, guardian: LossGuard(factor: 1.000001, window: 1, minimum: 1), limit: 100)
    trainer.arguments.epochs = 3
    let outcome = try trainer.train()
    #expect(trainer.run.average?.decay == 0.5)
    // A loss above the one before is a spike here, and there always is one.
    #expect(outcome.progress.spikes > 0)
    let other = SmallTask.model()
    let half = Trainer(
      other, task.batches(16), objective: SmallTask.objective(other), arguments: quietArguments())
    half.arguments.precision = .float16
    #expect(try half.advance().lossScale == 65536)
  }

  @Test("a rule with other settings is refused on resuming")
  func rules() throws {
    let folder = try TemporaryFolder()
    func trainer(_ beta: Double) -> Trainer<[SmallTask.Example]> {
      let model = SmallTask.model()
      return Trainer(
        model, task.batches(16), objective: SmallTask.objective(model),
        arguments: quietArguments {
          $0.rule = AdamW(learningRate: 1e-2, betas: (beta, 0.999))
          $0.checkpoints = CheckpointSettings(folder.path)
        })
    }
    try trainer(0.8).train()
    #expect(try trainer(0.8).resume())
    let error = #expect(throws: TrainingError.self) { try trainer(0.9).resume() }
    #expect(error?.description.contains("'rule_settings'") == true)
  }
}
