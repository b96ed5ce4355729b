import DeepSeekCheckpoints
public import DeepSeekTensor
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes a TensorBoard event file.
///
/// ```swift
/// let writer = try EventFileWriter("logs/run1")
/// for step in 0..<1000 { try writer.scalar("loss", loss, step: step) }
/// try writer.close()
/// ```
///
/// `tensorboard --logdir logs` then shows them. Every writer begins a file of its own, named by time, host and process, so
/// several can share a folder. Events are gathered and reach the file when there are ``queueLimit`` of them, when the
/// interval is over, and with ``flush()``, ``close()`` and the writer's end. May be used from several threads.
public final class EventFileWriter: Sendable {
  /// The file.
  public let path: String
  /// How many events are gathered at most.
  public static let queueLimit = 64
  private let interval: Duration
  private let state: Mutex<State>

  private struct State: ~Copyable {
    var file: AppendedFile?
    var pending: [UInt8] = []
    var pendingCount = 0
    var lastFlush = ContinuousClock.now
  }

  /// Begins a file in a folder, which is made when it is not there.
  ///
  /// - Parameters:
  ///   - folder: The folder that TensorBoard is told, or one in it.
  ///   - suffix: Put at the end of the file's name.
  ///   - interval: How long events may be gathered.
  /// - Throws: `CheckpointError` when folder or file cannot be made.
  public init(_ folder: String, suffix: String = "", interval: Duration = .seconds(10)) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw CheckpointError(
        .unwritable, file: folder, "the folder could not be made: \(error)", advice: "check the path")
    }
    self.interval = interval
    let now = EventFileWriter.now()
    let seconds = String(Int(now))
    let stamp = String(repeating: "0", count: max(0, 10 - seconds.count)) + seconds
    let number = EventFileWriter.serial.withLock { serial in
      defer { serial += 1 }
      return serial
    }
    path = "\(folder)/events.out.tfevents.\(stamp).\(EventFileWriter.host).\(getpid()).\(number)\(suffix)"
    let file = try AppendedFile(creating: path)
    state = Mutex(State(file: file))
    try write(Event(wallTime: now, fileVersion: "brain.Event:2"), writer: "deepseek")
    try flush()
  }

  deinit {
    // Whoever must know whether the disk took everything calls `close`.
    try? state.withLock { try EventFileWriter.drain(&$0) }
  }

  /// Notes a number.
  public func scalar(_ tag: String, _ value: Double, step: Int) throws {
    try add(tag, .scalar(Float(value)), step)
  }

  /// Notes the distribution of a tensor's elements.
  public func histogram(_ tag: String, _ values: Tensor, step: Int) throws {
    try add(tag, .histogram(Histogram(values.array(of: Double.self))), step)
  }

  /// Notes the distribution of some numbers.
  public func histogram(_ tag: String, _ values: [Double], step: Int) throws {
    try add(tag, .histogram(Histogram(values)), step)
  }

  /// Notes a distribution that was counted before.
  public func histogram(_ tag: String, _ histogram: Histogram, step: Int) throws {
    try add(tag, .histogram(histogram), step)
  }

  /// Notes a text, which TensorBoard shows as Markdown.
  public func text(_ tag: String, _ text: String, step: Int) throws { try add(tag, .text([text]), step) }

  /// Notes a graph, a serialized TensorFlow `GraphDef`, which TensorBoard draws.
  public func graph(_ serialized: [UInt8]) throws {
    try write(Event(wallTime: EventFileWriter.now(), graph: serialized))
  }

  /// Notes an event as it is. Throws `CheckpointError` when the disk is full or fails.
  public func write(_ event: Event) throws { try write(event, writer: nil) }

  private func add(_ tag: String, _ content: Event.Content, _ step: Int) throws {
    try write(Event(wallTime: EventFileWriter.now(), step: step, summaries: [Event.Summary(tag, content)]))
  }

  private func write(_ event: Event, writer: String?) throws {
    let bytes = event.serialized(writer: writer)
    try state.withLock { state in
      if state.file == nil { fatalError("EventFileWriter: '\(path)' is closed already") }
      bytes.withUnsafeBytes { RecordFraming.framed($0, into: &state.pending) }
      state.pendingCount += 1
      if state.pendingCount >= EventFileWriter.queueLimit || state.lastFlush.duration(to: .now) >= interval {
        try EventFileWriter.drain(&state)
      }
    }
  }

  /// Brings all that was noted into the file, where others can read it. Throws `CheckpointError` when the disk is full or
  /// fails.
  public func flush() throws { try state.withLock { try EventFileWriter.drain(&$0) } }

  /// Flushes, waits until the disk has everything, and closes the file. Nothing can be noted afterwards.
  public func close() throws {
    try state.withLock { state in
      try EventFileWriter.drain(&state)
      try state.file?.synchronize()
      state.file = nil
    }
  }

  private static func drain(_ state: inout State) throws {
    guard let file = state.file, !state.pending.isEmpty else { return }
    try state.pending.withUnsafeBytes { try file.write($0) }
    state.pending.removeAll(keepingCapacity: true)
    state.pendingCount = 0
    state.lastFlush = .now
  }

  private static let serial = Mutex(0)

  private static let host: String = {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }.replacing("/", with: "_")
  }()

  private static func now() -> Double { Date().timeIntervalSince1970 }
}
