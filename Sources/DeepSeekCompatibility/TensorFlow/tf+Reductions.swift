// swift-format-ignore-file: AlwaysUseLowerCamelCase
import DeepSeekOperators
public import DeepSeekTensor

/// Reductions and products. Without axes, all of them.
extension tf {
  /// `x.sum()`.
  @available(*, deprecated, renamed: "Tensor.sum(self:)")
  public static func reduceSum(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.sum() }

  /// `x.sum(axes: axes)`.
  @available(*, deprecated, message: "use x.sum(axes: [0], keepAxes: true)")
  public static func reduceSum(
    _ x: some GraphOperand, _ axes: ReductionAxes? = nil, keepDims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.sum(axes: axes?.numbers, keepAxes: keepDims)
  }

  /// `x.sum(axes: axes)`.
  @available(*, deprecated, message: "use x.sum(axis: 0, keepAxes: true), or axes: [0, 1]")
  public static func reduceSum(
    _ x: some GraphOperand, axis axes: ReductionAxes, keepDims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.sum(axes: axes.numbers, keepAxes: keepDims)
  }

  /// `x.sum()`.
  @available(*, deprecated, renamed: "Tensor.sum(self:)")
  public static func reduce_sum(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.sum() }

  /// `x.sum(axes: axes)`.
  @available(*, deprecated, message: "use x.sum(axes: [0], keepAxes: true)")
  public static func reduce_sum(
    _ x: some GraphOperand, _ axes: ReductionAxes? = nil, keep_dims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.sum(axes: axes?.numbers, keepAxes: keep_dims)
  }

  /// `x.sum(axes: axes)`.
  @available(*, deprecated, message: "use x.sum(axis: 0, keepAxes: true), or axes: [0, 1]")
  public static func reduce_sum(
    _ x: some GraphOperand, axis axes: ReductionAxes, keep_dims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.sum(axes: axes.numbers, keepAxes: keep_dims)
  }

  /// `x.mean()`.
  @available(*, deprecated, renamed: "Tensor.mean(self:)")
  public static func reduceMean(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.mean() }

  /// `x.mean(axes: axes)`.
  @available(*, deprecated, message: "use x.mean(axes: [0], keepAxes: true)")
  public static func reduceMean(
    _ x: some GraphOperand, _ axes: ReductionAxes? = nil, keepDims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.mean(axes: axes?.numbers, keepAxes: keepDims)
  }

  /// `x.mean(axes: axes)`.
  @available(*, deprecated, message: "use x.mean(axis: 0, keepAxes: true), or axes: [0, 1]")
  public static func reduceMean(
    _ x: some GraphOperand, axis axes: ReductionAxes, keepDims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.mean(axes: axes.numbers, keepAxes: keepDims)
  }

  /// `x.mean()`.
  @available(*, deprecated, renamed: "Tensor.mean(self:)")
  public static func reduce_mean(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.mean() }

  /// `x.mean(axes: axes)`.
  @available(*, deprecated, message: "use x.mean(axes: [0], keepAxes: true)")
  public static func reduce_mean(
    _ x: some GraphOperand, _ axes: ReductionAxes? = nil, keep_dims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.mean(axes: axes?.numbers, keepAxes: keep_dims)
  }

  /// `x.mean(axes: axes)`.
  @available(*, deprecated, message: "use x.mean(axis: 0, keepAxes: true), or axes: [0, 1]")
  public static func reduce_mean(
    _ x: some GraphOperand, axis axes: ReductionAxes, keep_dims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.mean(axes: axes.numbers, keepAxes: keep_dims)
  }

  /// `x.max()`.
  @available(*, deprecated, renamed: "Tensor.max(self:)")
  public static func reduceMax(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.max() }

  /// `x.max(axes: axes)`.
  @available(*, deprecated, message: "use x.max(axes: [0], keepAxes: true)")
  public static func reduceMax(
    _ x: some GraphOperand, _ axes: ReductionAxes? = nil, keepDims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.max(axes: axes?.numbers, keepAxes: keepDims)
  }

  /// `x.max(axes: axes)`.
  @available(*, deprecated, message: "use x.max(axis: 0, keepAxes: true), or axes: [0, 1]")
  public static func reduceMax(
    _ x: some GraphOperand, axis axes: ReductionAxes, keepDims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.max(axes: axes.numbers, keepAxes: keepDims)
  }

  /// `x.max()`.
  @available(*, deprecated, renamed: "Tensor.max(self:)")
  public static func reduce_max(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.max() }

