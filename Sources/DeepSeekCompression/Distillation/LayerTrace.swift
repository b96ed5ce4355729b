import DeepSeekOperators
public import DeepSeekTensor
import Synchronization

/// What a model's layers made on the way to its output: hidden states, and if asked for, where attention lay.
///
/// ```swift
/// let (logits, trace) = LayerTrace.recording { model(ids, attentionMask: mask, typeIDs: nil) }
/// trace.hiddenStates.count  // one for each layer
/// ```
public final class LayerTrace: Sendable {
  /// The trace that layers add to, within ``recording(attention:_:)``.
  @TaskLocal public static var current: LayerTrace?

  /// Whether attention is wanted, which costs its probabilities.
  public let wantsAttention: Bool
  private let state = Mutex<(hidden: [Tensor], attention: [Tensor])>(([], []))

  private init(wantsAttention: Bool) { self.wantsAttention = wantsAttention }

  /// Runs a model and keeps what its layers make; gradients flow through it.
  public static func recording<Result>(
    attention: Bool = false, _ body: () throws -> Result
  ) rethrows -> (result: Result, trace: LayerTrace) {
    let trace = LayerTrace(wantsAttention: attention)
    return (try $current.withValue(trace, operation: body), trace)
  }

  /// The layers' outputs `[batch, sequence, width]`, in order.
  public var hiddenStates: [Tensor] { state.withLock { $0.hidden } }
  /// The layers' attention `[batch, heads, queries, keys]`, probabilities, in order.
  public var attentions: [Tensor] { state.withLock { $0.attention } }

  /// Called by a layer with its output.
  public func add(hidden: Tensor) { state.withLock { $0.hidden.append(hidden) } }

  /// Called by a layer with its queries and keys `[batch, heads, sequence, head width]` and a mask that is true where a key
  /// counts and broadcasts to `[batch, heads, queries, keys]`; causal attention sees no key behind its query.
  public func add(query: Tensor, key: Tensor, mask: Tensor?, isCausal: Bool = false) {
    if !wantsAttention { return }
    var scores = query.matmul(key.swappedAxes(2, 3)) * (1 / Double(query.shape[3]).squareRoot())
    let order = isCausal ? Tensor.ones([query.shape[2], key.shape[2]], dtype: .bool).tril() : nil
    if let mask = mask.map({ own in order.map { own.logicalAnd($0) } ?? own }) ?? order {
      scores = Tensor.select(mask, scores, Tensor.full([], LayerTrace.hidden, dtype: scores.dtype))
    }
    let probabilities = scores.softmax()
    state.withLock { $0.attention.append(probabilities) }
  }

  /// The score of a key that does not count.
  private static let hidden = -1e4
}
