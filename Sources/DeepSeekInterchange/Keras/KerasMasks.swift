import DeepSeekJSON
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor

/// What a layer of Keras's does with the masks of its inputs: truths `[batch, steps]` that say which steps count.
enum KerasMaskRule: Sendable {
  /// It knows of none, and its output has none.
  case dropped
  /// The output has its input's.
  case passed
  /// Where any of its inputs counts, when all of them have one.
  case joined
  /// The same, by a layer whose elements depend on masks in Keras 3.
  case joinedUnlessModern
  /// Along the axis of a concatenation.
  case concatenated
  /// Steps left out keep the state; all steps of the output have the mask.
  case recurrent
  /// It is reckoned with and ends.
  case pooled
  /// Softmax: left out, and passed on.
  case softmax
  /// `Attention`: of queries and values.
  case attention
  /// `MultiHeadAttention`: of queries, values and keys, each by itself.
  case multiHeadAttention
  /// An embedding with `mask_zero`: where the indices are not zero.
  case indices
  /// `Masking`: where an element differs from a value.
  case values
}

/// A tensor of a model of Keras's, and which of its steps count.
struct KerasValue {
  var tensor: Keras.SymbolicTensor
  /// Truths `[batch, steps]`; `nil` when all count.
  var mask: Keras.SymbolicTensor?

  init(_ tensor: Keras.SymbolicTensor, mask: Keras.SymbolicTensor? = nil) {
    self.tensor = tensor
    self.mask = mask
  }
}

/// What a layer is called with, once masks have been put among its inputs, and what its outputs' masks are.
struct KerasCallPlan {
  var inputs: [Keras.SymbolicTensor]
  var masks: [Keras.SymbolicTensor?]
}

extension KerasMaskRule {
  /// Says how a layer is called with these values. `named` are those under names.
  func plan(
    _ context: KerasLayerContext, _ values: [KerasValue], _ named: [String: [KerasValue?]]
  ) throws -> KerasCallPlan {
    var named = named
    let explicit = named.removeValue(forKey: "mask")
    func expectNothingNamed() throws {
      guard let name = named.keys.sorted().first else { return }
      throw context.unsupported("it is called with a tensor named '\(name)'")
    }
    try expectFitting(context, values)
    let tensors = values.map(\.tensor)
    let mask = explicit?.first??.tensor ?? values.first?.mask
    switch self {
    case .recurrent:
      let states = (named.removeValue(forKey: "initial_state") ?? []).compactMap { $0?.tensor }
      try expectNothingNamed()
      // Keras 3 looks for a mask of its own accord when the sequence is its only tensor.
      let ignoresMask = context.isModern && explicit == nil && !states.isEmpty
      let own = ignoresMask ? nil : mask
      let first = Array(tensors.prefix(1))
      let returnsSequences = (context.configuration["layer"]?["config"] ?? context.configuration)["return_sequences"]
      let outer = returnsSequences?.bool == true ? mask : nil
      return KerasCallPlan(inputs: first + (own.map { [$0] } ?? []) + tensors.dropFirst() + states, masks: [outer])
    case .multiHeadAttention:
      return try KerasAttentionCall.multiHead(context, values, named)
    case .attention:
      try expectNothingNamed()
      let given = explicit.map { masks in values.indices.map { masks.indices.contains($0) ? masks[$0]?.tensor : nil } }
      return try KerasAttentionCall.single(context, tensors, given ?? values.map(\.mask))
    default: break
    }
    try expectNothingNamed()
    if explicit != nil, !takesExplicitMask { throw context.unsupported("it is called with a tensor named 'mask'") }
    switch self {
    case .passed: return KerasCallPlan(inputs: tensors, masks: [mask])
    case .pooled: return KerasCallPlan(inputs: tensors + (mask.map { [$0] } ?? []), masks: [nil])
    case .softmax: return KerasCallPlan(inputs: tensors + (mask.map { [$0] } ?? []), masks: [values.first?.mask])
    case .joined, .joinedUnlessModern:
      let masks = values.compactMap(\.mask)
      if case .joinedUnlessModern = self, context.isModern, !masks.isEmpty {
        throw context.unsupported("it is called with masked tensors")
      }
      let joined = masks.count == values.count ? try KerasMaskRule.either(masks) : nil
      return KerasCallPlan(inputs: tensors, masks: [joined])
    case .concatenated: return KerasCallPlan(inputs: tensors, masks: [try KerasMaskRule.concatenation(context, values)])
    case .indices:
      let isMasked = try context.bool("mask_zero", default: false)
      let own = isMasked ? KerasComputed("NotEqual") { $0[0].notEqual(to: 0) } : nil
      return KerasCallPlan(inputs: tensors, masks: [own.map { $0(tensors) }])
    case .values:
      guard let first = tensors.first, first.spec.shape.rank == 3 else {
        throw context.unsupported("it is called with \(tensors.map(\.spec)); [batch, steps, features] is expected")
      }
      let value = try context.double("mask_value", default: 0)
      let own = KerasComputed("NotEqual") { $0[0].notEqual(to: value).any(axis: -1) }
      return KerasCallPlan(inputs: tensors, masks: [own(tensors)])
    case .dropped, .recurrent, .attention, .multiHeadAttention: return KerasCallPlan(inputs: tensors, masks: [nil])
    }
  }

