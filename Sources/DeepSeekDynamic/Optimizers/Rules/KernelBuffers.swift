import CDeepSeekKernels
import DeepSeekTensor

/// Calls `kernel` with the addresses of a weight, of its gradient and of some of its state's tensors (`nil` for an index
/// that is negative), all of them to change in place but the gradient. Traps when the kernel refuses, which only a weight of
/// a type that optimizers do not take can cause.
func withBuffers(
  _ rule: String, _ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep, _ slots: [Int],
  _ kernel: (
    _ dtype: ds_dtype, _ count: Int64, _ weight: UnsafeMutableRawPointer, _ gradient: UnsafeRawPointer,
    _ slots: [UnsafeMutableRawPointer?]
  ) -> ds_status
) {
  let dtype = weight.dtype
  let count = weight.elementCount
  if count == 0 { return }
  // `withUnsafeMutableBytes` makes each tensor the only owner of its bytes; the addresses stay valid while the tensors are
  // neither copied nor changed, which nothing does before the kernel returns.
  let weightAddress = weight.withUnsafeMutableBytes { $0.baseAddress! }
  let addresses = slots.map { slot -> UnsafeMutableRawPointer? in
    slot < 0 ? nil : state.tensors[slot].withUnsafeMutableBytes { $0.baseAddress! }
  }
  let status = kernel(
    dtype == .float64 ? DS_FLOAT64 : DS_FLOAT32, Int64(count), weightAddress, UnsafeRawPointer(step.gradient.pointer),
    addresses)
  withExtendedLifetime((weight, state, step)) {}
  if status != DS_OK {
    fatalError("\(rule): a weight of \(weight.spec) cannot be moved (kernel status \(status.rawValue))")
  }
}
