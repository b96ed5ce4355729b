import DeepSeekCheckpoints
import DeepSeekData
import DeepSeekDynamic
import DeepSeekHeterogeneous
import DeepSeekModels
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor
import DeepSeekTraining
import Foundation

/// How long a training that was killed takes to make its next step: a process of its own trains an encoder of 22 million
/// weights with checkpoints, is sent SIGKILL, and is started again.
///
/// 1.x builds the step as a graph and keeps checkpoints with a `Saver`, 2.x has the `Trainer` do all, 3.x compiles the step
/// and keeps checkpoints as 1.x does.
struct RecoveryBenchmark {
  /// What trains.
  var layer = FrameworkLayer.dynamic
  /// How many times it is killed.
  let rounds: Int

  private static let checkpointInterval = 4
  /// Steps after which the first process is killed at the earliest.
  private static let stepsBeforeKill = 6

  func run(_ progress: inout BenchmarkProgress) throws -> [BenchmarkResult] {
    var samples: [Double] = []
    for round in 0..<rounds {
      progress.step(round, of: rounds, "\(layer.rawValue): training, SIGKILL, first new step")
      samples.append(try measure())
    }
    progress.step(rounds, of: rounds, "done")
    return [
      BenchmarkResult(
        task: "recovery", version: layer.rawValue, metric: "time_to_first_step", value: samples.median,
        unit: "s", samples: samples)
    ]
  }

  private func measure() throws -> Double {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("deepseek-recovery-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let first = try Worker(folder.path, layer)
    // Checkpoints are written in the background: until one is whole there is nothing to recover.
    while let step = try first.nextStep() {
      if step >= RecoveryBenchmark.stepsBeforeKill && RecoveryBenchmark.hasCheckpoint(folder.path) { break }
    }
    first.kill()
    let start = ContinuousClock.now
    let second = try Worker(folder.path, layer)
    guard let step = try second.nextStep() else {
      throw CommandError("the training that was started again made no step")
    }
    let elapsed = ContinuousClock.now - start
    second.kill()
    guard step > RecoveryBenchmark.checkpointInterval else {
      throw CommandError("the training began anew at step \(step) instead of going on from its checkpoint")
    }
    return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
  }

  private static func hasCheckpoint(_ folder: String) -> Bool {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.contains { CheckpointFolder.isPresent(at: "\(folder)/\($0)") }
  }

  /// The process that trains.
  private final class Worker {
    private let process = Process()
    private let output = Pipe()
    private var pending = Data()

    init(_ folder: String, _ layer: FrameworkLayer) throws {
      process.executableURL = Bundle.main.executableURL
      process.arguments = [
        "benchmark", "--task", "recovery", "--version", layer.rawValue, "--recovery-folder", folder,
      ]
      process.standardOutput = output
      try process.run()
    }

    /// The number of the next step that it says; `nil` when it has ended.
    func nextStep() throws -> Int? {
      while true {
        if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
          let line = String(decoding: pending[..<end], as: UTF8.self)
          pending.removeSubrange(...end)
          if line.hasPrefix("step "), let step = Int(line.dropFirst(5)) { return step }
          continue
        }
        let data = output.fileHandleForReading.availableData
        if data.isEmpty { return nil }
        pending += data
      }
    }

    func kill() {
      Foundation.kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }

    deinit { if process.isRunning { kill() } }
  }

  // MARK: - The process that trains

  /// Goes on from what is in the folder, and says each step.
  static func train(_ layer: FrameworkLayer, in folder: String) throws {
    var configuration = BertConfiguration()
    configuration.hiddenSize = 384
    configuration.layerCount = 6
    configuration.intermediateSize = 1536
    let encoder = RandomGenerator.withSeed(0) { BertModel(configuration, withPooler: false) }
    let vocabulary = configuration.vocabularySize
    @Sendable func batch(_ index: Int) -> Tensor {
      Tensor.randomIntegers(batchShape, 0..<vocabulary, key: RandomGenerator.key(seed: 1, stream: UInt64(index)))
    }
    if layer == .dynamic { return try train(encoder, Dataset(count: stepLimit) { batch($0) }, in: folder) }
    let optimizer = Optimizer(encoder, AdamW(learningRate: learningRate))
    let saver = Saver(folder, keeping: 2, every: checkpointInterval)
    let start = try saver.restoreLatest(into: encoder, optimizer)?.step ?? 0
    let step = try step(layer, encoder, optimizer)
    for index in start..<stepLimit {
      try step(batch(index))
      try saver.saveIfDue(encoder, optimizer, step: index + 1)
      Console.result("step \(index + 1)")
    }
  }

  private static let stepLimit = 1000
  private static let batchShape: Shape = [8, 32]
  private static let learningRate = 5e-5

  private static func loss(_ encoder: BertModel, _ ids: Tensor) -> Tensor {
    encoder(ids, attentionMask: nil, typeIDs: nil).square().mean()
  }

  /// A step as a graph that was built by hand, or compiled.
  private static func step(
    _ layer: FrameworkLayer, _ encoder: BertModel, _ optimizer: Optimizer
  ) throws -> (Tensor) throws -> Void {
    let ids = TensorSpec(.int64, batchShape)
    if layer == .heterogeneous {
      let program = try TrainingProgram(encoder, optimizer, [("ids", ids)]) { loss(encoder, $0["ids"]!) }
      return { _ = try program(["ids": $0]) }
    }
    let graph = StaticGraph()
    let input = graph.placeholder("ids", batchShape.dimensions, dtype: .int64)
    let value = graph.building { loss(encoder, input) }
    let update = optimizer.minimize(value)
    let session = Session(graph)
    return { _ = try session.run(value, updating: [update], feeds: [input: $0]) }
  }

  private static func train(_ encoder: BertModel, _ batches: Dataset<Tensor>, in folder: String) throws {
    var arguments = TrainingArguments()
    arguments.maximumSteps = stepLimit
    arguments.logging.showsProgress = false
    arguments.checkpoints = CheckpointSettings(folder, layout: .series(keeping: 2), moment: .steps(checkpointInterval))
    let trainer = Trainer(encoder, batches, arguments: arguments, callbacks: [Voice()]) { ids in
      BatchLoss(mean: loss(encoder, ids), weight: batchShape[0])
    }
    try trainer.resume()
    try trainer.train()
  }

  private final class Voice: TrainingCallback {
    func stepEnds(_ report: StepReport, _ run: TrainingRun) { Console.result("step \(report.step)") }
  }
}
