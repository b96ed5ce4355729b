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
