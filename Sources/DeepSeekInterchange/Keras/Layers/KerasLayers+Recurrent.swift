import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor

extension KerasLayerKind {
  /// Recurrent layers, and layers around layers.
  static let recurrent: [String: KerasLayerKind] = [
    "LSTM": KerasLayerKind { try $0.recurrent("LSTM", $0) },
    "GRU": KerasLayerKind { try $0.recurrent("GRU", $0) },
    "Bidirectional": KerasLayerKind { context in
      let (kind, inner) = try context.inner()
      if context.configuration["merge_mode"]?.isNull == true {
        throw context.unsupported("'merge_mode' is none: it gives two tensors")
      }
      let mode = try context.string("merge_mode", default: "concat")
      guard let merging = Keras.DirectionMerging(rawValue: mode) else {
        throw context.invalid("'merge_mode' is '\(mode)'")
      }
      guard kind == "LSTM" || kind == "GRU" else { throw context.unsupported("a layer '\(kind)' in both directions") }
      return try context.recurrent(kind, inner, merging: merging)
    },
    "TimeDistributed": KerasLayerKind { context in
      let (kind, inner) = try context.inner()
      let spec = try context.input()
      guard spec.shape.rank >= 3 else { throw context.invalid("its input is \(spec), without steps") }
      let lengths = spec.shape.dimensions
      let step = TensorSpec(spec.dtype, Shape([lengths[0] * lengths[1]] + lengths[2...]))
      guard let row = KerasLayerKind.table[kind], kind != "Bidirectional", kind != "TimeDistributed" else {
        throw context.unsupported("a layer '\(kind)' on each step")
      }
      let built = try row.build(
        KerasLayerContext(
          configuration: inner.configuration, specs: [step], weights: context.weights, isModern: context.isModern))
      return KerasLayer(Keras.Layers.TimeDistributed(built.layer), built.state)
    },
  ]
}

extension KerasLayerContext {
  /// The layer within this one.
  fileprivate func inner() throws -> (kind: String, context: KerasLayerContext) {
    guard let layer = configuration["layer"], let kind = layer["class_name"]?.string, let inner = layer["config"] else {
      throw invalid("'layer' is missing")
    }
    return (kind, KerasLayerContext(configuration: inner, specs: specs, weights: weights, isModern: isModern))
  }

  /// A recurrent layer as `options` describe it, in both directions when `merging` says how they come together. Keras's gates come in the order input, forget, cell, output, and update,
  /// reset, new, along the last axis; ours are PyTorch's, along the first.
  fileprivate func recurrent(
    _ kind: String, _ options: KerasLayerContext, merging: Keras.DirectionMerging? = nil
  ) throws -> KerasLayer {
    let isBidirectional = merging != nil
    let spec = try input(rank: 3)
    let features = try lastLength(spec)
    guard let steps = spec.shape.dimension(1).known, steps > 0 else {
      throw unsupported("its input is \(spec), whose number of steps is not known")
    }
    try options.refuse("return_state", "stateful", "time_major")
    let isLSTM = kind == "LSTM"
    guard try options.activation(default: "tanh").name == "tanh",
      try options.activation("recurrent_activation", default: "sigmoid").name == "sigmoid",
      options.value(["inner_activation"]) == nil
    else { throw unsupported("activations other than tanh and sigmoid") }
    guard try options.double("recurrent_dropout", default: 0) == 0 else {
      throw unsupported("'recurrent_dropout' is set")
    }
    if !isLSTM, try !options.bool("reset_after", default: isModern) {
      throw unsupported("'reset_after' is false: the reset gate comes before the product")
    }
    let units = try options.size("units")
    let useBias = try options.bool("use_bias", default: true)
    let sequences = try options.bool("return_sequences", default: false)
    let isBackward = try options.bool("go_backwards", default: false)
    if isBidirectional && isBackward { throw unsupported("'go_backwards' in both directions") }
    let dropout = try options.double("dropout", default: 0)
    guard (0..<1).contains(dropout) else { throw invalid("'dropout' \(dropout) is not from 0 to 1") }
    let width = units * (isLSTM ? 4 : 3)
    let one = [[features, width], [units, width]] + (useBias ? [isLSTM ? [width] : [2, width]] : [])
    let weights = try weights(isBidirectional ? one + one : one)
    var state: [String: Tensor] = [:]
    for direction in 0..<(isBidirectional ? 2 : 1) {
      let suffix = "_l0" + (direction == 1 ? "_reverse" : "")
      let own = Array(weights[direction * one.count..<(direction + 1) * one.count])
      let order = isLSTM ? [0, 1, 2, 3] : [1, 0, 2]
      state["weight_ih" + suffix] = gates(own[0].transposed([1, 0]), order)
      state["weight_hh" + suffix] = gates(own[1].transposed([1, 0]), order)
      guard useBias else { continue }
      state["bias_ih" + suffix] = gates(isLSTM ? own[2] : own[2].selected(0, 0), order)
      state["bias_hh" + suffix] = isLSTM ? .zeros([width]) : gates(own[2].selected(0, 1), order)
    }
    if isLSTM {
      let layer = Keras.Layers.LSTM(
        units, returnSequences: sequences, dropout: dropout, isBidirectional: isBidirectional,
        merging: merging ?? .concatenated, goesBackwards: isBackward, useBias: useBias, kernelInitializer: .zeros,
        recurrentInitializer: .zeros)
      return KerasLayer(layer, state)
    }
    let layer = Keras.Layers.GRU(
      units, returnSequences: sequences, dropout: dropout, isBidirectional: isBidirectional,
      merging: merging ?? .concatenated,
      goesBackwards: isBackward,
      useBias: useBias, kernelInitializer: .zeros, recurrentInitializer: .zeros)
    return KerasLayer(layer, state)
  }

  /// Blocks along the first axis in another order.
  private func gates(_ weight: Tensor, _ order: [Int]) -> Tensor {
    let each = weight.shape[0] / order.count
    if order == order.sorted() { return weight.contiguous() }
    return Tensor.concatenate(order.map { weight.sliced(0, $0 * each..<($0 + 1) * each) }, axis: 0)
  }
}
