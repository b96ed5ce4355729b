public import DeepSeekTensor

/// Numbers of both signs and varied size that depend on nothing but the shape and a phase.
public func pattern(_ shape: Shape, _ phase: Double = 0) -> Tensor {
  Tensor(
    shape, (0..<shape.elementCount).map { Float(((Double($0) * 0.7 + phase * 1.3).remainder(dividingBy: 3.1)) * 0.6) })
}

/// The largest absolute difference of two tensors of one shape; infinity when shapes differ or one has a NaN.
public func largestDifference(_ a: Tensor, _ b: Tensor) -> Double {
  guard a.shape == b.shape else { return .infinity }
  let pairs = zip(a.array(of: Double.self), b.array(of: Double.self))
  return pairs.reduce(0) { $1.0.isNaN || $1.1.isNaN ? .infinity : Swift.max($0, abs($1.0 - $1.1)) }
}
