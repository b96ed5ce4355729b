import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import Foundation

/// A graph written to a file and read again.
func rewritten(_ graph: Graph) throws -> Graph {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors").path
  defer { try? FileManager.default.removeItem(atPath: path) }
  try graph.write(to: path, synchronizes: false)
  return try Graph(contentsOf: path)
}
