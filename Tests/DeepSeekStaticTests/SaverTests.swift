import DeepSeekCheckpoints
import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekRecords
import DeepSeekStatic
import DeepSeekTensor
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite("Saver")
struct SaverTests {
  private func make() -> Keras.Model {
    let model = Keras.Sequential([Keras.Layers.Dense(4, activation: .tanh), Keras.Layers.Dense(1)], inputShape: [3])
    model.compile(optimizer: .adam(learningRate: 0.01), loss: .meanSquaredError)
    return model
  }

  @Test("the last n checkpoints are kept, every so many steps, and the newest is restored with its optimizer")
  func rotation() throws {
    let folder = try TemporaryFolder()
    let saver = Saver(folder.file("run"), keeping: 3, every: 2)
    #expect(try saver.checkpoints().isEmpty)
    let model = make()
    #expect(try saver.restoreLatest(into: model) == nil)
    let (x, y) = (pattern([48, 3]), pattern([48, 1], 2))
    try model.fit(x, y, batchSize: 4, epochs: 1, seed: 1, callbacks: [Keras.ModelCheckpoint(saver)])
    #expect(try saver.checkpoints().map(\.step) == [8, 10, 12])
    // Other things in the folder are left alone.
    #expect(FileManager.default.createFile(atPath: folder.file("run/notes.txt"), contents: Data()))

    let restored = make()
    let state = try saver.restoreLatest(into: restored, restored.optimizer)
    #expect(state?.step == 12)
    for (left, right) in zip(model.parameters(), restored.parameters()) { #expect(sameBits(left.value, right.value)) }
    try model.fit(x, y, batchSize: 8, epochs: 2, seed: 5)
    try restored.fit(x, y, batchSize: 8, epochs: 2, seed: 5)
    for (left, right) in zip(model.parameters(), restored.parameters()) {
      #expect(sameBits(left.value, right.value), "training goes on exactly there, moments and all")
    }
    try saver.save(model, model.optimizer, step: 13)
    #expect(try saver.checkpoints().map(\.step) == [10, 12, 13])
    #expect(FileManager.default.fileExists(atPath: folder.file("run/notes.txt")))
  }

  @Test("a graph's variables are saved under their names and put back")
  func graphVariables() throws {
    let folder = try TemporaryFolder()
    let graph = StaticGraph()
    let (a, b) = graph.nameScope("layer") {
      (graph.variable("a", Tensor([1.0, 2.0])), graph.variable("a", Tensor([3.0]), isTrainable: false))
    }
    #expect(graph.stateDictionary().keys == ["layer/a", "layer/a_1"])
    let saver = Saver(folder.file("run"))
    try saver.save(graph, step: 1)
    try Session(graph).run(StaticOperation.group([a.assign(Tensor([0.0, 0.0])), b.assign(Tensor([0.0]))]))
    try saver.restoreLatest(into: graph)
    #expect(numbers(a.value) == [1, 2] && numbers(b.value) == [3])
  }

  @Test("a damaged checkpoint is an error that names the file, and changes nothing")
  func damage() throws {
    let folder = try TemporaryFolder()
    let saver = Saver(folder.path)
    let model = make()
    let entry = try saver.save(model, step: 1)
    let path = entry.path + "/model.safetensors"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    let before = model.stateDictionary()
    let error = #expect(throws: CheckpointError.self) { try saver.restoreLatest(into: model) }
    #expect(error.map { "\($0)".contains("model.safetensors") } == true)
    for (key, tensor) in before { #expect(sameBits(model.stateDictionary()[key]!, tensor)) }
  }

  @Test("a loss that leaps is a spike, one that drifts is none")
  func lossGuard() {
    var guardian = LossGuard(factor: 3, window: 5, minimum: 3)
    let losses = [9, 1, 1.1, 1.5, 2, 2.5, 3, 3.5, 4, 11, .nan, .infinity, 4]
    let spikes = losses.map { guardian.isSpike($0) }
    #expect(spikes.firstIndex(of: true) == 9)
    #expect(spikes.suffix(4) == [true, true, true, false])
    guardian.reset()
    let first = guardian.isSpike(100)
    #expect(!first)
  }

  @Test("a spike in the loss puts the last good weights and moments back")
  func rollback() throws {
    let folder = try TemporaryFolder()
    let model = make()
    let saver = Saver(folder.path, keeping: 2)
    let rollback = Keras.SpikeRollback(saver, LossGuard(factor: 20, minimum: 4))
    let (x, y) = (pattern([64, 3]), pattern([64, 1], 2))
    // The seventh batch of eight is far off.
    let spoiled = Tensor.concatenate([y.sliced(0, 0..<48), y.sliced(0, 48..<56) + 1e4, y.sliced(0, 56..<64)], axis: 0)
    let steps = Mutex<[Int]>([])
    let seen = StepRecorder { step, model in
      steps.withLock { $0.append(step) }
      guard step == 7 else { return }
      let good = make()
      let latest = try saver.checkpoints().last!
      #expect(latest.step == 6)
      try saver.restore(latest, into: good)
      for (left, right) in zip(model.parameters(), good.parameters()) { #expect(sameBits(left.value, right.value)) }
    }
    try model.fit(x, spoiled, batchSize: 8, epochs: 1, shuffle: false, callbacks: [rollback, seen])
    #expect(rollback.rollbackCount == 1)
    #expect(steps.withLock { $0 } == Array(1...8))
  }
}

/// Calls a function after each step.
private struct StepRecorder: Keras.Callback {
  let body: @Sendable (Int, Keras.Model) throws -> Void

  init(_ body: @escaping @Sendable (Int, Keras.Model) throws -> Void) { self.body = body }

  func stepEnds(_ step: Int, _ logs: [String: Double], _ model: Keras.Model) throws { try body(step, model) }
}

@Suite("Summaries")
struct SummaryTests {
  @Test("summaries are fetched in the same run and go to the sink with their step")
  func summaries() throws {
    let graph = StaticGraph()
    let x = graph.placeholder("x", [nil])
    let sum = x.sum()
    let written = Mutex<[String]>([])
    let sink = SummaryFunction { tag, value, step in written.withLock { $0.append("\(tag) \(step) \(value)") } }
    let results = try Session(graph).run(
      [sum], feeds: [x: Tensor([1.0, 2.0])], summaries: [.scalar("sum", sum), .histogram("x", x)], to: sink, step: 3)
    #expect(results.map(numbers) == [[3]])
    let lines = written.withLock { $0 }
    #expect(lines[0] == "sum 3 scalar(3.0)")
    #expect(lines[1].hasPrefix("x 3 histogram("))
  }

  @Test("an event file takes summaries, and gives them back")
  func eventFile() throws {
    let graph = StaticGraph()
    let x = graph.placeholder("x", [nil])
    let folder = try TemporaryFolder()
    let writer = try EventFileWriter(folder.path)
    _ = try Session(graph).run(
      [x.sum()], feeds: [x: Tensor([1.0, 2.0, Double.nan])],
      summaries: [.scalar("mean", x.maximum(Tensor(1.0))), .histogram("x", x)], to: writer, step: 7)
    try writer.close()
    let events = try EventFileReader(writer.path).readAll().filter { !$0.summaries.isEmpty }
    #expect(events.map(\.step) == [7, 7])
    #expect(events.flatMap { $0.summaries.map(\.tag) } == ["mean", "x"])
    #expect(events[1].summaries[0].content == .histogram(Histogram([1, 2])))
  }
}
