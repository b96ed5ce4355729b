import DeepSeekJSON
import Foundation

extension JSONValue {
  /// What `value` encodes to.
  init(encoding value: some Encodable) throws {
    try self.init(parsing: Array(JSONEncoder().encode(value)))
  }

  /// The value that was encoded; `what` names it in errors.
  func decoded<Value: Decodable>(as type: Value.Type, _ what: String) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(serialized()))
    } catch {
      throw TrainingError("\(what): the checkpoint's training state cannot be read: \(error)")
    }
  }
}
