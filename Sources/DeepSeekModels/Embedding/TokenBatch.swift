public import DeepSeekTensor
public import DeepSeekTokenizers

/// Encodings side by side as tensors, the short ones padded at the end.
public struct TokenBatch: Sendable {
  /// Token ids `[batch, sequence]`, `int64`.
  public let ids: Tensor
  /// 1 where a token counts, 0 where it pads, `[batch, sequence]`, `int64`.
  public let attentionMask: Tensor
  /// Segments `[batch, sequence]`, `int64`.
  public let typeIDs: Tensor

  /// Pads to the longest of `encodings`, or to `length` when that is longer.
  public init(_ encodings: [Encoding], padTokenID: Int, length: Int = 0) {
    let width = Swift.max(encodings.map(\.count).max() ?? 0, length)
    let shape: Shape = [encodings.count, width]
    func padded(_ row: (Encoding) -> [Int], _ filler: Int) -> Tensor {
      var elements: [Int64] = []
      elements.reserveCapacity(shape.elementCount)
      for encoding in encodings {
        let values = row(encoding)
        for value in values { elements.append(Int64(value)) }
        for _ in values.count..<width { elements.append(Int64(filler)) }
      }
      return Tensor(shape, elements)
    }
    ids = padded(\.ids, padTokenID)
    attentionMask = padded(\.attentionMask, 0)
    typeIDs = padded(\.typeIDs, 0)
  }
}
