import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor

extension KerasLayerKind {
  /// Recurrent layers, and layers around layers.
  static let recurrent: [String: KerasLayerKind] = [
    "LSTM": KerasLayerKind(masks: .recurrent) { try $0.recurrent("LSTM", $0) },
    "GRU": KerasLayerKind(masks: .recurrent) { try $0.recurrent("GRU", $0) },
    "SimpleRNN": KerasLayerKind(masks: .recurrent) { try $0.recurrent("SimpleRNN", $0) },
    "RNN": KerasLayerKind(masks: .recurrent) { context in
      guard let cell = context.configuration["cell"] else { throw context.invalid("'cell' is missing") }
      if cell["class_name"]?.string == "StackedRNNCells" { return try context.stacked(cell) }
      let (kind, inner) = try context.cell(cell)
      return try context.recurrent(kind, context, cell: inner)
    },
    "ConvLSTM1D": convolutional(1), "ConvLSTM2D": convolutional(2), "ConvLSTM3D": convolutional(3),
    "Bidirectional": KerasLayerKind(masks: .recurrent) { context in
      let (kind, inner) = try context.inner()
      guard ["LSTM", "GRU", "SimpleRNN"].contains(kind) else {
        throw context.unsupported("a layer '\(kind)' in both directions")
      }
      var merging: Keras.DirectionMerging?
      if context.configuration["merge_mode"]?.isNull != true {
        let mode = try context.string("merge_mode", default: "concat")
        merging = Keras.DirectionMerging(rawValue: mode)
        if merging == nil { throw context.invalid("'merge_mode' is '\(mode)'") }
      }
      if let backward = context.configuration["backward_layer"]?["config"] {
        for key in ["units", "activation", "recurrent_activation", "reset_after", "use_bias", "zero_output_for_mask"] {
          guard backward[key] == inner.configuration[key] else {
            throw context.unsupported("'\(key)' is another for the way back")
          }
        }
      }
      return try context.recurrent(kind, inner, merging: merging, isBidirectional: true)
    },
    "TimeDistributed": KerasLayerKind(masks: .passed) { context in
      let (kind, inner) = try context.inner()
      let spec = try context.input()
      guard spec.shape.rank >= 3 else { throw context.invalid("its input is \(spec), without steps") }
      let lengths = spec.shape.dimensions
      let step = TensorSpec(spec.dtype, Shape([lengths[0] * lengths[1]] + lengths[2...]))
      guard let row = KerasLayerKind.table[kind], KerasLayerKind.recurrent[kind] == nil,
        KerasLayerKind.attention[kind] == nil, KerasLayerKind.operations[kind] == nil
      else { throw context.unsupported("a layer '\(kind)' on each step") }
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

  /// A recurrent layer as `options` describe it, in both directions when `isBidirectional`; `cell` has the cell's own options
  /// where they stand apart. Keras's gates come in the order input, forget, cell, output, and update, reset, new, along the
  /// last axis; ours are PyTorch's, along the first.
  func recurrent(
    _ kind: String, _ options: KerasLayerContext, cell: JSONValue? = nil, merging: Keras.DirectionMerging? = nil,
    isBidirectional: Bool = false
  ) throws -> KerasLayer {
    guard let spec = specs.first, spec.shape.rank == 3, spec.dtype.isFloatingPoint else {
      throw invalid("it is called with \(specs); a sequence of floating elements is expected first")
    }
    let features = try lastLength(spec)
    guard let steps = spec.shape.dimension(1).known, steps > 0 else {
      throw unsupported("its input is \(spec), whose number of steps is not known")
    }
    try options.refuse("stateful", "time_major")
    let own = KerasLayerContext(
      configuration: cell ?? options.configuration, specs: specs, weights: weights, isModern: isModern)
    let form = try own.recurrentOptions(options, merging: merging, isBidirectional: isBidirectional)
    let units = try own.size("units", "output_dim")
    try expectStates(units, (kind == "LSTM" ? 2 : 1) * (isBidirectional ? 2 : 1))
    let isStepwise = specs.contains { $0.dtype == .bool } || !form.isPlain(kind)
    if isStepwise && steps > KerasLayerContext.largestStepCount {
      throw unsupported("\(steps) steps with a mask or other than the plain cell")
    }
    let width = units * (kind == "LSTM" ? 4 : kind == "GRU" ? 3 : 1)
    let hasTwoBiases = kind == "GRU" && form.resetsAfterProduct
    let one = [[features, width], [units, width]] + (form.useBias ? [hasTwoBiases ? [2, width] : [width]] : [])
    let weights = try weights(isBidirectional ? one + one : one)
    var state: [String: Tensor] = [:]
    let order = kind == "LSTM" ? [0, 1, 2, 3] : kind == "GRU" ? [1, 0, 2] : [0]
    for direction in 0..<(isBidirectional ? 2 : 1) {
      let suffix = "_l0" + (direction == 1 ? "_reverse" : "")
      let own = Array(weights[direction * one.count..<(direction + 1) * one.count])
      state["weight_ih" + suffix] = gates(own[0].transposed([1, 0]), order)
      state["weight_hh" + suffix] = gates(own[1].transposed([1, 0]), order)
      guard form.useBias else { continue }
      state["bias_ih" + suffix] = gates(hasTwoBiases ? own[2].selected(0, 0) : own[2], order)
      state["bias_hh" + suffix] = hasTwoBiases ? gates(own[2].selected(0, 1), order) : .zeros([width])
    }
    let layer: any Keras.Layer =
      switch kind {
      case "LSTM": Keras.Layers.LSTM(units, form, kernelInitializer: .zeros, recurrentInitializer: .zeros)
      case "GRU": Keras.Layers.GRU(units, form, kernelInitializer: .zeros, recurrentInitializer: .zeros)
      default: Keras.Layers.SimpleRNN(units, form, kernelInitializer: .zeros, recurrentInitializer: .zeros)
      }
    return KerasLayer(layer, state)
  }

  /// Steps done one by one each make nodes of the graph.
  static let largestStepCount = 4096

  /// What the layer does, this being the cell's options.
  func recurrentOptions(
    _ layer: KerasLayerContext, merging: Keras.DirectionMerging? = nil, isBidirectional: Bool = false
  ) throws -> Keras.RecurrentOptions {
    var result = Keras.RecurrentOptions()
    result.activation = try activation(default: "tanh")
    let gateKey = value(["inner_activation"]) == nil ? "recurrent_activation" : "inner_activation"
    result.recurrentActivation = try activation(gateKey, default: "sigmoid")
    result.returnsSequences = try layer.bool("return_sequences", default: false)
    result.returnsState = try layer.bool("return_state", default: false)
    result.zeroesMaskedSteps = try layer.bool("zero_output_for_mask", default: false)
    result.goesBackwards = try layer.bool("go_backwards", default: false)
    result.dropout = try share("dropout")
    result.recurrentDropout = try share("recurrent_dropout")
    result.useBias = try bool("use_bias", default: true)
    result.resetsAfterProduct = try bool("reset_after", default: isModern)
    (result.merging, result.isBidirectional) = (merging, isBidirectional)
    if isBidirectional && result.goesBackwards { throw unsupported("'go_backwards' in both directions") }
    return result
  }

  /// Throws unless the tensors after the sequence, a mask aside, are states to begin with.
  private func expectStates(_ units: Int, _ count: Int) throws {
    let states = specs.dropFirst().filter { $0.dtype != .bool }
    let wanted = TensorSpec(specs[0].dtype, Shape([specs[0].shape.dimension(0), Dimension(units)]))
    guard states.isEmpty || (states.count == count && states.allSatisfy { $0 == wanted }) else {
      throw invalid("it begins with \(states); \(count) of \(wanted) are expected")
    }
  }

  /// Blocks along the first axis in another order.
  private func gates(_ weight: Tensor, _ order: [Int]) -> Tensor {
    let each = weight.shape[0] / order.count
    if order == order.sorted() { return weight.contiguous() }
    return Tensor.concatenate(order.map { weight.sliced(0, $0 * each..<($0 + 1) * each) }, axis: 0)
  }
}

extension Keras.RecurrentOptions {
  /// Whether the whole sequence is done at once.
  fileprivate func isPlain(_ kind: String) -> Bool {
    activation.name == "tanh" && (kind == "SimpleRNN" || recurrentActivation.name == "sigmoid")
      && (kind != "GRU" || resetsAfterProduct) && recurrentDropout == 0
  }
}
