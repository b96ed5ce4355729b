import DeepSeekCheckpoints
import DeepSeekGraph
import DeepSeekInterchange
import DeepSeekTensor
import Foundation
import Testing

/// A file of the fixtures.
func fixture(_ name: String) -> String {
  Bundle.module.resourceURL!.appendingPathComponent("Fixtures").appendingPathComponent(name).path
}

/// A file's bytes.
func contents(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

/// The tensors fed to a graph and what another framework gave for them.
struct Reference {
  var feeds: [String: Tensor] = [:]
  var outputs: [String: Tensor] = [:]

  init(_ name: String) throws { try self.init(file: fixture(name + ".safetensors")) }

  init(file path: String) throws {
    let file = try Safetensors.open(path)
    for key in file.names {
      let tensor = try file.tensor(key)
      if key.hasPrefix("in/") { feeds[String(key.dropFirst(3))] = tensor }
      if key.hasPrefix("out/") { outputs[String(key.dropFirst(4))] = tensor }
    }
  }
}

/// What differs between a result and what is expected: type, shape, or the largest error beyond a tolerance; `nil` when
/// nothing does.
func difference(_ result: Tensor, _ expected: Tensor, tolerance: Double) -> String? {
  if result.spec != expected.spec { return "\(result.spec), \(expected.spec) is expected" }
  let (found, wanted) = (result.array(of: Double.self), expected.array(of: Double.self))
  var worst = (error: 0.0, index: 0)
  for index in found.indices {
    let (a, b) = (found[index], wanted[index])
    let error = a == b || (a.isNaN && b.isNaN) ? 0 : abs(a - b) / max(1, abs(b))
    if !(error <= worst.error) { worst = (error, index) }
  }
  if worst.error <= tolerance { return nil }
  return "element \(worst.index) is \(found[worst.index]), \(wanted[worst.index]) is expected"
}