  /// Throws unless each mask is of its tensor's first axes, and of batch and steps where it is reckoned with.
  private func expectFitting(_ context: KerasLayerContext, _ values: [KerasValue]) throws {
    if case .dropped = self { return }
    for value in values {
      guard let mask = value.mask?.spec else { continue }
      let lengths = value.tensor.spec.shape.dimensions
      let isOfSteps: Bool
      switch self {
      case .recurrent, .pooled, .attention, .multiHeadAttention: isOfSteps = mask.shape.rank == 2
      case .concatenated: isOfSteps = mask.shape.rank == lengths.count - 1
      default: isOfSteps = true
      }
      guard isOfSteps, mask.shape.dimensions == Array(lengths.prefix(mask.shape.rank)) else {
        throw context.unsupported("the mask of \(value.tensor.spec) is \(mask)")
      }
    }
  }

  /// Whether a mask may be given as an argument.
  private var takesExplicitMask: Bool {
    switch self {
    case .pooled, .softmax, .passed: true
    default: false
    }
  }

  private static func either(_ masks: [Keras.SymbolicTensor]) throws -> Keras.SymbolicTensor? {
    guard masks.count > 1 else { return masks.first }
    _ = try masks.dropFirst().reduce(masks[0].spec) { try BinaryOperator(.logicalOr).infer([$0, $1.spec])[0] }
    return KerasComputed("Or") { $0.dropFirst().reduce($0[0]) { $0.logicalOr($1) } }(masks)
  }

  private static func concatenation(
    _ context: KerasLayerContext, _ values: [KerasValue]
  ) throws -> Keras.SymbolicTensor? {
    guard values.contains(where: { $0.mask != nil }) else { return nil }
    let place = try context.concatenationAxis(values.map(\.tensor.spec))
    let whole = values.map { value in
      let inputs = [value.tensor] + (value.mask.map { [$0] } ?? [])
      return KerasComputed("Mask") { inputs in
        let ones = Tensor.ones(like: inputs[0]).cast(to: .bool)
        return inputs.count == 1 ? ones : ones.logicalAnd(inputs[1].expanded(-1))
      }(inputs)
    }
    return KerasComputed("Mask") { Tensor.concatenate($0, axis: place).any(axis: -1) }(whole)
  }
}

/// Something computed of a model's tensors that is no layer in Keras.
struct KerasComputed: Keras.Layer {
  let core: Keras.LayerCore

  init(_ kind: String, _ function: @escaping @Sendable ([Tensor]) -> Tensor) {
    core = Keras.LayerCore(kind) { _ in Keras.LayerBody { function($0) } }
  }
}

extension KerasArchitecture.Call {
  /// Throws when something else than tensors is given by place, or nothing before a tensor.
  func expectTensors(_ context: KerasLayerContext) throws {
    var isOver = false
    for argument in arguments {
      switch argument {
      case .tensor where isOver: throw context.unsupported("it is called with nothing before a tensor")
      case .tensor: continue
      case .value(let value) where value.isNull: isOver = true
      case .value: throw context.unsupported("it is called with other than tensors")
      }
    }
  }
}
