import CDeepSeekKernels
public import DeepSeekTensor

/// softmax(scale · Q Kᵀ + mask) V, tile by tile, so that no `[sequence, sequence]` tensor is ever kept (Dao et al.,
/// arXiv:2205.14135).
///
/// Queries `[batch, heads, queries, width]`; keys `[batch, keyHeads, keys, width]` and values `[batch, keyHeads, keys,
/// valueWidth]`, where `heads` is a multiple of `keyHeads` (grouped queries, Ainslie et al., arXiv:2305.13245). Outputs: the
/// result, `[batch, queries, heads, valueWidth]` so that joining the heads is free, and each row's log Σ exp, which the gradient reads.
///
/// Packed: sequences of any lengths lie one behind another in a batch of 1, and each attends to itself alone, so that no
/// work is spent on padding. The fourth input says where they begin and where the last one ends.
public struct AttentionOperator: Operator {
  /// What Q Kᵀ is multiplied with; usually 1/√width.
  public let scale: Double
  /// Whether a query sees only keys up to its own place, counted so that the last query sees the last key.
  public let isCausal: Bool
  /// The probability that an attention weight is dropped.
  public let dropout: Double
  /// Whether the fourth input is a mask.
  public let hasMask: Bool
  /// Whether the fourth input, `int32[sequences + 1]`, holds the offsets of packed sequences; there is no mask then.
  public let isPacked: Bool

  /// With this scale, direction, dropout and mask, or for packed sequences. Traps when both mask and packing are asked for.
  public init(scale: Double, isCausal: Bool, dropout: Double, hasMask: Bool, isPacked: Bool = false) {
    if hasMask && isPacked { fatalError("attention: packed sequences take no mask") }
    self.scale = scale
    self.isCausal = isCausal
    self.dropout = dropout
    self.hasMask = hasMask
    self.isPacked = isPacked
  }

