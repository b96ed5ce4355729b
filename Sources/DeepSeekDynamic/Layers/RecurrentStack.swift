import DeepSeekOperators
import DeepSeekTensor

/// Layers and directions of a recurrent network; each is one fused operator over the whole sequence.
struct RecurrentStack: Sendable {
  let cell: RecurrentCell
  let isBidirectional: Bool
  let batchFirst: Bool
  let dropout: Dropout
  /// By layer, forwards before backwards.
  let directions: [[RecurrentParameters]]

  init(
    _ cell: RecurrentCell, _ inputs: Int, _ hidden: Int, layerCount: Int, bias: Bool, batchFirst: Bool, dropout: Double,
    isBidirectional: Bool, dtype: DType
  ) {
    if layerCount < 1 || hidden < 1 { fatalError("recurrent: \(layerCount) layers of \(hidden) hidden units") }
    self.cell = cell
    self.isBidirectional = isBidirectional
    self.batchFirst = batchFirst
    self.dropout = Dropout(dropout)
    directions = (0..<layerCount).map { layer in
      (0..<(isBidirectional ? 2 : 1)).map { direction in
        let width = layer == 0 ? inputs : hidden * (isBidirectional ? 2 : 1)
        return RecurrentParameters(
          suffix: "_l\(layer)" + (direction == 1 ? "_reverse" : ""), gates: cell.gateCount, inputs: width,
          hidden: hidden, bias: bias, dtype: dtype)
      }
    }
  }

  var fields: [ModuleField] {
    directions.flatMap { $0.flatMap(\.fields) } + [ModuleField("dropout", .module(dropout))]
  }

  /// Runs every layer and direction over the sequence.
  ///
  /// `states` are the initial states, each `[layers * directions, batch, hidden]`; the last ones come back in that form.
  func run(_ sequence: Tensor, states: [Tensor]?) -> (output: Tensor, states: [Tensor]) {
    // Time first: a step is then a block of memory.
    var input = batchFirst ? sequence.swappedAxes(0, 1) : sequence
    if input.dimension(0) == 0 { fatalError("recurrent: the sequence \(sequence.spec) has no steps") }
    let stateCount = cell.hasCellState ? 2 : 1
    var last: [[Tensor]] = Array(repeating: [], count: stateCount)
    for (layer, parameters) in directions.enumerated() {
      if layer > 0 { input = dropout(input) }
      let sides = parameters.enumerated().map { direction, parameters in
        let index = layer * (isBidirectional ? 2 : 1) + direction
        let first = (0..<stateCount).map { number in states.map { $0[number].selected(0, index) } }
        let result = input.recurrent(cell, parameters.weights, states: first, isReversed: direction == 1)
        for number in 0..<stateCount { last[number].append(result.states[number]) }
        return result.output
      }
      input = sides.count == 1 ? sides[0] : Tensor.concatenate(sides, axis: -1)
    }
    return (batchFirst ? input.swappedAxes(0, 1) : input, last.map { Tensor.stack($0, axis: 0) })
  }
}
