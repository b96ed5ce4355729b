import DeepSeekJSON
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor

extension KerasLayerContext {
  /// The kind of layer that a cell makes, and the cell's options.
  func cell(_ cell: JSONValue) throws -> (kind: String, options: JSONValue) {
    guard let kind = cell["class_name"]?.string, let options = cell["config"] else {
      throw invalid("a cell has no 'class_name' or 'config'")
    }
    guard ["LSTMCell", "GRUCell", "SimpleRNNCell"].contains(kind) else { throw unsupported("a cell '\(kind)'") }
    return (String(kind.dropLast(4)), options)
  }

  /// Cells of which each reads what the one before it gives at the same step: as many layers, one after another. Only the
  /// first turns the sequence around, and a mask goes with it.
  func stacked(_ stack: JSONValue) throws -> KerasLayer {
    guard let cells = stack["config"]?["cells"]?.array, !cells.isEmpty else { throw invalid("'cells' are missing") }
    guard try !bool("return_state", default: false) else {
      throw unsupported("'return_state' is set", advice: "save the model with the output of the last cell alone")
    }
    guard var options = configuration.object, let spec = specs.first, spec.shape.rank == 3,
      spec.shape.dimension(1).known != nil, specs.dropFirst().allSatisfy({ $0.dtype == .bool }), specs.count <= 2
    else { throw unsupported("it is called with \(specs); a sequence of known length and perhaps a mask are expected") }
    let (goesBackwards, returnsSequences) = (options["go_backwards"], options["return_sequences"])
    let zeroes = options["zero_output_for_mask"]
    let lengths = Array(spec.shape.dimensions.dropFirst())
    let input = Keras.Input(lengths, dtype: spec.dtype)
    let mask = specs.count > 1 ? Keras.Input([lengths[0]], dtype: .bool) : nil
    let turned = goesBackwards?.bool == true ? mask.map { KerasComputed("Reverse") { $0[0].flipped(1) }([$0]) } : mask
    var state: [String: Tensor] = [:]
    var current = input
    var rest = weights[...]
    for (place, entry) in cells.enumerated() {
      let (kind, own) = try cell(entry)
      let isLast = place == cells.count - 1
      options["go_backwards"] = place == 0 ? goesBackwards ?? false : false
      options["return_sequences"] = isLast ? returnsSequences ?? false : true
      options["zero_output_for_mask"] = isLast ? zeroes ?? false : false
      let count = own["use_bias"]?.bool == false ? 2 : 3
      let context = KerasLayerContext(
        configuration: .object(options), specs: [current.spec] + specs.dropFirst(), weights: Array(rest.prefix(count)),
        isModern: isModern)
      rest = rest.dropFirst(count)
      let built = try context.recurrent(kind, context, cell: own)
      let name = "cell_\(place)"
      for (key, tensor) in built.state { state["\(name).\(key)"] = tensor }
      let steps = place == 0 ? mask : turned
      current = KerasNamed(built.layer, name)([current] + (steps.map { [$0] } ?? []))
    }
    guard rest.isEmpty else { throw invalid("it has \(rest.count) weights more than its cells take") }
    let model = Keras.Model(inputs: [input] + (mask.map { [$0] } ?? []), outputs: [current])
    return KerasLayer(Keras.Layers.Wrapped(model: model), state)
  }
}