  /// Graphs that were written before there was packing do not mention it.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    scale = try container.decode(Double.self, forKey: .scale)
    isCausal = try container.decode(Bool.self, forKey: .isCausal)
    dropout = try container.decode(Double.self, forKey: .dropout)
    hasMask = try container.decode(Bool.self, forKey: .hasMask)
    isPacked = try container.decodeIfPresent(Bool.self, forKey: .isPacked) ?? false
    if hasMask && isPacked {
      throw DecodingError.dataCorruptedError(
        forKey: .isPacked, in: container, debugDescription: "packed sequences take no mask")
    }
  }

  private enum CodingKeys: String, CodingKey {
    case scale, isCausal, dropout, hasMask, isPacked
  }

  /// `attention`.
  public var name: String { "attention" }
  /// A product.
  public var traits: OperatorTraits {
    dropout > 0 ? [.matmul, .computeBound, .lowPrecision, .random] : [.matmul, .computeBound, .lowPrecision]
  }

  /// How many inputs come before the random key.
  var tensorCount: Int { hasMask || isPacked ? 4 : 3 }

  /// Inputs: queries, keys, values, then the mask or the offsets, and the random key where there are.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    let expected = tensorCount + (dropout > 0 ? 1 : 0)
    try expect(inputs, expected...expected)
    try checkHeads(inputs[0], inputs[1], inputs[2])
    let shape = inputs[0].shape
    if isPacked { try checkOffsets(inputs[3], shape, inputs[1].shape) }
    if hasMask {
      guard inputs[3].dtype == .bool || inputs[3].dtype == inputs[0].dtype else {
        throw mismatch("the mask is \(inputs[3].dtype); bool or the queries' type is expected")
      }
      let weights = Shape([shape.dimension(0), shape.dimension(1), shape.dimension(2), inputs[1].shape.dimension(2)])
      guard try Shape.broadcast(inputs[3].shape, weights, in: name) == weights else {
        throw mismatch("mask \(inputs[3].shape) does not broadcast to [batch, heads, queries, keys] = \(weights)")
      }
    }
    if dropout > 0 { try expectKey(inputs[expected - 1]) }
    let stored = Shape([shape.dimension(0), shape.dimension(2), shape.dimension(1), inputs[2].shape.dimension(3)])
    return [
      TensorSpec(inputs[0].dtype, stored),
      TensorSpec(
        inputs[0].dtype == .float64 ? .float64 : .float32,
        Shape([shape.dimension(0), shape.dimension(1), shape.dimension(2)])),
    ]
  }

  /// Two products over the pairs of queries and keys that see each other: of packed sequences each with itself.
  public func arithmetic(_ inputs: [TensorSpec]) -> Double? {
    guard inputs.count >= 3, inputs.prefix(3).allSatisfy({ $0.shape.isKnown && $0.shape.rank == 4 }) else { return nil }
    let (q, keys) = (inputs[0].shape, inputs[1].shape[2])
    var pairs = AttentionOperator.pairs(q[2], keys, isCausal)
    if isPacked, let offsets = inputs[3].value?.array(of: Int.self) {
      pairs = zip(offsets, offsets.dropFirst()).reduce(0) { sum, ends in
        sum + AttentionOperator.pairs(ends.1 - ends.0, ends.1 - ends.0, isCausal)
      }
    }
    return 2 * Double(q[0]) * Double(q[1]) * pairs * Double(q[3] + inputs[2].shape[3])
  }

  /// How many keys all queries see together.
  private static func pairs(_ queries: Int, _ keys: Int, _ isCausal: Bool) -> Double {
    if !isCausal { return Double(queries) * Double(keys) }
    // The last query sees all, each one before it one less.
    let seeing = Double(Swift.min(queries, keys))
    return seeing * Double(keys) - seeing * (seeing - 1) / 2
  }

  private func checkOffsets(_ offsets: TensorSpec, _ queries: Shape, _ keys: Shape) throws {
    guard offsets.dtype == .int32, offsets.shape.rank == 1, offsets.shape.dimension(0) != 0 else {
      throw mismatch("the offsets are \(offsets); int32[sequences + 1] is expected")
    }
    guard queries.dimension(0) == 1, queries.dimension(2) == keys.dimension(2) else {
      throw mismatch("queries \(queries) and keys \(keys); packed, both are [1, heads, rows, width] with the same rows")
    }
  }

  private func checkHeads(_ q: TensorSpec, _ k: TensorSpec, _ v: TensorSpec) throws {
    try expectFloating(q)
    guard q.dtype == k.dtype, q.dtype == v.dtype else {
      throw mismatch("element types \(q.dtype), \(k.dtype) and \(v.dtype) differ")
    }
    guard q.shape.rank == 4, k.shape.rank == 4, v.shape.rank == 4, k.shape.leading(3) == v.shape.leading(3),
      q.shape.dimension(0) == k.shape.dimension(0), q.shape.dimension(3) == k.shape.dimension(3)
    else {
      throw mismatch(
        "queries \(q.shape), keys \(k.shape), values \(v.shape); [batch, heads, sequence, width] is expected")
    }
    if let heads = q.shape.dimension(1).known, let keyHeads = k.shape.dimension(1).known {
      guard keyHeads > 0, heads % keyHeads == 0 else {
        throw mismatch("\(heads) query heads are not a multiple of \(keyHeads) key heads")
      }
    }
  }

  /// Calls the C kernel in `float32`; `float64`, which is for checking, computes the decomposition.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    if outputs[0].dtype == .float64 { return evaluateDecomposition(inputs, into: outputs) }
    let wide = inputs.map { $0.dtype.isFloatingPoint ? $0.converted(to: .float32) : $0 }
    let target = outputs[0].dtype == .float32 ? outputs[0] : Tensor(uninitialized: .float32, outputs[0].shape)
    var out = target.viewed(target.layout.permuted([0, 2, 1, 3])).kernelView
    let logSum = outputs[1].pointer.assumingMemoryBound(to: Float.self)
    let status = AttentionArguments(wide, self).withViews { q, k, v, options in
      ds_attention_forward(q, k, v, options, &out, logSum)
    }
    try withExtendedLifetime((wide, outputs)) { try check(status, self, inputs) }
    if target.dtype != outputs[0].dtype { target.copyElements(to: outputs[0]) }
  }

  /// Everything but the mask's gradient, which is not formed: masks are constants.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: .all, outputs: [0, 1]) }

  /// Computes the weights again, tile by tile.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    if hasMask && context.wants(3) { return gradientThroughDecomposition(context) }
    let inputs = (0..<context.inputCount).map { context.input($0) }
    let more = [context.output(0).detached(), context.output(1).detached(), context.gradient]
    let gradients = apply(AttentionGradientOperator(self), inputs + more)
    return [gradients[0], gradients[1], gradients[2]] + Array(repeating: nil, count: context.inputCount - 3)
  }

  /// The weights written out as a whole.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let q = inputs[0]
    let repeats = q.shape[1] / inputs[1].shape[1]
    let (k, v) = (inputs[1].repeatedHeads(repeats), inputs[2].repeatedHeads(repeats))
    var scores = q.matmul(k.matrixTransposed) * scale
    if hasMask {
      let mask = inputs[3]
      scores =
        mask.dtype == .bool ? Tensor.select(mask, scores, Tensor.full([], -.infinity, dtype: q.dtype)) : scores + mask
    }
    if isPacked {
      let segments = Tensor.segments(q.dimension(2), offsets: inputs[3])
      scores = Tensor.select(
        segments.expanded(1).equal(to: segments.expanded(0)), scores, Tensor.full([], -.infinity, dtype: q.dtype))
    }
    if isCausal {
      let (rows, columns) = (q.shape[2], k.shape[2])
      let row = Tensor([rows, 1], (0..<rows).map { Int64($0 + columns - rows) })
      let column = Tensor([1, columns], (0..<columns).map { Int64($0) })
      scores = Tensor.select(
        row.greaterOrEqual(to: column), scores, Tensor.full([], -.infinity, dtype: q.dtype))
    }
    let logSum = scores.logSumExp(axis: -1)
    // A row with nothing to attend to gives zeros.
    let attends = logSum.greater(than: -.infinity).expanded(-1)
    let zero = Tensor.zeros([], dtype: q.dtype)
    var weights = Tensor.select(attends, scores.softmax(axis: -1), zero)
    if dropout > 0 { weights = weights.dropout(dropout, key: inputs[inputs.count - 1]) }
    return [weights.matmul(v).swappedAxes(1, 2), logSum.cast(to: q.dtype == .float64 ? .float64 : .float32)]
  }
}