  /// `x.max(axes: axes)`.
  @available(*, deprecated, message: "use x.max(axes: [0], keepAxes: true)")
  public static func reduce_max(
    _ x: some GraphOperand, _ axes: ReductionAxes? = nil, keep_dims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.max(axes: axes?.numbers, keepAxes: keep_dims)
  }

  /// `x.max(axes: axes)`.
  @available(*, deprecated, message: "use x.max(axis: 0, keepAxes: true), or axes: [0, 1]")
  public static func reduce_max(
    _ x: some GraphOperand, axis axes: ReductionAxes, keep_dims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.max(axes: axes.numbers, keepAxes: keep_dims)
  }

  /// `x.min()`.
  @available(*, deprecated, renamed: "Tensor.min(self:)")
  public static func reduceMin(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.min() }

  /// `x.min(axes: axes)`.
  @available(*, deprecated, message: "use x.min(axes: [0], keepAxes: true)")
  public static func reduceMin(
    _ x: some GraphOperand, _ axes: ReductionAxes? = nil, keepDims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.min(axes: axes?.numbers, keepAxes: keepDims)
  }

  /// `x.min(axes: axes)`.
  @available(*, deprecated, message: "use x.min(axis: 0, keepAxes: true), or axes: [0, 1]")
  public static func reduceMin(
    _ x: some GraphOperand, axis axes: ReductionAxes, keepDims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.min(axes: axes.numbers, keepAxes: keepDims)
  }

  /// `x.min()`.
  @available(*, deprecated, renamed: "Tensor.min(self:)")
  public static func reduce_min(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.min() }

  /// `x.min(axes: axes)`.
  @available(*, deprecated, message: "use x.min(axes: [0], keepAxes: true)")
  public static func reduce_min(
    _ x: some GraphOperand, _ axes: ReductionAxes? = nil, keep_dims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.min(axes: axes?.numbers, keepAxes: keep_dims)
  }

  /// `x.min(axes: axes)`.
  @available(*, deprecated, message: "use x.min(axis: 0, keepAxes: true), or axes: [0, 1]")
  public static func reduce_min(
    _ x: some GraphOperand, axis axes: ReductionAxes, keep_dims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.min(axes: axes.numbers, keepAxes: keep_dims)
  }

  /// `x.product()`.
  @available(*, deprecated, renamed: "Tensor.product(self:)")
  public static func reduceProd(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.product() }

  /// `x.product(axes: axes)`.
  @available(*, deprecated, message: "use x.product(axes: [0], keepAxes: true)")
  public static func reduceProd(
    _ x: some GraphOperand, _ axes: ReductionAxes? = nil, keepDims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.product(axes: axes?.numbers, keepAxes: keepDims)
  }

  /// `x.product(axes: axes)`.
  @available(*, deprecated, message: "use x.product(axis: 0, keepAxes: true), or axes: [0, 1]")
  public static func reduceProd(
    _ x: some GraphOperand, axis axes: ReductionAxes, keepDims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.product(axes: axes.numbers, keepAxes: keepDims)
  }

  /// `x.product()`.
  @available(*, deprecated, renamed: "Tensor.product(self:)")
  public static func reduce_prod(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.product() }

  /// `x.product(axes: axes)`.
  @available(*, deprecated, message: "use x.product(axes: [0], keepAxes: true)")
  public static func reduce_prod(
    _ x: some GraphOperand, _ axes: ReductionAxes? = nil, keep_dims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.product(axes: axes?.numbers, keepAxes: keep_dims)
  }

  /// `x.product(axes: axes)`.
  @available(*, deprecated, message: "use x.product(axis: 0, keepAxes: true), or axes: [0, 1]")
  public static func reduce_prod(
    _ x: some GraphOperand, axis axes: ReductionAxes, keep_dims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.product(axes: axes.numbers, keepAxes: keep_dims)
  }

  /// `x.all()`.
  @available(*, deprecated, renamed: "Tensor.all(self:)")
  public static func reduceAll(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.all() }

  /// `x.all(axes: axes)`.
  @available(*, deprecated, message: "use x.all(axes: [0], keepAxes: true)")
  public static func reduceAll(
    _ x: some GraphOperand, _ axes: ReductionAxes? = nil, keepDims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.all(axes: axes?.numbers, keepAxes: keepDims)
  }

  /// `x.all(axes: axes)`.
  @available(*, deprecated, message: "use x.all(axis: 0, keepAxes: true), or axes: [0, 1]")
  public static func reduceAll(
    _ x: some GraphOperand, axis axes: ReductionAxes, keepDims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.all(axes: axes.numbers, keepAxes: keepDims)
  }

