public import DeepSeekStatic
public import DeepSeekTensor

/// What TensorFlow 1 took for a tensor: a tensor, a variable, or a number, which takes the element type of what it meets.
public protocol GraphOperand {
  /// The element type; `nil` for a number.
  var elementType: DType? { get }
  /// The tensor, a number being of this element type.
  func tensor(_ dtype: DType) -> Tensor
}

extension GraphOperand {
  /// The tensor; a number is `float32`.
  var tensorOperand: Tensor { tensor(elementType ?? .float32) }
}

extension Tensor: GraphOperand {
  /// The element type.
  public var elementType: DType? { dtype }
  /// Itself.
  public func tensor(_ dtype: DType) -> Tensor { self }
}

extension StaticVariable: GraphOperand {
  /// The element type.
  public var elementType: DType? { parameter.spec.dtype }
  /// The variable as a tensor of its graph.
  public func tensor(_ dtype: DType) -> Tensor { tensor }
}

extension Double: GraphOperand {
  /// None of its own.
  public var elementType: DType? { nil }
  /// A scalar.
  public func tensor(_ dtype: DType) -> Tensor { Tensor.full([], self, dtype: dtype) }
}

extension Int: GraphOperand {
  /// None of its own.
  public var elementType: DType? { nil }
  /// A scalar.
  public func tensor(_ dtype: DType) -> Tensor { Tensor.full([], self, dtype: dtype) }
}

/// Two operands, a number among them in the other's element type.
func tensors(_ left: some GraphOperand, _ right: some GraphOperand) -> (Tensor, Tensor) {
  let dtype = left.elementType ?? right.elementType ?? .float32
  return (left.tensor(dtype), right.tensor(dtype))
}

/// The axes of a reduction: `1` or `[0, 1]`.
public struct ReductionAxes: ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, Sendable {
  let numbers: [Int]

  /// These axes.
  public init(_ numbers: [Int]) { self.numbers = numbers }
  /// One axis.
  public init(integerLiteral number: Int) { numbers = [number] }
  /// Some axes.
  public init(arrayLiteral numbers: Int...) { self.numbers = numbers }
}