/// The tensors of an attention as its kernels take them.
struct AttentionArguments {
  private let q: Tensor
  private let k: Tensor
  private let v: Tensor
  private let mask: Tensor?
  private let offsets: Tensor?
  private let options: ds_attention_options

  init(_ inputs: [Tensor], _ attention: AttentionOperator) {
    q = AttentionArguments.withDenseRows(inputs[0])
    k = AttentionArguments.withDenseRows(inputs[1])
    v = AttentionArguments.withDenseRows(inputs[2])
    let shape = Shape([q.shape[0], q.shape[1], q.shape[2], k.shape[2]])
    mask = attention.hasMask ? inputs[3].broadcastView(shape) : nil
    var options = ds_attention_options()
    options.scale = Float(attention.scale)
    options.causal = attention.isCausal
    options.dropout = attention.dropout
    if attention.dropout > 0 { options.key = inputs[attention.tensorCount].randomKey }
    offsets = attention.isPacked ? inputs[3].contiguous() : nil
    if let offsets {
      options.offsets = UnsafePointer(offsets.pointer.assumingMemoryBound(to: Int32.self))
      options.sequences = Int64(offsets.shape[0] - 1)
    }
    self.options = options
  }

  /// The kernels want the last axis without gaps; the others may have any strides.
  static func withDenseRows(_ tensor: Tensor) -> Tensor {
    tensor.layout.stride(tensor.rank - 1) == 1 || tensor.shape[-1] <= 1 ? tensor : tensor.contiguous()
  }

  func withViews(
    _ body: (
      UnsafePointer<ds_view>, UnsafePointer<ds_view>, UnsafePointer<ds_view>, UnsafePointer<ds_attention_options>
    ) -> ds_status
  ) -> ds_status {
    var views = (q.kernelView, k.kernelView, v.kernelView)
    var options = options
    return withExtendedLifetime((q, k, v, mask, offsets)) {
      guard var maskView = mask?.kernelView else { return body(&views.0, &views.1, &views.2, &options) }
      return withUnsafePointer(to: &maskView) { maskPointer in
        options.mask = maskPointer
        return body(&views.0, &views.1, &views.2, &options)
      }
    }
  }
}

extension Tensor {
  /// Each key head of `[batch, heads, sequence, width]` as often in a row as there are query heads for it.
  func repeatedHeads(_ count: Int) -> Tensor {
    if count == 1 { return self }
    let (batch, heads, sequence, width) = (dimension(0), dimension(1), dimension(2), dimension(3))
    return expanded(2).broadcast(to: Shape([batch, heads, Dimension(count), sequence, width]))
      .reshaped([batch, heads * Dimension(count), sequence, width])
  }

  /// softmax(scale · Q Kᵀ + mask) V without ever keeping the weights.
  ///
  /// Queries are `[batch, heads, queries, width]`, keys and values `[batch, keyHeads, keys, width]` with `heads` a multiple of
  /// `keyHeads`; so is the result. The mask, `bool` (true attends) or added to the scores, broadcasts to
  /// `[batch, heads, queries, keys]`. With `isCausal`, the last query sees the last key. The scale is 1/√width unless given.
  /// A row with nothing to attend to gives zeros. Dropout takes its key, or the next of the current ``RandomGenerator``.
  ///
  /// With `offsets`, `int32[sequences + 1]`, the batch is 1 and rows `offsets[s]..<offsets[s + 1]` are sequence `s`, which
  /// attends to itself alone; there is no mask then.
  public static func attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor? = nil, offsets: Tensor? = nil, isCausal: Bool = false,
    scale: Double? = nil, dropout: Double = 0, dropoutKey: Tensor? = nil, file: StaticString = #file,
    line: UInt = #line
  ) -> Tensor {
    let width = query.dimension(-1)
    guard let scale = scale ?? width.known.map({ 1 / Double($0).squareRoot() }) else {
      fatalError("attention: a scale must be given when the width is a symbol", file: file, line: line)
    }
    var inputs = [query, key, value]
    if let mask { inputs.append(mask) }
    if let offsets { inputs.append(offsets) }
    if dropout > 0 { inputs.append(dropoutKey ?? RandomGenerator.current.nextKey()) }
    let operation = AttentionOperator(
      scale: scale, isCausal: isCausal, dropout: dropout, hasMask: mask != nil, isPacked: offsets != nil)
    return apply(operation, inputs, file: file, line: line)[0].swappedAxes(1, 2)
  }
}
