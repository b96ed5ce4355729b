import DeepSeekOperators
import DeepSeekProtocols
import DeepSeekTensor

/// A node of a `GraphDef` with what it reads: what the rows of the operator table see.
struct TensorFlowNode {
  let proto: Tensorflow_NodeDef
  let inputs: [ImportedValue]
  let assembler: GraphAssembler

  /// What goes wrong in a row; the importer adds file and node.
  struct Failure: Error {
    let kind: InterchangeError.Kind
    let message: String
    var advice = ""
  }

  /// Something that the row does not do.
  func unsupported(_ message: String, advice: String = "") -> Failure {
    Failure(kind: .unsupported, message: message, advice: advice)
  }

  /// Something that contradicts itself.
  func invalid(_ message: String) -> Failure { Failure(kind: .invalidNode, message: message) }

  // MARK: Inputs

  /// An input's tensor.
  func tensor(_ index: Int) throws -> Tensor {
    guard inputs.indices.contains(index) else {
      throw invalid("it has \(inputs.count) inputs, number \(index) is missing")
    }
    return inputs[index].tensor
  }

  /// The elements of an input that is a shape or a part of one.
  func lengths(_ index: Int) throws -> [Length] {
    let spec = try tensor(index).spec
    if let lengths = inputs[index].knownLengths { return lengths }
    throw unsupported(
      "input \(index), \(spec), depends on values that are known only when the graph runs",
      advice: "give the placeholders fixed shapes")
  }

  /// The elements of an input that must be numbers.
  func integers(_ index: Int) throws -> [Int] {
    try lengths(index).map { length in
      guard let number = length.number else {
        throw unsupported(
          "input \(index) depends on the length '\(length)', which is known only when the graph runs",
          advice: "give the placeholders fixed shapes")
      }
      return number
    }
  }

  /// The one element of an input that must be a number.
  func integer(_ index: Int) throws -> Int {
    let numbers = try integers(index)
    guard numbers.count == 1 else { throw invalid("input \(index) has \(numbers.count) elements, one is expected") }
    return numbers[0]
  }

  /// The one element of a constant input.
  func number(_ index: Int) throws -> Double {
    let tensor = try tensor(index)
    guard tensor.graphValue == nil else {
      throw unsupported("input \(index), \(tensor.spec), must be a constant")
    }
    guard tensor.elementCount == 1, tensor.dtype.isArithmetic else {
      throw invalid("input \(index), \(tensor.spec); one number is expected")
    }
    return tensor.item(as: Double.self)
  }

  /// `axis`, which may count from the end, as an axis of a rank.
  func axis(_ axis: Int, rank: Int) throws -> Int {
    let index = axis < 0 && axis > .min / 2 ? axis + rank : axis
    guard index >= 0, index < rank else { throw invalid("axis \(axis) is outside rank \(rank)") }
    return index
  }

  /// The axis that an input names.
  func axis(input: Int, rank: Int) throws -> Int { try axis(try integer(input), rank: rank) }

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

  private func wrong(_ key: String, _ what: String) -> Failure { invalid("attribute '\(key)' is not \(what)") }

  // MARK: Operators

  /// The first output of one of our operators.
  func apply(_ operation: any Operator, _ inputs: Tensor...) throws -> Tensor {
    try assembler.apply(operation, inputs)[0]
  }

  /// The elements cast to another type; themselves when they have it.
  func cast(_ tensor: Tensor, to dtype: DType) throws -> Tensor {
    tensor.dtype == dtype ? tensor : try apply(CastOperator(dtype), tensor)
  }

  /// The axes in another order.
  func transposed(_ tensor: Tensor, _ permutation: [Int]) throws -> Tensor {
    permutation == Array(0..<tensor.rank) ? tensor : try apply(TransposeOperator(permutation), tensor)
  }

  /// The same elements under another shape.
  func reshaped(_ tensor: Tensor, _ dimensions: [Dimension]) throws -> Tensor {
    guard dimensions.count <= Shape.maximumRank else { throw unsupported("a shape of \(dimensions.count) axes") }
    return dimensions == tensor.shape.dimensions ? tensor : try apply(ReshapeOperator(dimensions), tensor)
  }

  /// Stretched to a shape.
  func broadcast(_ tensor: Tensor, to shape: Shape) throws -> Tensor {
    tensor.shape == shape ? tensor : try apply(BroadcastOperator(shape), tensor)
  }

  /// A function of two tensors of one type.
  func binary(_ function: BinaryOperator.Function, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    try apply(BinaryOperator(function), a, b)
  }

  /// A function of each element.
  func unary(_ function: UnaryOperator.Function, _ x: Tensor, _ first: Double = 0, _ second: Double = 0) throws
    -> Tensor
  {
    try apply(UnaryOperator(function, first, second), x)
  }

  /// A number as a scalar of an element type.
  func scalar(_ value: Double, _ dtype: DType) throws -> Tensor {
    guard dtype.isArithmetic else { throw unsupported("arithmetic on \(dtype)") }
    return Tensor.full([], value, dtype: dtype)
  }

  /// A part of some axes.
  func sliced(_ tensor: Tensor, _ axis: Int, from start: Int, count: Int) throws -> Tensor {
    try apply(SliceOperator([SliceOperator.Extent(axis: axis, start: start, count: count)]), tensor)
  }

  /// The lengths as a shape. Throws when one is negative.
  func shape(_ lengths: [Length]) throws -> Shape {
    guard lengths.count <= Shape.maximumRank else { throw unsupported("a shape of \(lengths.count) axes") }
    let shape = Shape(
      try lengths.map { length in
        guard let dimension = length.dimension else { throw invalid("length \(length) is negative") }
        return dimension
      })
    return shape
  }

  /// 0, 1, … up to a length without it, `int64`.
  func counting(_ count: Dimension) throws -> Tensor {
    let ones = try apply(BroadcastOperator(Shape([count])), Tensor.full([], 1, dtype: .int64))
    let running = try apply(CumulativeOperator(.sum, 0), ones)
    return try unary(.addScalar, running, -1)
  }
}
