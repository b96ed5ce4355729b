import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import Foundation

/// Numbers of both signs and varied size that depend on nothing but the shape and a phase.
func pattern(_ shape: Shape, _ phase: Double = 0) -> Tensor {
  Tensor(
    shape, (0..<shape.elementCount).map { Float(((Double($0) * 0.7 + phase * 1.3).remainder(dividingBy: 3.1)) * 0.6) })
}

/// A graph written to a file and read again.
func rewritten(_ graph: Graph) throws -> Graph {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors").path
  defer { try? FileManager.default.removeItem(atPath: path) }
  try graph.write(to: path, synchronizes: false)
  return try Graph(contentsOf: path)
}
