import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

/// A file of the fixtures.
func fixture(_ name: String) -> String {
  Bundle.module.resourceURL!.appendingPathComponent("Fixtures").appendingPathComponent(name).path
}

/// Numbers that look random and are the same everywhere.
func pattern(_ shape: Shape, _ seed: Double = 0) -> Tensor {
  Tensor(shape, (0..<shape.elementCount).map { Float(sin(Double($0 + 1) * 12.9898 + seed * 78.233)) })
}

/// The numbers of a tensor.
func numbers(_ tensor: Tensor) -> [Double] { tensor.converted(to: .float64).array(of: Double.self) }