  /// `x.all()`.
  @available(*, deprecated, renamed: "Tensor.all(self:)")
  public static func reduce_all(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.all() }

  /// `x.all(axes: axes)`.
  @available(*, deprecated, message: "use x.all(axes: [0], keepAxes: true)")
  public static func reduce_all(
    _ x: some GraphOperand, _ axes: ReductionAxes? = nil, keep_dims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.all(axes: axes?.numbers, keepAxes: keep_dims)
  }

  /// `x.all(axes: axes)`.
  @available(*, deprecated, message: "use x.all(axis: 0, keepAxes: true), or axes: [0, 1]")
  public static func reduce_all(
    _ x: some GraphOperand, axis axes: ReductionAxes, keep_dims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.all(axes: axes.numbers, keepAxes: keep_dims)
  }

  /// `x.any()`.
  @available(*, deprecated, renamed: "Tensor.any(self:)")
  public static func reduceAny(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.any() }

  /// `x.any(axes: axes)`.
  @available(*, deprecated, message: "use x.any(axes: [0], keepAxes: true)")
  public static func reduceAny(
    _ x: some GraphOperand, _ axes: ReductionAxes? = nil, keepDims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.any(axes: axes?.numbers, keepAxes: keepDims)
  }

  /// `x.any(axes: axes)`.
  @available(*, deprecated, message: "use x.any(axis: 0, keepAxes: true), or axes: [0, 1]")
  public static func reduceAny(
    _ x: some GraphOperand, axis axes: ReductionAxes, keepDims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.any(axes: axes.numbers, keepAxes: keepDims)
  }

  /// `x.any()`.
  @available(*, deprecated, renamed: "Tensor.any(self:)")
  public static func reduce_any(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.any() }

  /// `x.any(axes: axes)`.
  @available(*, deprecated, message: "use x.any(axes: [0], keepAxes: true)")
  public static func reduce_any(
    _ x: some GraphOperand, _ axes: ReductionAxes? = nil, keep_dims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.any(axes: axes?.numbers, keepAxes: keep_dims)
  }

  /// `x.any(axes: axes)`.
  @available(*, deprecated, message: "use x.any(axis: 0, keepAxes: true), or axes: [0, 1]")
  public static func reduce_any(
    _ x: some GraphOperand, axis axes: ReductionAxes, keep_dims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.any(axes: axes.numbers, keepAxes: keep_dims)
  }

  /// `x.logSumExp()`.
  @available(*, deprecated, renamed: "Tensor.logSumExp(self:)")
  public static func reduceLogsumexp(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.logSumExp() }

  /// `x.logSumExp(axes: axes)`.
  @available(*, deprecated, message: "use x.logSumExp(axes: [0], keepAxes: true)")
  public static func reduceLogsumexp(
    _ x: some GraphOperand, _ axes: ReductionAxes? = nil, keepDims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.logSumExp(axes: axes?.numbers, keepAxes: keepDims)
  }

  /// `x.logSumExp(axes: axes)`.
  @available(*, deprecated, message: "use x.logSumExp(axis: 0, keepAxes: true), or axes: [0, 1]")
  public static func reduceLogsumexp(
    _ x: some GraphOperand, axis axes: ReductionAxes, keepDims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.logSumExp(axes: axes.numbers, keepAxes: keepDims)
  }

  /// `x.logSumExp()`.
  @available(*, deprecated, renamed: "Tensor.logSumExp(self:)")
  public static func reduce_logsumexp(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.logSumExp() }

  /// `x.logSumExp(axes: axes)`.
  @available(*, deprecated, message: "use x.logSumExp(axes: [0], keepAxes: true)")
  public static func reduce_logsumexp(
    _ x: some GraphOperand, _ axes: ReductionAxes? = nil, keep_dims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.logSumExp(axes: axes?.numbers, keepAxes: keep_dims)
  }

  /// `x.logSumExp(axes: axes)`.
  @available(*, deprecated, message: "use x.logSumExp(axis: 0, keepAxes: true), or axes: [0, 1]")
  public static func reduce_logsumexp(
    _ x: some GraphOperand, axis axes: ReductionAxes, keep_dims: Bool = false
  ) -> DeepSeekTensor.Tensor {
    x.tensorOperand.logSumExp(axes: axes.numbers, keepAxes: keep_dims)
  }

  /// The place of the largest element along the first axis.
  @available(*, deprecated, message: "use x.argmax(axis: 0)")
  public static func argmax(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.argmax(axis: 0) }

