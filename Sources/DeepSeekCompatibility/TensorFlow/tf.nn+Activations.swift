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

  /// `x.leakyRelu(slope: 0.2)`.
  @available(*, deprecated, message: "use x.leakyRelu(slope: 0.2)")
  public static func leakyRelu(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    x.tensorOperand.leakyRelu(slope: 0.2)
  }

  /// `x.leakyRelu(slope: alpha)`.
  @available(*, deprecated, renamed: "Tensor.leakyRelu(self:slope:)")
  public static func leakyRelu(_ x: some GraphOperand, alpha: Double) -> DeepSeekTensor.Tensor {
    x.tensorOperand.leakyRelu(slope: alpha)
  }

  /// `x.leakyRelu(slope: 0.2)`.
  @available(*, deprecated, message: "use x.leakyRelu(slope: 0.2)")
  public static func leaky_relu(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    x.tensorOperand.leakyRelu(slope: 0.2)
  }

  /// `x.leakyRelu(slope: alpha)`.
  @available(*, deprecated, renamed: "Tensor.leakyRelu(self:slope:)")
  public static func leaky_relu(_ x: some GraphOperand, alpha: Double) -> DeepSeekTensor.Tensor {
    x.tensorOperand.leakyRelu(slope: alpha)
  }

  /// `x.softmax()`.
  @available(*, deprecated, renamed: "Tensor.softmax(self:)")
  public static func softmax(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.softmax() }

  /// `x.softmax(axis: axis)`.
  @available(*, deprecated, renamed: "Tensor.softmax(self:axis:)")
  public static func softmax(_ x: some GraphOperand, axis: Int) -> DeepSeekTensor.Tensor {
    x.tensorOperand.softmax(axis: axis)
  }

  /// `x.logSoftmax()`.
  @available(*, deprecated, renamed: "Tensor.logSoftmax(self:)")
  public static func logSoftmax(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.logSoftmax() }

  /// `x.logSoftmax(axis: axis)`.
  @available(*, deprecated, renamed: "Tensor.logSoftmax(self:axis:)")
  public static func logSoftmax(_ x: some GraphOperand, axis: Int) -> DeepSeekTensor.Tensor {
    x.tensorOperand.logSoftmax(axis: axis)
  }

  /// `x.logSoftmax()`.
  @available(*, deprecated, renamed: "Tensor.logSoftmax(self:)")
  public static func log_softmax(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.logSoftmax() }

  /// `x.logSoftmax(axis: axis)`.
  @available(*, deprecated, renamed: "Tensor.logSoftmax(self:axis:)")
  public static func log_softmax(_ x: some GraphOperand, axis: Int) -> DeepSeekTensor.Tensor {
    x.tensorOperand.logSoftmax(axis: axis)
  }
}
