import DeepSeekTensor
import Foundation
import Testing

/// Numbers that the peer library computed, as `make_fixtures.py` wrote them.
struct StoredTensor: Decodable, Sendable {
  let shape: [Int]
  let values: [Double]

  var tensor: Tensor { Tensor(Shape(shape), values) }
}

struct FixtureMissing: Error, CustomStringConvertible {
  let description: String
}

func fixture<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
  guard let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures") else {
    throw FixtureMissing(description: "Fixtures/\(name).json is not in the test bundle")
  }
  return try JSONDecoder().decode(type, from: Data(contentsOf: url))
}

/// The largest absolute difference of two tensors of one shape; infinity when shapes differ or one has a NaN.
func largestDifference(_ a: Tensor, _ b: Tensor) -> Double {
  guard a.shape == b.shape else { return .infinity }
  let pairs = zip(a.array(of: Double.self), b.array(of: Double.self))
  return pairs.reduce(0) { $1.0.isNaN || $1.1.isNaN ? .infinity : Swift.max($0, abs($1.0 - $1.1)) }
}
