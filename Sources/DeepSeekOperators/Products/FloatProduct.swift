import CDeepSeekKernels
import DeepSeekTensor

/// Products in `float32`, by the framework's own kernels.
enum FloatProduct {
  static func multiply(_ a: MatrixStack, _ b: MatrixStack, into out: Tensor) -> ds_status {
    let left = a.tensor.pointer.assumingMemoryBound(to: Float.self)
    let right = b.tensor.pointer.assumingMemoryBound(to: Float.self)
    let result = out.pointer.assumingMemoryBound(to: Float.self)
    let (n, k) = (Int64(b.columns), Int64(a.columns))
    defer { withExtendedLifetime((a.tensor, b.tensor, out)) {} }
    if a.isTall && b.isShared {
      return ds_gemm(
        a.isTransposed, b.isTransposed, Int64(a.rows * a.batch.elementCount), n, k, 1, left, Int64(a.leading), right,
        Int64(b.leading), 0, result, n, nil)
    }
    let shape = a.batch.map(Int64.init)
    let outStrides = Layout(a.batch).strides.map { Int64($0 * a.rows * b.columns) }
    return ds_gemm_batched(
      Int32(shape.count), shape, a.batchStrides.map(Int64.init), b.batchStrides.map(Int64.init), outStrides,
      a.isTransposed, b.isTransposed, Int64(a.rows), n, k, 1, left, Int64(a.leading), right, Int64(b.leading), 0,
      result, n, nil)
  }
}

/// Products in `bfloat16`, with sums in `float32`, by the framework's own kernels.
enum BFloatProduct {
  /// `nil` for stacks that are not one tall product.
  static func multiply(_ left: Tensor, _ right: Tensor, into out: Tensor) -> ds_status? {
    let batch = out.shape.leading(out.rank - 2)
    let (a, b) = (MatrixStack(left, batch: batch), MatrixStack(right, batch: batch))
    guard a.isTall && b.isShared else { return nil }
    let (m, n, k) = (Int64(a.rows * a.batch.elementCount), Int64(b.columns), Int64(a.columns))
    let result = ds_result(data: out.pointer, dtype: Int32(DS_BFLOAT16.rawValue), stride: n)
    defer { withExtendedLifetime((a.tensor, b.tensor, out)) {} }
    return ds_bf16_gemm(m, n, k, a.operand, b.operand, result, nil)
  }
}
