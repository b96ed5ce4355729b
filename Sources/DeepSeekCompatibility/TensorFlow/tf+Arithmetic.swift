// swift-format-ignore-file: AlwaysUseLowerCamelCase
import DeepSeekOperators
public import DeepSeekTensor

/// Arithmetic, element by element.
extension tf {
  /// `a + b`.
  @available(*, deprecated, message: "write a + b")
  public static func add(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a + b
  }

  /// `a - b`.
  @available(*, deprecated, message: "write a - b")
  public static func subtract(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a - b
  }

  /// `a - b`.
  @available(*, deprecated, message: "write a - b")
  public static func sub(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a - b
  }

  /// `a * b`.
  @available(*, deprecated, message: "write a * b")
  public static func multiply(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a * b
  }

  /// `a * b`.
  @available(*, deprecated, message: "write a * b")
  public static func mul(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a * b
  }

  /// `a / b`.
  @available(*, deprecated, message: "write a / b")
  public static func divide(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a / b
  }

  /// `a / b`.
  @available(*, deprecated, message: "write a / b")
  public static func div(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a / b
  }

  /// `a.power(b)`.
  @available(*, deprecated, renamed: "Tensor.power(self:_:)")
  public static func pow(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a.power(b)
  }

  /// `a.maximum(b)`.
  @available(*, deprecated, renamed: "Tensor.maximum(self:_:)")
  public static func maximum(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a.maximum(b)
  }

  /// `a.minimum(b)`.
  @available(*, deprecated, renamed: "Tensor.minimum(self:_:)")
  public static func minimum(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a.minimum(b)
  }

  /// `a.remainder(b)`.
  @available(*, deprecated, renamed: "Tensor.remainder(self:_:)")
  public static func floormod(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a.remainder(b)
  }

  /// `a.logicalAnd(b)`.
  @available(*, deprecated, renamed: "Tensor.logicalAnd(self:_:)")
  public static func logicalAnd(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a.logicalAnd(b)
  }

  /// `a.logicalAnd(b)`.
  @available(*, deprecated, renamed: "Tensor.logicalAnd(self:_:)")
  public static func logical_and(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a.logicalAnd(b)
  }

  /// `a.logicalOr(b)`.
  @available(*, deprecated, renamed: "Tensor.logicalOr(self:_:)")
  public static func logicalOr(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a.logicalOr(b)
  }

  /// `a.logicalOr(b)`.
  @available(*, deprecated, renamed: "Tensor.logicalOr(self:_:)")
  public static func logical_or(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a.logicalOr(b)
  }

  /// `a.equal(to: b)`.
  @available(*, deprecated, renamed: "Tensor.equal(self:to:)")
  public static func equal(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a.equal(to: b)
  }

  /// `a.notEqual(to: b)`.
  @available(*, deprecated, renamed: "Tensor.notEqual(self:to:)")
  public static func notEqual(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a.notEqual(to: b)
  }

  /// `a.notEqual(to: b)`.
  @available(*, deprecated, renamed: "Tensor.notEqual(self:to:)")
  public static func not_equal(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a.notEqual(to: b)
  }

  /// `a.less(than: b)`.
  @available(*, deprecated, renamed: "Tensor.less(self:than:)")
  public static func less(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a.less(than: b)
  }

  /// `a.lessOrEqual(to: b)`.
  @available(*, deprecated, renamed: "Tensor.lessOrEqual(self:to:)")
  public static func lessEqual(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a.lessOrEqual(to: b)
  }

  /// `a.lessOrEqual(to: b)`.
  @available(*, deprecated, renamed: "Tensor.lessOrEqual(self:to:)")
  public static func less_equal(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a.lessOrEqual(to: b)
  }

  /// `a.greater(than: b)`.
  @available(*, deprecated, renamed: "Tensor.greater(self:than:)")
  public static func greater(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a.greater(than: b)
  }

  /// `a.greaterOrEqual(to: b)`.
  @available(*, deprecated, renamed: "Tensor.greaterOrEqual(self:to:)")
  public static func greaterEqual(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a.greaterOrEqual(to: b)
  }

  /// `a.greaterOrEqual(to: b)`.
  @available(*, deprecated, renamed: "Tensor.greaterOrEqual(self:to:)")
  public static func greater_equal(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return a.greaterOrEqual(to: b)
  }

  /// `(a - b).square()`.
  @available(*, deprecated, message: "write (a - b).square()")
  public static func squaredDifference(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return (a - b).square()
  }

  /// `(a - b).square()`.
  @available(*, deprecated, message: "write (a - b).square()")
  public static func squared_difference(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    let (a, b) = tensors(a, b)
    return (a - b).square()
  }

  /// The sum of tensors. Traps for none.
  @available(*, deprecated, message: "write a + b + c")
  public static func addN(_ tensors: [DeepSeekTensor.Tensor]) -> DeepSeekTensor.Tensor {
    tensors.dropFirst().reduce(tensors[0]) { $0 + $1 }
  }

  /// The sum of tensors. Traps for none.
  @available(*, deprecated, message: "write a + b + c")
  public static func add_n(_ tensors: [DeepSeekTensor.Tensor]) -> DeepSeekTensor.Tensor {
    tensors.dropFirst().reduce(tensors[0]) { $0 + $1 }
  }

  /// `x.clamp(low, high)`.
  @available(*, deprecated, renamed: "Tensor.clamp(self:_:_:)")
  public static func clipByValue(_ x: some GraphOperand, _ low: Double, _ high: Double) -> DeepSeekTensor.Tensor {
    x.tensorOperand.clamp(low, high)
  }

  /// `x.clamp(low, high)`.
  @available(*, deprecated, renamed: "Tensor.clamp(self:_:_:)")
  public static func clip_by_value(_ x: some GraphOperand, _ low: Double, _ high: Double) -> DeepSeekTensor.Tensor {
    x.tensorOperand.clamp(low, high)
  }
}
