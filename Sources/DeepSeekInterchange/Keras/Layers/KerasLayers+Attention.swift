import DeepSeekJSON
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor

extension KerasLayerKind {
  /// Attention, which is called as ``KerasAttentionCall`` puts it.
  static let attention: [String: KerasLayerKind] = [
    "MultiHeadAttention": KerasLayerKind(masks: .multiHeadAttention) { context in
      try context.expectSameSteps()
      let (heads, keyWidth) = (try context.size("num_heads"), try context.size("key_dim"))
      let shape = try context.integers("output_shape")
      guard shape.count <= 1, shape.allSatisfy({ $0 > 0 }) else {
        throw context.unsupported("'output_shape' is \(shape)")
      }
      let axes = try context.integers("attention_axes")
      guard axes.isEmpty || axes == [1] else { throw context.unsupported("'attention_axes' are \(axes)") }
      return try context.headed(
        heads, nil, keyWidth, valueWidth: context.size("value_dim", default: keyWidth), width: shape.first)
    },
    "GroupQueryAttention": groupQuery, "GroupedQueryAttention": groupQuery,
    "Attention": KerasLayerKind(masks: .attention) { context in
      let isScaled = try context.bool("use_scale", default: false)
      let mode = try context.string("score_mode", default: "dot")
      guard mode == "dot" || mode == "concat" else { throw context.unsupported("'score_mode' is '\(mode)'") }
      try context.expectSameWidths()
      let weights = try context.weights(Array(repeating: [], count: (isScaled ? 1 : 0) + (mode == "concat" ? 1 : 0)))
      var state: [String: Tensor] = [:]
      if isScaled { state["scale"] = weights[0] }
      if mode == "concat" { state["concat_score_weight"] = weights[weights.count - 1] }
      return KerasLayer(
        Keras.Layers.Attention(
          mode == "dot" ? .product(scaled: isScaled) : .concatenated(scaled: isScaled),
          dropout: try context.share("dropout"), returnsScores: context.returnsScores), state)
    },
    "AdditiveAttention": KerasLayerKind(masks: .attention) { context in
      let isScaled = try context.bool("use_scale", default: true)
      try context.expectSameWidths()
      let weights = try context.weights(isScaled ? [[context.lastLength(context.specs[0])]] : [])
      return KerasLayer(
        Keras.Layers.Attention(
          .additive(scaled: isScaled), dropout: try context.share("dropout"), returnsScores: context.returnsScores),
        isScaled ? ["scale": weights[0]] : [:])
    },
  ]
}

extension KerasLayerKind {
  /// Attention whose keys and values have fewer heads than its queries.
  private static let groupQuery = KerasLayerKind(masks: .multiHeadAttention) { context in
    try context.expectSameSteps()
    let (heads, keyHeads) = (try context.size("num_query_heads"), try context.size("num_key_value_heads"))
    guard heads % keyHeads == 0 else { throw context.invalid("\(keyHeads) heads of keys for \(heads) of queries") }
    let width = try context.size("head_dim")
    return try context.headed(heads, keyHeads, width, valueWidth: width, width: nil)
  }
}

extension KerasLayerContext {
  /// Attention of several heads, its kernels `[inputs, heads, width]` and `[heads, width, outputs]` joined to matrices.
  fileprivate func headed(
    _ heads: Int, _ keyHeads: Int?, _ keyWidth: Int, valueWidth: Int, width: Int?
  ) throws -> KerasLayer {
    try refuse("use_gate", "flash_attention")
    guard value(["sliding_window"]) == nil else { throw unsupported("'sliding_window' is set") }
    let widths = try specs.prefix(3).map { try lastLength($0) }
    let useBias = try bool("use_bias", default: true)
    let width = width ?? widths[0]
    func projection(_ input: Int, _ heads: Int, _ output: Int) -> [[Int]] {
      [[input, heads, output]] + (useBias ? [[heads, output]] : [])
    }
    let shapes =
      projection(widths[0], heads, keyWidth) + projection(widths[2], keyHeads ?? heads, keyWidth)
      + projection(widths[1], keyHeads ?? heads, valueWidth) + [[heads, valueWidth, width]]
      + (useBias ? [[width]] : [])
    let weights = try weights(shapes)
    var state: [String: Tensor] = [:]
    let each = useBias ? 2 : 1
    let inputs = [("query", widths[0]), ("key", widths[2]), ("value", widths[1]), ("output", heads * valueWidth)]
    for (place, (name, input)) in inputs.enumerated() {
      let kernel = weights[place * each]
      let outputs = kernel.elementCount / input
      state[name + ".weight"] = kernel.reshaped([input, outputs]).transposed([1, 0]).contiguous()
      if useBias { state[name + ".bias"] = weights[place * each + 1].reshaped([outputs]) }
    }
    return KerasLayer(
      Keras.Layers.MultiHeadAttention(
        heads, keyHeadCount: keyHeads, keyWidth: keyWidth, valueWidth: valueWidth, width: width,
        dropout: try share("dropout"), useBias: useBias, returnsScores: returnsScores), state)
  }

  /// Whether a call asks for the weights too.
  fileprivate var returnsScores: Bool { calls.contains { $0.options["return_attention_scores"]?.bool == true } }

  /// Throws unless each value has its key.
  fileprivate func expectSameSteps() throws {
    guard specs.count >= 3, specs.prefix(3).allSatisfy({ $0.shape.rank == 3 }),
      specs[1].shape.dimension(1) == specs[2].shape.dimension(1)
    else { throw invalid("it is called with \(specs); queries, values and as many keys are expected") }
    // Each query meets each key, in each head or element by element.
    let lengths = try specs.prefix(3).map { try lastLength($0) }
    let steps = specs.prefix(2).map { $0.shape.dimension(1).known ?? 1 }
    try checkSize(steps + [max(lengths[0], try size("num_heads", "num_query_heads", default: 1))])
  }

  /// Throws unless queries and keys can be compared, and each value has its key.
  fileprivate func expectSameWidths() throws {
    try expectSameSteps()
    guard try lastLength(specs[0]) == lastLength(specs[2]) else {
      throw invalid("queries are \(specs[0]), keys \(specs[2])")
    }
    _ = try lastLength(specs[1])
  }

  /// A share that is dropped while training, under this key.
  func share(_ key: String) throws -> Double {
    let share = try double(key, default: 0)
    guard (0..<1).contains(share) else { throw invalid("'\(key)' \(share) is not from 0 to 1") }
    return share
  }
}
