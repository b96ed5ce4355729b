// swift-format-ignore-file: AlwaysUseLowerCamelCase
import DeepSeekOperators
public import DeepSeekTensor
import DeepSeekStatic

/// Activations.
extension tf.nn {
  /// `x.relu()`.
  @available(*, deprecated, renamed: "Tensor.relu(self:)")
  public static func relu(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.relu() }

  /// `x.elu()`.
  @available(*, deprecated, renamed: "Tensor.elu(self:)")
  public static func elu(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.elu() }

  /// `x.selu()`.
  @available(*, deprecated, renamed: "Tensor.selu(self:)")
  public static func selu(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.selu() }

  /// `x.sigmoid()`.
  @available(*, deprecated, renamed: "Tensor.sigmoid(self:)")
  public static func sigmoid(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.sigmoid() }

  /// `x.tanh()`.
  @available(*, deprecated, renamed: "Tensor.tanh(self:)")
  public static func tanh(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.tanh() }

  /// `x.softplus()`.
  @available(*, deprecated, renamed: "Tensor.softplus(self:)")
  public static func softplus(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.softplus() }

  /// `x.softsign()`.
  @available(*, deprecated, renamed: "Tensor.softsign(self:)")
  public static func softsign(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.softsign() }

  /// `x.clamp(0, 6)`.
  @available(*, deprecated, message: "use x.clamp(0, 6)")
  public static func relu6(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    x.tensorOperand.clamp(0, 6)
  }

  /// `x.leakyRelu(slope: alpha)`.
  @available(*, deprecated, renamed: "Tensor.leakyRelu(self:slope:)")
  public static func leakyRelu(_ x: some GraphOperand, alpha: Double = 0.2) -> DeepSeekTensor.Tensor {
    x.tensorOperand.leakyRelu(slope: alpha)
  }

  /// `x.leakyRelu(slope: alpha)`.
  @available(*, deprecated, renamed: "Tensor.leakyRelu(self:slope:)")
  public static func leaky_relu(_ x: some GraphOperand, alpha: Double = 0.2) -> DeepSeekTensor.Tensor {
    x.tensorOperand.leakyRelu(slope: alpha)
  }

  /// `x.softmax(axis: axis)`.
  @available(*, deprecated, renamed: "Tensor.softmax(self:axis:)")
  public static func softmax(_ x: some GraphOperand, axis: Int = -1) -> DeepSeekTensor.Tensor {
    x.tensorOperand.softmax(axis: axis)
  }

  /// `x.logSoftmax(axis: axis)`.
  @available(*, deprecated, renamed: "Tensor.logSoftmax(self:axis:)")
  public static func logSoftmax(_ x: some GraphOperand, axis: Int = -1) -> DeepSeekTensor.Tensor {
    x.tensorOperand.logSoftmax(axis: axis)
  }

  /// `x.logSoftmax(axis: axis)`.
  @available(*, deprecated, renamed: "Tensor.logSoftmax(self:axis:)")
  public static func log_softmax(_ x: some GraphOperand, axis: Int = -1) -> DeepSeekTensor.Tensor {
    x.tensorOperand.logSoftmax(axis: axis)
  }
}
