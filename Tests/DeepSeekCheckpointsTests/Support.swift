import DeepSeekTensor
import Foundation
import Testing

@testable import DeepSeekCheckpoints

/// A folder that is gone when the test is over.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("deepseek-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  /// The names in the folder, sorted.
  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
}

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
  var generator = SplitMix(state: seed)
  let result = Tensor(uninitialized: dtype, shape)
  let target = UnsafeMutableRawBufferPointer(start: result.pointer, count: shape.elementCount * dtype.byteCount)
  for index in target.indices {
    let byte = UInt8(truncatingIfNeeded: generator.next() >> 32)
    target[index] = dtype == .bool ? byte & 1 : byte
  }
  return result
}

/// A small generator (SplitMix64) for mutations that repeat.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
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
