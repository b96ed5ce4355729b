import DeepSeekOperators
import DeepSeekTensor

/// Which keys each query of a decoder sees: those up to its own place that are no padding, within a window if there is one.
struct CausalPattern: Sendable {
  /// What hides keys beside their order: `bool`, broadcast to `[batch, heads, queries, keys]`; `nil` when nothing does.
  let mask: Tensor?
  /// As ``mask``, in layers with a window.
  let windowedMask: Tensor?
  /// How many positions come before the first query.
  let offset: Int

  /// For token ids `[batch, queries]` behind what the cache holds. The attention mask `[batch, keys]` is non-zero where a
  /// token counts, those in the cache included.
  init(_ ids: Tensor, attentionMask: Tensor?, window: Int?, cache: KeyValueCache?) {
    let offset = cache?.length ?? 0
    self.offset = offset
    // [batch, 1, 1, keys]: padding is hidden from every head and query.
    let padding = attentionMask.map { $0.notEqual(to: 0).expanded(1).expanded(1) }
    mask = padding
    guard let window, ids.dimension(1).known.map({ offset + $0 > window }) ?? true else {
      windowedMask = padding
      return
    }
    let places = ids.ordinals
    let keys = cache == nil ? places : Tensor.arange(1, Double(offset + ids.shape[1] + 1), dtype: .int64).expanded(0)
    let rows = offset == 0 ? places : places + Tensor.full([], offset, dtype: .int64)
    // [batch, 1, queries, keys].
    let near = (rows.expanded(-1) - keys.expanded(1)).less(than: Double(window)).expanded(1)
    windowedMask = padding.map { $0.logicalAnd(near) } ?? near
  }
}
