public import DeepSeekTensor

/// Whether two tensors have one type and shape and equal bits; two NaNs of equal bits are equal.
public func sameBits(_ a: Tensor, _ b: Tensor) -> Bool {
  a.spec == b.spec && a.withUnsafeBytes { left in b.withUnsafeBytes { right in left.elementsEqual(right) } }
}