  /// The place of the largest element along an axis.
  @available(*, deprecated, renamed: "Tensor.argmax(self:axis:)")
  public static func argmax(_ x: some GraphOperand, _ axis: Int) -> DeepSeekTensor.Tensor {
    x.tensorOperand.argmax(axis: axis)
  }

  /// The place of the largest element along an axis.
  @available(*, deprecated, renamed: "Tensor.argmax(self:axis:)")
  public static func argmax(_ x: some GraphOperand, axis: Int) -> DeepSeekTensor.Tensor {
    x.tensorOperand.argmax(axis: axis)
  }

  /// The place of the smallest element along the first axis.
  @available(*, deprecated, message: "use x.argmin(axis: 0)")
  public static func argmin(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.argmin(axis: 0) }

  /// The place of the smallest element along an axis.
  @available(*, deprecated, renamed: "Tensor.argmin(self:axis:)")
  public static func argmin(_ x: some GraphOperand, _ axis: Int) -> DeepSeekTensor.Tensor {
    x.tensorOperand.argmin(axis: axis)
  }

  /// The place of the smallest element along an axis.
  @available(*, deprecated, renamed: "Tensor.argmin(self:axis:)")
  public static func argmin(_ x: some GraphOperand, axis: Int) -> DeepSeekTensor.Tensor {
    x.tensorOperand.argmin(axis: axis)
  }

  /// `x.cumulativeSum(axis: 0)`.
  @available(*, deprecated, message: "use x.cumulativeSum(axis: 0)")
  public static func cumsum(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.cumulativeSum(axis: 0) }

  /// `x.cumulativeSum(axis: axis)`.
  @available(*, deprecated, renamed: "Tensor.cumulativeSum(self:axis:)")
  public static func cumsum(_ x: some GraphOperand, axis: Int) -> DeepSeekTensor.Tensor {
    x.tensorOperand.cumulativeSum(axis: axis)
  }

  /// `x.cumulativeProduct(axis: 0)`.
  @available(*, deprecated, message: "use x.cumulativeProduct(axis: 0)")
  public static func cumprod(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    x.tensorOperand.cumulativeProduct(axis: 0)
  }

  /// `x.cumulativeProduct(axis: axis)`.
  @available(*, deprecated, renamed: "Tensor.cumulativeProduct(self:axis:)")
  public static func cumprod(_ x: some GraphOperand, axis: Int) -> DeepSeekTensor.Tensor {
    x.tensorOperand.cumulativeProduct(axis: axis)
  }

  /// The product of two matrices, or of matrices side by side.
  @available(*, deprecated, renamed: "Tensor.matmul(self:_:)")
  public static func matmul(_ a: some GraphOperand, _ b: some GraphOperand) -> DeepSeekTensor.Tensor {
    a.tensorOperand.matmul(b.tensorOperand)
  }

  /// The product of two matrices, or of matrices side by side, either with its last axes exchanged.
  @available(*, deprecated, message: "use a.matmul(b), with a.swappedAxes(-1, -2) where one is transposed")
  public static func matmul(
    _ a: some GraphOperand, _ b: some GraphOperand, transposeA: Bool = false, transposeB: Bool = false
  ) -> DeepSeekTensor.Tensor {
    let (a, b) = (a.tensorOperand, b.tensorOperand)
    return (transposeA ? a.swappedAxes(-1, -2) : a).matmul(transposeB ? b.swappedAxes(-1, -2) : b)
  }

  /// The product of two matrices, in Python's spelling.
  @available(*, deprecated, message: "use a.matmul(b), with a.swappedAxes(-1, -2) where one is transposed")
  public static func matmul(
    _ a: some GraphOperand, _ b: some GraphOperand, transpose_a: Bool = false, transpose_b: Bool
  ) -> DeepSeekTensor.Tensor {
    matmul(a, b, transposeA: transpose_a, transposeB: transpose_b)
  }

  /// The product over the last axes of one and the first of the other.
  @available(*, deprecated, renamed: "Tensor.tensorDot(self:_:axes:)")
  public static func tensordot(_ a: some GraphOperand, _ b: some GraphOperand, axes: Int) -> DeepSeekTensor.Tensor {
    a.tensorOperand.tensorDot(b.tensorOperand, axes: axes)
  }

  /// A product by an equation.
  @available(*, deprecated, renamed: "Tensor.einsum")
  public static func einsum(_ equation: String, _ operands: any GraphOperand...) -> DeepSeekTensor.Tensor {
    DeepSeekTensor.Tensor.einsum(equation, operands.map(\.tensorOperand))
  }
}
