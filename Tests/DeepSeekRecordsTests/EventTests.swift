import DeepSeekCheckpoints
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@testable import DeepSeekRecords

@Suite("TensorBoard's event files")
struct EventTests {
  @Test("TensorFlow 1 and 2's files read back")
  func tensorFlow() throws {
    let old = try EventFileReader(fixture("events.out.tfevents.loss")).readAll()
    #expect(old.map(\.fileVersion) == ["brain.Event:2", nil, nil, nil])
    #expect(old.dropFirst().map(\.step) == [0, 1, 2])
    #expect(old.flatMap(\.summaries) == [1, 0.5, Float(1) / 3].map { Event.Summary("loss", .scalar($0)) })

    let second = try EventFileReader(fixture("events.out.tfevents.tensorflow2")).readAll()
    #expect(
      second.flatMap(\.summaries) == [1, 0.5, Float(1) / 3].map { Event.Summary("loss", .scalar($0)) } + [
        Event.Summary("note", .text(["read **me**"]))
      ])
    let first = try EventFileReader(fixture("events.out.tfevents.tensorflow1")).readAll()
    let histogram = Histogram(
      minimum: -1, maximum: 3, count: 4, sum: 2.5, sumOfSquares: 11.25, limits: [0, 2, 4], buckets: [1, 2, 1])
    #expect(
      first.flatMap(\.summaries) == [
        Event.Summary("weights", .histogram(histogram)), Event.Summary("loss", .scalar(0.25)),
      ])
  }

  @Test("what is noted reads back, and only what was flushed is in the file")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let writer = try EventFileWriter(folder.file("logs/run"), suffix: ".v2", interval: .seconds(3600))
    #expect(writer.path.contains("/events.out.tfevents.") && writer.path.hasSuffix(".v2"))
    func events() throws -> [Event] { try EventFileReader(writer.path).readAll() }
    #expect(try events().count == 1)
    try writer.scalar("loss", 0.5, step: 1)
    #expect(try events().count == 1)
    try writer.flush()
    #expect(try events().last?.summaries == [Event.Summary("loss", .scalar(0.5))])
    for step in 0..<EventFileWriter.queueLimit { try writer.scalar("loss", Double(step), step: step) }
    #expect(try events().count == 2 + EventFileWriter.queueLimit)
    try writer.text("note", "hello", step: -3)
    try writer.graph([1, 2, 3])
    try writer.close()
    let last = try events().suffix(2)
    #expect(last.first?.step == -3 && last.first?.summaries == [Event.Summary("note", .text(["hello"]))])
    #expect(last.last?.graph == [1, 2, 3])
    let age = try Date().timeIntervalSince1970 - #require(last.last).wallTime
    #expect((0..<60).contains(age))
  }

  @Test("two writers in one folder have files of their own")
  func twoWriters() throws {
    let folder = try TemporaryFolder()
    let writers = try (0..<2).map { _ in try EventFileWriter(folder.path) }
    for writer in writers { try writer.close() }
    #expect(folder.names.count == 2)
  }

  @Test("a histogram counts every finite number once")
  func histogram() {
    let histogram = Histogram([0, -1, 1, 1.05, 1e-20, 1e30, .nan, .infinity, -0.5])
    #expect(histogram.count == 7 && histogram.buckets.reduce(0, +) == 7)
    #expect(histogram.minimum == -1 && histogram.maximum == 1e30)
    #expect(histogram.limits == histogram.limits.sorted() && histogram.limits.count == histogram.buckets.count)
    #expect(Histogram([]).count == 0)
    for (number, limit) in [(0.0, 1e-12), (1e-12, 1.1e-12), (-1e-12, 0)] {
      let one = Histogram([number])
      let place = one.buckets.firstIndex(of: 1)
      #expect(place.map { abs(one.limits[$0] - limit) < 1e-25 } == true, "\(number)")
    }
  }

  @Test(
    "TensorBoard reads equal values",
    .enabled(
      if: PeerPython.interpreter != nil, "left out: DEEPSEEK_PYTHON does not name a Python with tensorboard"))
  func peer() throws {
    let folder = try TemporaryFolder()
    let writer = try EventFileWriter(folder.path)
    var generator = SplitMix(5)
    let losses = (0..<100).map { _ in Float.random(in: -10...10, using: &generator) }
    for (step, loss) in losses.enumerated() { try writer.scalar("train/loss", Double(loss), step: step * 10) }
    let weights = Tensor([100], (0..<100).map { _ in Float.random(in: -1...1, using: &generator) })
    try writer.histogram("weights", weights, step: 1)
    try writer.text("note", "größer **bold**", step: 3)
    try writer.close()
    let histogram = Histogram(weights.array(of: Double.self))
    let numbers = [histogram.minimum, histogram.maximum, histogram.count, histogram.sum, histogram.sumOfSquares]
    let expected: [String: Any] = [
      "loss": losses.enumerated().map { [Double($0.offset * 10), Double($0.element)] },
      "histogram": ["numbers": numbers, "limits": histogram.limits, "buckets": histogram.buckets],
    ]
    try JSONSerialization.data(withJSONObject: expected).write(to: URL(fileURLWithPath: folder.file("expected.json")))
    let (status, output) = try PeerPython.run(fixture("read_events.py"), folder.path)
    #expect(status == 0, "\(output)")
    if output.contains("no tensorboard") {
      print("EventTests: TensorBoard's part was left out, because Python has no tensorboard")
    }
  }
}
