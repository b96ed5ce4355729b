import CDeepSeekKernels
import COpenBLAS
import DeepSeekTensor

/// Products in `float32`.
enum FloatProduct {
  static func multiply(_ a: MatrixStack, _ b: MatrixStack, into out: Tensor) {
    let (m, n, k) = (a.rows, b.columns, a.columns)
    let left = a.tensor.pointer.assumingMemoryBound(to: Float.self)
    let right = b.tensor.pointer.assumingMemoryBound(to: Float.self)
    let result = out.pointer.assumingMemoryBound(to: Float.self)
    for i in a.starts.indices {
      cblas_sgemm(
        CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans, b.isTransposed ? CblasTrans : CblasNoTrans,
        blasint(m), blasint(n), blasint(k), 1,
        left + a.starts[i], blasint(a.leading),
        right + b.starts[i], blasint(b.leading), 0,
        result + i * m * n, blasint(n))
    }
    withExtendedLifetime((a.tensor, b.tensor, out)) {}
  }
}
