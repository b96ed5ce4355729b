import DeepSeekOperators
import DeepSeekProtocols
import DeepSeekTensor

/// A node of a `GraphDef` with what it reads: what the rows of the operator table see.
struct TensorFlowNode: ImportedNode {
  let proto: Tensorflow_NodeDef
  let inputs: [ImportedValue]
  let assembler: GraphAssembler

  // MARK: Inputs

  /// An input.
  func value(_ index: Int) throws -> ImportedValue {
    guard inputs.indices.contains(index) else {
      throw invalid("it has \(inputs.count) inputs, number \(index) is missing")
    }
    return inputs[index]
  }

  // MARK: Attributes

  /// An integer attribute.
  func int(_ key: String, default value: Int? = nil) throws -> Int {
    guard let attribute = proto.attr[key] else { return try found(value, key) }
    guard case .i(let number)? = attribute.value else { throw wrong(key, "an integer") }
    return Int(number)
  }

  /// A number attribute.
  func float(_ key: String, default value: Double? = nil) throws -> Double {
    guard let attribute = proto.attr[key] else { return try found(value, key) }
    guard case .f(let number)? = attribute.value else { throw wrong(key, "a float") }
    return Double(number)
  }

  /// A truth attribute.
  func bool(_ key: String, default value: Bool = false) throws -> Bool {
    guard let attribute = proto.attr[key] else { return value }
    guard case .b(let truth)? = attribute.value else { throw wrong(key, "a bool") }
    return truth
  }

  /// A text attribute.
  func string(_ key: String, default value: String) throws -> String {
    guard let attribute = proto.attr[key] else { return value }
    guard case .s(let bytes)? = attribute.value else { throw wrong(key, "a string") }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A list of integers.
  func ints(_ key: String, default value: [Int]? = nil) throws -> [Int] {
    guard let attribute = proto.attr[key] else { return try found(value, key) }
    guard case .list(let list)? = attribute.value else { throw wrong(key, "a list of integers") }
    return list.i.map { Int($0) }
  }

  /// An element type.
  func dtype(_ key: String, default value: DType? = nil) throws -> DType {
    guard let attribute = proto.attr[key] else { return try found(value, key) }
    guard case .type(let type)? = attribute.value else { throw wrong(key, "an element type") }
    guard let dtype = DType(type) else { throw unsupported("attribute '\(key)': elements of type \(type)") }
    return dtype
  }

  private func found<Value>(_ value: Value?, _ key: String) throws -> Value {
    guard let value else { throw invalid("attribute '\(key)' is missing") }
    return value
  }

  private func wrong(_ key: String, _ what: String) -> ImportFailure { invalid("attribute '\(key)' is not \(what)") }

  // MARK: Operators
}
