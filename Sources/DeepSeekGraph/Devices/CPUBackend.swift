public import DeepSeekTensor
import Synchronization

/// The host's processor. Work runs when it is put on a stream; a recording is a list of calls.
public struct CPUBackend: DeviceBackend {
  /// A queue that is always empty, unless it is being recorded.
  public final class Stream: Sendable {
    fileprivate let recorded = Mutex<[@Sendable () throws -> Void]?>(nil)

    fileprivate func perform(_ work: @escaping @Sendable () throws -> Void) throws {
      let isNoted = recorded.withLock { recorded in
        recorded?.append(work)
        return recorded != nil
      }
      if !isNoted { try work() }
    }
  }

  /// Calls in their order.
  public struct Recording: Sendable {
    fileprivate let calls: [@Sendable () throws -> Void]
  }

  /// The largest block that may be asked for: more than any machine has.
  private static let largestBlock = 1 << 46

  /// The logical CPU.
  public let device: Device

  /// The backend of a logical CPU.
  public init(_ device: Device = .cpu) { self.device = device }

  /// Memory of the caching allocator.
  public func allocate(byteCount: Int) throws -> Storage {
    guard (0...CPUBackend.largestBlock).contains(byteCount) else {
      throw DeviceError.outOfMemory(device: "\(device)", byteCount: byteCount)
    }
    return Storage(byteCount: byteCount)
  }

  /// A queue.
  public func makeStream() throws -> Stream { Stream() }

  /// Copies at once, or when a recording is replayed.
  public func copy(_ bytes: UnsafeRawBufferPointer, to buffer: Storage, at offset: Int, on stream: Stream) throws {
    try CPUBackend.checkBounds(offset, bytes.count, buffer)
    nonisolated(unsafe) let source = bytes
    try stream.perform {
      UnsafeMutableRawBufferPointer(start: buffer.pointer + offset, count: source.count).copyMemory(from: source)
    }
  }

  /// Copies at once, or when a recording is replayed.
  public func copy(_ buffer: Storage, at offset: Int, to bytes: UnsafeMutableRawBufferPointer, on stream: Stream) throws
  {
    try CPUBackend.checkBounds(offset, bytes.count, buffer)
    nonisolated(unsafe) let target = bytes
    try stream.perform {
      target.copyMemory(from: UnsafeRawBufferPointer(start: buffer.pointer + offset, count: target.count))
    }
  }

  /// Every operator has one.
  public func hasKernel(for operation: any Operator, _ inputs: [TensorSpec]) -> Bool {
    (try? operation.infer(inputs)) != nil
  }

  /// Calls the operator's own kernel; of a view, copies what it shows.
  public func run(
    _ operation: any Operator, _ inputs: [DeviceOperand<Storage>], into outputs: [DeviceOperand<Storage>],
    on stream: Stream
  ) throws {
    for operand in inputs + outputs { try CPUBackend.checkBounds(operand.offset, operand.byteCount, operand.buffer) }
    let expected = try operation.infer(inputs.map(\.spec))
    guard expected == outputs.map(\.spec) else {
      throw OperatorError(operation.name, "the outputs are \(outputs.map(\.spec)); \(expected) are expected")
    }
    let (sources, targets) = (inputs.map(CPUBackend.tensor), outputs.map(CPUBackend.tensor))
    try stream.perform {
      if operation.traits.contains(.view) {
        noGradient { apply(operation, sources) }[0].copyElements(to: targets[0])
      } else {
        try noGradient { try operation.evaluate(sources, into: targets) }
      }
      // Buffers may be written again: what a kernel derived from their bytes is no longer true.
      for target in targets { target.storage.prepared.removeAll() }
    }
  }

  /// Notes the calls.
  public func record(on stream: Stream, _ body: () throws -> Void) throws -> Recording {
    stream.recorded.withLock { $0 = [] }
    defer { stream.recorded.withLock { $0 = nil } }
    try body()
    return Recording(calls: stream.recorded.withLock { $0 ?? [] })
  }

  /// Makes the calls.
  public func replay(_ recording: Recording, on stream: Stream) throws {
    for call in recording.calls { try stream.perform(call) }
  }

  /// Nothing is ever left to wait for.
  public func synchronize(_ stream: Stream) throws {}

  private static func tensor(_ operand: DeviceOperand<Storage>) -> Tensor {
    let layout = Layout(operand.spec.shape)
    let bytes = UnsafeRawBufferPointer(start: operand.buffer.pointer + operand.offset, count: operand.byteCount)
    let buffer = operand.buffer
    // The operand's own storage, so that no prepared form passes from one operand of a buffer to another.
    let storage = Storage(borrowing: bytes) { withExtendedLifetime(buffer) {} }
    return Tensor(storage: storage, dtype: operand.spec.dtype, layout: layout)
  }

  private static func checkBounds(_ offset: Int, _ byteCount: Int, _ buffer: Storage) throws {
    guard offset >= 0, byteCount <= buffer.byteCount, offset <= buffer.byteCount - byteCount else {
      throw DeviceError.outOfBounds(offset: offset, byteCount: byteCount, bufferByteCount: buffer.byteCount)
    }
  }
}
