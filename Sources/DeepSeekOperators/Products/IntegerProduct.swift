import CDeepSeekKernels
import DeepSeekTensor

/// Products of whole numbers in their own type, by the framework's own kernels.
enum IntegerProduct {
  static func multiply(_ left: Tensor, _ right: Tensor, into out: Tensor) -> ds_status {
    let batch = out.shape.leading(out.rank - 2)
    let a = left.stacked(batch)
    // The kernel goes along the rows of the right-hand side.
    let isInRows = right.shape[right.rank - 1] <= 1 || right.layout.stride(right.rank - 1) == 1
    let b = (isInRows ? right : right.contiguous()).stacked(batch)
    return withViews(a, b, out) { ds_integer_gemm($0, $1, $2) }
  }
}

extension Tensor {
  /// The last two axes as matrices, the others broadcast to `batch` without moving an element.
  fileprivate func stacked(_ batch: Shape) -> Tensor {
    let target = Shape((0..<batch.rank).map { batch[$0] } + [shape[rank - 2], shape[rank - 1]])
    guard let layout = layout.broadcast(to: target) else { fatalError("matmul: \(shape) in a stack of \(batch)") }
    return viewed(layout)
  }
}
