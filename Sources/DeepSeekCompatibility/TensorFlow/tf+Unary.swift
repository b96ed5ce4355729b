// swift-format-ignore-file: AlwaysUseLowerCamelCase
import DeepSeekOperators
public import DeepSeekTensor

/// Functions of one tensor, element by element.
extension tf {
  /// `x.abs()`.
  @available(*, deprecated, renamed: "Tensor.abs(self:)")
  public static func abs(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.abs() }

  /// `x.sign()`.
  @available(*, deprecated, renamed: "Tensor.sign(self:)")
  public static func sign(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.sign() }

  /// `x.square()`.
  @available(*, deprecated, renamed: "Tensor.square(self:)")
  public static func square(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.square() }

  /// `x.sqrt()`.
  @available(*, deprecated, renamed: "Tensor.sqrt(self:)")
  public static func sqrt(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.sqrt() }

  /// `x.rsqrt()`.
  @available(*, deprecated, renamed: "Tensor.rsqrt(self:)")
  public static func rsqrt(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.rsqrt() }

  /// `x.exp()`.
  @available(*, deprecated, renamed: "Tensor.exp(self:)")
  public static func exp(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.exp() }

  /// `x.log()`.
  @available(*, deprecated, renamed: "Tensor.log(self:)")
  public static func log(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.log() }

  /// `x.log1p()`.
  @available(*, deprecated, renamed: "Tensor.log1p(self:)")
  public static func log1p(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.log1p() }

  /// `x.floor()`.
  @available(*, deprecated, renamed: "Tensor.floor(self:)")
  public static func floor(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.floor() }

  /// `x.ceil()`.
  @available(*, deprecated, renamed: "Tensor.ceil(self:)")
  public static func ceil(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.ceil() }

  /// `x.round()`.
  @available(*, deprecated, renamed: "Tensor.round(self:)")
  public static func round(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.round() }

  /// `x.sin()`.
  @available(*, deprecated, renamed: "Tensor.sin(self:)")
  public static func sin(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.sin() }

  /// `x.cos()`.
  @available(*, deprecated, renamed: "Tensor.cos(self:)")
  public static func cos(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.cos() }

  /// `x.erf()`.
  @available(*, deprecated, renamed: "Tensor.erf(self:)")
  public static func erf(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.erf() }

  /// `x.sigmoid()`.
  @available(*, deprecated, renamed: "Tensor.sigmoid(self:)")
  public static func sigmoid(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.sigmoid() }

  /// `x.tanh()`.
  @available(*, deprecated, renamed: "Tensor.tanh(self:)")
  public static func tanh(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.tanh() }

  /// `x.logicalNot()`.
  @available(*, deprecated, renamed: "Tensor.logicalNot(self:)")
  public static func logicalNot(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.logicalNot() }

  /// `x.logicalNot()`.
  @available(*, deprecated, renamed: "Tensor.logicalNot(self:)")
  public static func logical_not(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.logicalNot() }

  /// `x.isNaN()`.
  @available(*, deprecated, renamed: "Tensor.isNaN(self:)")
  public static func isNan(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.isNaN() }

  /// `x.isNaN()`.
  @available(*, deprecated, renamed: "Tensor.isNaN(self:)")
  public static func is_nan(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.isNaN() }

  /// `x.isInfinite()`.
  @available(*, deprecated, renamed: "Tensor.isInfinite(self:)")
  public static func isInf(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.isInfinite() }

  /// `x.isInfinite()`.
  @available(*, deprecated, renamed: "Tensor.isInfinite(self:)")
  public static func is_inf(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.isInfinite() }

  /// `x.isFinite()`.
  @available(*, deprecated, renamed: "Tensor.isFinite(self:)")
  public static func isFinite(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.isFinite() }

  /// `x.isFinite()`.
  @available(*, deprecated, renamed: "Tensor.isFinite(self:)")
  public static func is_finite(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.isFinite() }

  /// `x.reciprocal()`.
  @available(*, deprecated, renamed: "Tensor.reciprocal(self:)")
  public static func reciprocal(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.reciprocal() }

  /// `-x`.
  @available(*, deprecated, message: "write -x")
  public static func negative(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { -x.tensorOperand }
}
