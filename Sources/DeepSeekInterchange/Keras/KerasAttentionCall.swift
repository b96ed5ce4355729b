import DeepSeekJSON
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor

/// How attention is called: queries, values and keys, then what may be attended to, truths `[batch, 1 or queries, keys]`, and
/// for plain attention which queries count, truths `[batch, queries]`.
enum KerasAttentionCall {
  /// `Attention` and `AdditiveAttention`: called with `[queries, values]` or `[queries, values, keys]`.
  static func single(
    _ context: KerasLayerContext, _ tensors: [Keras.SymbolicTensor], _ masks: [Keras.SymbolicTensor?]
  ) throws -> KerasCallPlan {
    guard (2...3).contains(tensors.count) else { throw context.invalid("it is called with \(tensors.count) tensors") }
    let inputs = [tensors[0], tensors[1], tensors.count > 2 ? tensors[2] : tensors[1]]
    try expectRanks(context, inputs)
    let isCausal = try isSet("use_causal_mask", context) || context.bool("causal", default: false)
    let parts = (masks[1].map { [keys($0)] } ?? []) + (isCausal ? [causal(inputs)] : [])
    return KerasCallPlan(
      inputs: inputs + (both(parts).map { [$0] } ?? []) + (masks[0].map { [$0] } ?? []), masks: [masks[0]])
  }

  /// `MultiHeadAttention`: called with queries, values and perhaps keys, by place or by name.
  static func multiHead(
    _ context: KerasLayerContext, _ values: [KerasValue], _ given: [String: [KerasValue?]]
  ) throws -> KerasCallPlan {
    var named = given
    let names = ["query", "value", "key"]
    let found = names.enumerated().map { place, name -> KerasValue? in
      let byName = named.removeValue(forKey: name)?.first
      return values.indices.contains(place) ? values[place] : byName ?? nil
    }
    guard let query = found[0], let value = found[1], values.count <= 3 else {
      throw context.invalid("it is called without queries or values")
    }
    let inputs = [query.tensor, value.tensor, (found[2] ?? value).tensor]
    try expectRanks(context, inputs)
    var own: [Keras.SymbolicTensor?] = []
    for (name, value) in zip(names, found) {
      own.append(named.removeValue(forKey: name + "_mask")?.first??.tensor ?? value?.mask)
    }
    var parts: [Keras.SymbolicTensor] = []
    if let mask = own[0] { parts.append(KerasComputed("Mask") { $0[0].cast(to: .bool).expanded(-1) }([mask])) }
    parts += own.dropFirst().compactMap { $0.map { keys($0) } }
    if try isSet("use_causal_mask", context) { parts.append(causal(inputs)) }
    if let mask = named.removeValue(forKey: "attention_mask")?.first??.tensor {
      let wanted = [
        inputs[0].spec.shape.dimension(0), inputs[0].spec.shape.dimension(1), inputs[1].spec.shape.dimension(1),
      ]
      guard mask.spec.shape.rank == 3, zip(mask.spec.shape.dimensions, wanted).allSatisfy({ $0 == $1 || $0.known == 1 })
      else { throw context.unsupported("'attention_mask' is \(mask.spec)") }
      parts.append(KerasComputed("Mask") { $0[0].cast(to: .bool) }([mask]))
    }
    if let name = named.keys.sorted().first { throw context.unsupported("it is called with a tensor named '\(name)'") }
    return KerasCallPlan(inputs: inputs + (both(parts).map { [$0] } ?? []), masks: [own[0]])
  }

  private static func isSet(_ option: String, _ context: KerasLayerContext) throws -> Bool {
    context.call.options[option]?.bool ?? false
  }

  private static func expectRanks(_ context: KerasLayerContext, _ inputs: [Keras.SymbolicTensor]) throws {
    for input in inputs {
      guard input.spec.shape.rank == 3, input.spec.dtype.isFloatingPoint, input.spec.dtype == inputs[0].spec.dtype,
        input.spec.shape.dimension(0) == inputs[0].spec.shape.dimension(0)
      else {
        throw context.unsupported("it is called with \(input.spec); [batch, steps, features] is expected")
      }
      _ = try context.lastLength(input.spec)
    }
  }

  private static func keys(_ mask: Keras.SymbolicTensor) -> Keras.SymbolicTensor {
    KerasComputed("Mask") { $0[0].cast(to: .bool).expanded(1) }([mask])
  }

  /// A query sees no later key.
  private static func causal(_ inputs: [Keras.SymbolicTensor]) -> Keras.SymbolicTensor {
    KerasComputed("CausalMask") { inputs in
      let pairs = inputs[0].sliced(2, 0..<1) + inputs[1].sliced(2, 0..<1).swappedAxes(1, 2)
      return Tensor.ones(like: pairs).tril().cast(to: .bool)
    }([inputs[0], inputs[1]])
  }

  private static func both(_ masks: [Keras.SymbolicTensor]) -> Keras.SymbolicTensor? {
    if masks.count < 2 { return masks.first }
    return KerasComputed("And") { $0.dropFirst().reduce($0[0]) { $0.logicalAnd($1) } }(masks)
  }
}
