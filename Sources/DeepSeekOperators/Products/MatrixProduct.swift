import CDeepSeekBLAS
import CDeepSeekKernels
import COpenBLAS
import DeepSeekTensor

/// A stack of matrices as a product reads it: where each starts, its row length in storage, and whether it stands
/// transposed there.
struct MatrixStack {
  let tensor: Tensor
  let rows: Int
  let columns: Int
  /// Elements from one row (or, transposed, one column) to the next.
  let leading: Int
  let isTransposed: Bool
  /// The lengths of the broadcast leading axes.
  let batch: Shape
  /// From one matrix to the next along each leading axis, in elements; zero repeats a matrix.
  let batchStrides: [Int]

  /// The last two axes of `tensor` as matrices, its other axes broadcast to `batch`. A layout that no product can read is
  /// copied first.
  init(_ tensor: Tensor, batch: Shape) {
    var source = tensor
    var leading = MatrixStack.leading(source.layout)
    if leading == nil {
      source = tensor.contiguous()
      leading = MatrixStack.leading(source.layout)
    }
    let rank = source.rank
    self.tensor = source
    rows = source.shape[rank - 2]
    columns = source.shape[rank - 1]
    (self.leading, isTransposed) = leading ?? (Swift.max(columns, 1), false)
    self.batch = batch
    batchStrides = MatrixStack.batchStrides(source.layout, batch)
  }

  private static func leading(_ layout: Layout) -> (Int, Bool)? {
    let rank = layout.shape.rank
    let (rows, columns) = (layout.shape[rank - 2], layout.shape[rank - 1])
    let (rowStride, columnStride) = (layout.stride(rank - 2), layout.stride(rank - 1))
    if (columnStride == 1 || columns == 1) && (rowStride >= Swift.max(columns, 1) || rows == 1) {
      return (rows == 1 ? Swift.max(columns, 1) : rowStride, false)
    }
    if (rowStride == 1 || rows == 1) && (columnStride >= Swift.max(rows, 1) || columns == 1) {
      return (columns == 1 ? Swift.max(rows, 1) : columnStride, true)
    }
    return nil
  }

  private static func batchStrides(_ layout: Layout, _ batch: Shape) -> [Int] {
    let added = batch.rank - (layout.shape.rank - 2)
    return (0..<batch.rank).map { axis in
      axis >= added && layout.shape[axis - added] != 1 ? layout.stride(axis - added) : 0
    }
  }

  /// Where each matrix of the broadcast batch starts, in elements from the tensor's first.
  var starts: [Int] {
    var starts = [0]
    for axis in 0..<batch.rank {
      starts = starts.flatMap { start in (0..<batch[axis]).map { start + $0 * batchStrides[axis] } }
    }
    return starts
  }

  /// Whether all matrices of the stack stand below one another in storage, as one tall matrix.
  var isTall: Bool {
    if isTransposed { return batch.elementCount == 1 }
    var expected = rows * leading
    for axis in (0..<batch.rank).reversed() {
      if batch[axis] != 1 && batchStrides[axis] != expected { return false }
      expected *= batch[axis]
    }
    return true
  }

  /// The first matrix as the low-precision products take it.
  var operand: ds_matrix {
    let dtype = tensor.dtype == .bfloat16 ? DS_BFLOAT16 : DS_FLOAT32
    return ds_matrix(
      data: tensor.pointer, dtype: Int32(dtype.rawValue), transposed: isTransposed, stride: Int64(leading))
  }

  /// Whether one matrix serves the whole batch.
  var isShared: Bool { (0..<batch.rank).allSatisfy { batch[$0] == 1 || batchStrides[$0] == 0 } }
}

/// Products in `float64`, by OpenBLAS, which runs on one thread; the stack or the rows are split over the pool.
enum DoubleProduct {
  /// Products with fewer multiplications than this are not worth sharing.
  private static let sharedThreshold = 1 << 18

  /// Has OpenBLAS report, choose its kernels and keep to one thread, once.
  private static let isReady: Void = ds_blas_initialize()

  static func multiply(_ a: MatrixStack, _ b: MatrixStack, into out: Tensor) {
    _ = isReady
    let (m, n, k) = (a.rows, b.columns, a.columns)
    nonisolated(unsafe) let left = a.tensor.pointer.assumingMemoryBound(to: Double.self)
    nonisolated(unsafe) let right = b.tensor.pointer.assumingMemoryBound(to: Double.self)
    nonisolated(unsafe) let result = out.pointer.assumingMemoryBound(to: Double.self)
    let (aStarts, bStarts) = (a.starts, b.starts)
    let (aLeading, bLeading) = (a.leading, b.leading)
    let (aTransposed, bTransposed) = (a.isTransposed, b.isTransposed)

    @Sendable func rows(_ range: Range<Int>, of matrix: Int) {
      cblas_dgemm(
        CblasRowMajor, aTransposed ? CblasTrans : CblasNoTrans, bTransposed ? CblasTrans : CblasNoTrans,
        blasint(range.count), blasint(n), blasint(k), 1,
        left + aStarts[matrix] + range.lowerBound * (aTransposed ? 1 : aLeading), blasint(aLeading),
        right + bStarts[matrix], blasint(bLeading), 0,
        result + matrix * m * n + range.lowerBound * n, blasint(n))
    }

    if aStarts.count >= Parallel.threadCount {
      let grain = Swift.max(1, sharedThreshold / Swift.max(1, m * n * k))
      Parallel.forEach(aStarts.count, grain: grain) { for matrix in $0 { rows(0..<m, of: matrix) } }
    } else {
      for matrix in aStarts.indices {
        let grain = Swift.max(8, sharedThreshold / Swift.max(1, n * k))
        Parallel.forEach(m, grain: grain) { rows($0, of: matrix) }
      }
    }
    withExtendedLifetime((a.tensor, b.tensor, out)) {}
  }
}
