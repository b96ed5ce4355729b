public import DeepSeekTensor

/// What a kind of device does so that graphs can run on it: memory, copies, kernels by operator, and recordings that are
/// replayed without dispatch.
///
/// ``CPUBackend`` is the host's. One for another kind of processor conforms too and passes the same conformance suite
/// (`DeviceConformanceTests`), which says what must hold.
///
/// Work goes on a stream: what was put on one runs in order, and may not have run before ``synchronize(_:)`` returns.
public protocol DeviceBackend: Sendable {
  /// A block of the device's memory, which is freed when nobody holds it.
  associatedtype Buffer: Sendable
  /// A queue of work.
  associatedtype Stream: Sendable
  /// Work that can be repeated.
  associatedtype Recording: Sendable

  /// Which device it is.
  var device: Device { get }

  /// A block of so many bytes, their contents undefined. Throws ``DeviceError`` when there is not so much memory.
  func allocate(byteCount: Int) throws -> Buffer

  /// A queue without work.
  func makeStream() throws -> Stream

  /// Copies the host's bytes into a buffer from `offset` on; they must stay until the stream has come so far. Throws
  /// ``DeviceError`` when they do not lie within it.
  func copy(_ bytes: UnsafeRawBufferPointer, to buffer: Buffer, at offset: Int, on stream: Stream) throws

  /// Copies bytes of a buffer from `offset` on to the host. Throws ``DeviceError`` when they do not lie within it.
  func copy(_ buffer: Buffer, at offset: Int, to bytes: UnsafeMutableRawBufferPointer, on stream: Stream) throws

  /// Whether the device has a kernel for the operator on inputs of these types and shapes. Without one a caller decomposes
  /// the operator, or runs it on the host.
  func hasKernel(for operation: any Operator, _ inputs: [TensorSpec]) -> Bool

  /// Computes the operator's outputs. Inputs and outputs are in row-major order and do not overlap. Throws ``DeviceError`` when
  /// an operand does not lie within its buffer, and what the operator throws.
  func run(
    _ operation: any Operator, _ inputs: [DeviceOperand<Buffer>], into outputs: [DeviceOperand<Buffer>],
    on stream: Stream) throws

  /// Notes what `body` puts on the stream instead of running it.
  func record(on stream: Stream, _ body: () throws -> Void) throws -> Recording

  /// Runs recorded work again, on what its buffers hold now.
  func replay(_ recording: Recording, on stream: Stream) throws

  /// Returns when all work of the stream is done; throws what went wrong in it.
  func synchronize(_ stream: Stream) throws
}

/// A tensor in a device's memory: its bytes from `offset` on, in row-major order.
public struct DeviceOperand<Buffer: Sendable>: Sendable {
  /// The memory.
  public let buffer: Buffer
  /// The first byte.
  public let offset: Int
  /// Type and shape, all of whose lengths are known.
  public let spec: TensorSpec

  /// A tensor at an offset of a buffer.
  public init(_ buffer: Buffer, offset: Int = 0, _ spec: TensorSpec) {
    self.buffer = buffer
    self.offset = offset
    self.spec = spec
  }

  /// How many bytes it takes.
  public var byteCount: Int { spec.shape.elementCount * spec.dtype.byteCount }
}

/// Why a device did not do what it was asked.
public enum DeviceError: Error, Sendable, Equatable, CustomStringConvertible {
  /// So much memory is not there.
  case outOfMemory(device: String, byteCount: Int)
  /// Bytes lie outside their buffer.
  case outOfBounds(offset: Int, byteCount: Int, bufferByteCount: Int)

  /// One line that says what was asked and what there is.
  public var description: String {
    switch self {
    case .outOfMemory(let device, let byteCount): "\(device): \(byteCount) bytes of memory are not to be had"
    case .outOfBounds(let offset, let byteCount, let bufferByteCount):
      "\(byteCount) bytes from \(offset) on do not lie in a buffer of \(bufferByteCount)"
    }
  }
}
