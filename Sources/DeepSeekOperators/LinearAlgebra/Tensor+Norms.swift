public import DeepSeekTensor

/// Ways of measuring a matrix.
public enum MatrixNorm: Sendable, Hashable {
  /// The root of the sum of squares.
  case frobenius
  /// The sum of the singular values.
  case nuclear
  /// The largest singular value.
  case spectral
  /// The largest sum of absolute values of a column.
  case columnSum
  /// The largest sum of absolute values of a row.
  case rowSum
}

extension Tensor {
  /// (Σ |x|ᵖ)^(1/p) over some axes, all when none are given: 2 is Euclid's norm, 1 the sum of absolute values, infinity the
  /// largest, 0 the count of elements that are not zero. The gradient of Euclid's norm at zero is zero.
  public func norm(
    _ order: Double = 2, axes: [Int]? = nil, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let x = dtype.isFloatingPoint ? self : cast(to: .float64)
    switch order {
    case 0: return x.notEqual(to: 0).cast(to: x.dtype).sum(axes: axes, keepAxes: keepAxes, file: file, line: line)
    case 1: return x.abs().sum(axes: axes, keepAxes: keepAxes, file: file, line: line)
    case 2:
      let squares = x.sumSquares(axes: axes, keepAxes: keepAxes, file: file, line: line)
      // The root's slope at zero is infinite, which would make NaN of the zero behind it.
      let isZero = squares.equal(to: 0)
      let (zero, one) = (Tensor.zeros([], dtype: x.dtype), Tensor.ones([], dtype: x.dtype))
      return Tensor.select(isZero, zero, Tensor.select(isZero, one, squares).sqrt())
    case .infinity: return x.abs().max(axes: axes, keepAxes: keepAxes, file: file, line: line)
    case -.infinity: return x.abs().min(axes: axes, keepAxes: keepAxes, file: file, line: line)
    default: return x.abs().power(order).sum(axes: axes, keepAxes: keepAxes, file: file, line: line).power(1 / order)
    }
  }

  /// A norm of each matrix `[…, m, n]`: `[…]`.
  public func matrixNorm(_ kind: MatrixNorm, file: StaticString = #file, line: UInt = #line) -> Tensor {
    switch kind {
    case .frobenius: norm(axes: [-2, -1], file: file, line: line)
    case .nuclear: svd(file: file, line: line).s.sum(axis: -1)
    case .spectral: svd(file: file, line: line).s.max(axis: -1)
    case .columnSum: abs().sum(axis: -2, file: file, line: line).max(axis: -1)
    case .rowSum: abs().sum(axis: -1, file: file, line: line).max(axis: -1)
    }
  }

  /// Each square matrix to a whole power: repeated squaring, of the inverse when the power is negative. Integers stay
  /// integers unless they are inverted.
  public func matrixPower(_ power: Int, file: StaticString = #file, line: UInt = #line) -> Tensor {
    if rank < 2 || dimension(-1) != dimension(-2) {
      fatalError("matrix_power: \(shape); square matrices are expected", file: file, line: line)
    }
    if power < 0 { return inverse(file: file, line: line).matrixPower(-power) }
    if power == 0 { return Tensor.eye(shape[-1], dtype: dtype).broadcast(to: shape) }
    var (square, left) = (self, power)
    var result: Tensor?
    while left > 0 {
      if left & 1 == 1 { result = result.map { $0.matmul(square) } ?? square }
      left >>= 1
      if left > 0 { square = square.matmul(square) }
    }
    return result ?? self
  }
}
