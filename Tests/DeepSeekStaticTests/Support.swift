import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor
import Foundation
import Testing

/// A file of the fixtures.
func fixture(_ name: String) -> String {
  Bundle.module.resourceURL!.appendingPathComponent("Fixtures").appendingPathComponent(name).path
}

/// The largest absolute difference of two tensors of one shape; infinity when shapes differ or one has a NaN.
func largestDifference(_ a: Tensor, _ b: Tensor) -> Double {
  guard a.shape == b.shape else { return .infinity }
  let (left, right) = (a.converted(to: .float64), b.converted(to: .float64))
  let pairs = zip(left.array(of: Double.self), right.array(of: Double.self))
  return pairs.reduce(0) { $1.0.isNaN || $1.1.isNaN ? .infinity : Swift.max($0, abs($1.0 - $1.1)) }
}

/// Numbers that look random and are the same everywhere.
func pattern(_ shape: Shape, _ seed: Double = 0) -> Tensor {
  Tensor(shape, (0..<shape.elementCount).map { Float(sin(Double($0 + 1) * 12.9898 + seed * 78.233)) })
}

/// The numbers of a tensor.
func numbers(_ tensor: Tensor) -> [Double] { tensor.converted(to: .float64).array(of: Double.self) }
