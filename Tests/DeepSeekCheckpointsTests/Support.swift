import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@testable import DeepSeekCheckpoints

/// A file of the fixtures.
func fixture(_ name: String) -> String {
  Bundle.module.resourceURL!.appendingPathComponent("Fixtures").appendingPathComponent(name).path
}

/// A file's bytes.
func contents(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

/// A tensor's bytes in row-major order.
func bytes(_ tensor: Tensor) -> [UInt8] { tensor.withUnsafeBytes { Array($0) } }

/// A tensor of a shape whose bytes come from a seed, valid for its type (bools are 0 or 1).
func sample(_ dtype: DType, _ shape: Shape, seed: UInt64 = 1) -> Tensor {
  var generator = SplitMix(seed)
  let result = Tensor(uninitialized: dtype, shape)
  let target = UnsafeMutableRawBufferPointer(start: result.pointer, count: shape.elementCount * dtype.byteCount)
  for index in target.indices {
    let byte = UInt8(truncatingIfNeeded: generator.next() >> 32)
    target[index] = dtype == .bool ? byte & 1 : byte
  }
  return result
}

/// The error that `body` throws, when it is a `CheckpointError`.
func checkpointError(_ body: () throws -> Void) -> CheckpointError? {
  do {
    try body()
    return nil
  } catch {
    return error as? CheckpointError
  }
}

/// A file's bytes and what reading them must give.
struct FileCase: Sendable, CustomTestStringConvertible {
  let name: String
  /// The kind of error; `nil` when the file is good.
  let kind: CheckpointError.Kind?
  let bytes: [UInt8]

  init(_ name: String, _ kind: CheckpointError.Kind? = nil, _ bytes: [UInt8]) {
    self.name = name
    self.kind = kind
    self.bytes = bytes
  }

  var testDescription: String { name }
}
