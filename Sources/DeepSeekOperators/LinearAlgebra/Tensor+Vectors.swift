public import DeepSeekTensor

extension Tensor {
  /// The vectors along an axis divided by their norm, which is kept above `epsilon`: PyTorch's `F.normalize`.
  public func normalized(
    _ order: Double = 2, axis: Int = -1, epsilon: Double = 1e-12, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let length = norm(order, axes: [axis], keepAxes: true, file: file, line: line)
    return (dtype.isFloatingPoint ? self : cast(to: .float64)) / length.maximum(epsilon)
  }

  /// The distance of each of these vectors `[…, m, width]` from each of others `[…, n, width]`: `[…, m, n]`, by the norm of
  /// that order. Exact, also for vectors close to each other. Takes memory for m · n · width numbers.
  public func pairwiseDistances(
    to other: Tensor, order: Double = 2, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    if rank < 2 || other.rank < 2 || dimension(-1) != other.dimension(-1) {
      fatalError(
        "pairwise_distances: \(shape) and \(other.shape); […, m, width] and […, n, width] are expected",
        file: file, line: line)
    }
    let differences = expanded(-2).subtracting(other.expanded(-3), file: file, line: line)
    return differences.norm(order, axes: [-1])
  }

  /// The Kronecker product of two matrices `[m, n]` and `[p, q]`: `[m · p, n · q]`.
  public func kroneckerProduct(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    if rank != 2 || other.rank != 2 {
      fatalError("kronecker_product: \(shape) and \(other.shape); matrices are expected", file: file, line: line)
    }
    let blocks = expanded(-1).expanded(1).multiplied(by: other.expanded(1).expanded(0), file: file, line: line)
    return blocks.reshaped([dimension(0) * other.dimension(0), dimension(1) * other.dimension(1)])
  }

  /// The cross product of vectors `[…, 3]`; both sides broadcast.
  public func crossProduct(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    if shape.last != 3 || other.shape.last != 3 {
      fatalError("cross_product: \(shape) and \(other.shape); […, 3] is expected", file: file, line: line)
    }
    func turned(_ tensor: Tensor, _ shift: Int) -> Tensor { tensor.rolled(-shift, axis: -1) }
    return turned(self, 1).multiplied(by: turned(other, 2), file: file, line: line)
      - turned(self, 2).multiplied(by: turned(other, 1), file: file, line: line)
  }
}
