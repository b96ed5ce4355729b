public import DeepSeekTensor
import TestSupport

/// How far results may be from what is expected, and where they are too far.
public enum Comparison {
  /// The relative error that a well-made kernel may have in each type.
  public static func tolerance(_ dtype: DType) -> Double {
    switch dtype {
    case .float64: 1e-13
    case .float32: 1e-6
    case .float16: 2e-3
    case .bfloat16: 1.6e-2
    default: 0
    }
  }

  /// What is wrong with `actual`, in one line; `nil` when every element is within `tolerance` of the expected one, relative
  /// to the largest expected element or 1. NaN must meet NaN, infinity the same infinity.
  public static func problem(_ actual: Tensor, _ expected: Tensor, tolerance: Double) -> String? {
    if actual.shape != expected.shape { return "shape \(actual.shape), \(expected.shape) expected" }
    if !expected.dtype.isFloatingPoint && actual.dtype != expected.dtype {
      return "type \(actual.dtype), \(expected.dtype) expected"
    }
    if !actual.dtype.isFloatingPoint {
      let (mine, theirs) = (actual.array(of: Int64.self), expected.array(of: Int64.self))
      guard let index = mine.indices.first(where: { mine[$0] != theirs[$0] }) else { return nil }
      return "element \(index) is \(mine[index]), \(theirs[index]) expected"
    }
    let (mine, theirs) = (actual.array(of: Double.self), expected.array(of: Double.self))
    let scale = theirs.lazy.filter(\.isFinite).map(abs).reduce(1, Swift.max)
    for index in mine.indices {
      let (a, b) = (mine[index], theirs[index])
      if a == b || (a.isNaN && b.isNaN) || abs(a - b) <= tolerance * scale { continue }
      return "element \(index) is \(a), \(b) expected: off by \(abs(a - b) / scale), \(tolerance) allowed"
    }
    return nil
  }

  /// What is wrong with a list of results; `nil` when nothing is.
  public static func problem(_ actual: [Tensor], _ expected: [Tensor], tolerance: Double) -> String? {
    if actual.count != expected.count { return "\(actual.count) results, \(expected.count) expected" }
    for (index, pair) in zip(actual, expected).enumerated() {
      if let problem = problem(pair.0, pair.1, tolerance: tolerance) { return "result \(index): \(problem)" }
    }
    return nil
  }

  /// Whether two lists have equal types, shapes and bits.
  public static func areIdentical(_ a: [Tensor], _ b: [Tensor]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { sameBits($0, $1) }
  }
}
