import DeepSeekOperators
import DeepSeekProtocols
import DeepSeekTensor

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A node of an ONNX graph with what it reads: what the rows of the operator table see.
struct ONNXNode: ImportedNode {
  let proto: Onnx_NodeProto
  /// The attributes by name, references to those of a function replaced.
  let attributes: [String: Onnx_AttributeProto]
  /// The inputs; `nil` for an optional one that is left out.
  let inputs: [ImportedValue?]
  /// The version of the operator set that the node is of.
  let version: Int
  let assembler: GraphAssembler
  /// Tensors among the attributes, wherever their elements are.
  let constant: (Onnx_TensorProto) throws -> Tensor

  /// How many outputs are wanted.
  var outputCount: Int { proto.output.count }

  // MARK: Inputs

  /// An input.
  func value(_ index: Int) throws -> ImportedValue {
    guard inputs.indices.contains(index), let value = inputs[index] else {
      throw invalid("it has \(inputs.count) inputs, number \(index) is missing")
    }
    return value
  }

  /// Whether an optional input is there.
  func has(_ index: Int) -> Bool { inputs.indices.contains(index) && inputs[index] != nil }

  /// An optional input's tensor.
  func optional(_ index: Int) -> Tensor? { has(index) ? inputs[index]?.tensor : nil }

  /// A list that newer versions have as an input and older ones as an attribute; `nil` when neither is there.
  func integers(input index: Int, orAttribute key: String) throws -> [Int]? {
    if has(index) { return try integers(index) }
    return attributes[key] == nil ? nil : try ints(key)
  }

  /// The lengths of a shape, from an input or, in older versions, an attribute.
  func lengths(input index: Int, orAttribute key: String) throws -> [Length]? {
    if has(index) { return try lengths(index) }
    return attributes[key] == nil ? nil : try ints(key).map { .number($0) }
  }

  /// A number that newer versions have as an input and older ones as an attribute; `nil` when neither is there.
  func number(input index: Int, orAttribute key: String) throws -> Double? {
    if has(index) { return try number(index) }
    return attributes[key] == nil ? nil : try float(key)
  }

  // MARK: Attributes

  /// An integer attribute.
  func int(_ key: String, default value: Int? = nil) throws -> Int {
    guard let attribute = attributes[key] else { return try found(value, key) }
    guard attribute.hasI else { throw wrong(key, "an integer") }
    return Int(attribute.i)
  }

  /// A truth attribute, an integer in ONNX.
  func bool(_ key: String, default value: Bool = false) throws -> Bool { try int(key, default: value ? 1 : 0) != 0 }

  /// A number attribute.
  func float(_ key: String, default value: Double? = nil) throws -> Double {
    guard let attribute = attributes[key] else { return try found(value, key) }
    guard attribute.hasF else { throw wrong(key, "a float") }
    return Double(attribute.f)
  }

  /// A list of integers.
  func ints(_ key: String, default value: [Int]? = nil) throws -> [Int] {
    guard let attribute = attributes[key] else { return try found(value, key) }
    return attribute.ints.map { Int($0) }
  }

  /// A list of numbers.
  func floats(_ key: String, default value: [Double]? = nil) throws -> [Double] {
    guard let attribute = attributes[key] else { return try found(value, key) }
    return attribute.floats.map { Double($0) }
  }

  /// A text attribute.
  func string(_ key: String, default value: String? = nil) throws -> String {
    guard let attribute = attributes[key] else { return try found(value, key) }
    guard attribute.hasS else { throw wrong(key, "a string") }
    return String(decoding: attribute.s, as: UTF8.self)
  }

  /// A list of texts.
  func strings(_ key: String) -> [String] {
    attributes[key]?.strings.map { String(decoding: $0, as: UTF8.self) } ?? []
  }

  /// An element type.
  func dtype(_ key: String, default value: DType? = nil) throws -> DType {
    if attributes[key] == nil { return try found(value, key) }
    let number = try int(key)
    guard let dtype = DType(onnx: number) else {
      throw unsupported("attribute '\(key)': elements of type \(DType.onnxName(number))")
    }
    return dtype
  }

  private func found<Value>(_ value: Value?, _ key: String) throws -> Value {
    guard let value else { throw invalid("attribute '\(key)' is missing") }
    return value
  }

  private func wrong(_ key: String, _ what: String) -> ImportFailure { invalid("attribute '\(key)' is not \(what)") }

  // MARK: Element types

  /// A function of two tensors of one type. Unsigned integers that have no arithmetic of their own are computed as `int64`.
  func arithmetic(_ function: BinaryOperator.Function, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    guard a.dtype == b.dtype, a.dtype.isInteger, !a.dtype.isArithmetic else { return try binary(function, a, b) }
    var (left, right) = (try cast(a, to: .int64), try cast(b, to: .int64))
    let isOrder = [.less, .lessEqual, .greater, .greaterEqual, .maximum, .minimum].contains(function)
    // With the top bit flipped, the order of 64 unsigned bits is that of signed ones.
    let flip = a.dtype == .uint64 && isOrder ? Tensor.full([], Int.min, dtype: .int64) : nil
    if let flip { (left, right) = (try binary(.bitwiseXor, left, flip), try binary(.bitwiseXor, right, flip)) }
    let result = try binary(function, left, right)
    if result.dtype == .bool { return result }
    return try cast(flip.map { try binary(.bitwiseXor, result, $0) } ?? result, to: a.dtype)
  }

  /// A function of floats, of a tensor that may have another type: computed in `float64` and cast back.
  func inFloating(_ x: Tensor, _ body: (Tensor) throws -> Tensor) throws -> Tensor {
    if x.dtype.isFloatingPoint { return try body(x) }
    return try cast(body(cast(x, to: .float64)), to: x.dtype)
  }

  /// A function of numbers, of a tensor that may be of unsigned integers without arithmetic: computed in `int64`.
  func inArithmetic(_ x: Tensor, _ body: (Tensor) throws -> Tensor) throws -> Tensor {
    if x.dtype.isArithmetic { return try body(x) }
    return try cast(body(cast(x, to: .int64)), to: x.dtype)
  }
}
