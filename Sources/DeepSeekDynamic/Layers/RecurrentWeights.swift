import DeepSeekOperators
import DeepSeekTensor

/// The weights of one direction of one recurrent layer, under PyTorch's names.
struct RecurrentWeights: Sendable {
  /// `_l0`, `_l1_reverse`.
  let suffix: String
  /// `[gates * hidden, inputs]`.
  let input: Parameter
  /// `[gates * hidden, hidden]`.
  let hidden: Parameter
  /// `[gates * hidden]`.
  let inputBias: Parameter?
  /// `[gates * hidden]`.
  let hiddenBias: Parameter?

  var fields: [ModuleField] {
    var fields = [
      ModuleField("weight_ih" + suffix, .parameter(input)), ModuleField("weight_hh" + suffix, .parameter(hidden)),
    ]
    if let inputBias { fields.append(ModuleField("bias_ih" + suffix, .parameter(inputBias))) }
    if let hiddenBias { fields.append(ModuleField("bias_hh" + suffix, .parameter(hiddenBias))) }
    return fields
  }
}

/// Layers and directions of a recurrent network: everything but what one step computes.
struct RecurrentStack: Sendable {
  let hiddenCount: Int
  let isBidirectional: Bool
  let batchFirst: Bool
  let dropout: Dropout
  /// By layer, forwards before backwards.
  let directions: [[RecurrentWeights]]

  init(
    gates: Int, _ inputs: Int, _ hidden: Int, layerCount: Int, bias: Bool, batchFirst: Bool, dropout: Double,
    isBidirectional: Bool, dtype: DType
  ) {
    if layerCount < 1 || hidden < 1 { fatalError("recurrent: \(layerCount) layers of \(hidden) hidden units") }
    hiddenCount = hidden
    self.isBidirectional = isBidirectional
    self.batchFirst = batchFirst
    self.dropout = Dropout(dropout)
    let bound = 1 / Double(hidden).squareRoot()
    let make = { (shape: Shape) in Parameter(Initializer.uniform(-bound, bound)(shape, dtype: dtype)) }
    directions = (0..<layerCount).map { layer in
      (0..<(isBidirectional ? 2 : 1)).map { direction in
        let width = layer == 0 ? inputs : hidden * (isBidirectional ? 2 : 1)
        return RecurrentWeights(
          suffix: "_l\(layer)" + (direction == 1 ? "_reverse" : ""), input: make([gates * hidden, width]),
          hidden: make([gates * hidden, hidden]), inputBias: bias ? make([gates * hidden]) : nil,
          hiddenBias: bias ? make([gates * hidden]) : nil)
      }
    }
  }

  var fields: [ModuleField] {
    directions.flatMap { $0.flatMap(\.fields) } + [ModuleField("dropout", .module(dropout))]
  }

  /// Runs every layer and direction over the sequence.
  ///
  /// `states` are the initial states, each `[layers * directions, batch, hidden]`; `step` makes new states of one step's
  /// projected input `[batch, gates * hidden]`, the earlier states and the weights, its first state being the output.
  func run(
    _ sequence: Tensor, states: [Tensor]?, stateCount: Int,
    step: (_ projected: Tensor, _ states: [Tensor], _ weights: RecurrentWeights) -> [Tensor]
  ) -> (output: Tensor, states: [Tensor]) {
    // Time first: a step is then a block of memory.
    var input = batchFirst ? sequence.swappedAxes(0, 1) : sequence
    let length = input.shape[0]
    if length == 0 { fatalError("recurrent: the sequence \(sequence.spec) has no steps") }
    let rows = Shape([input.dimension(1), Dimension(hiddenCount)])
    var last: [[Tensor]] = Array(repeating: [], count: stateCount)
    for (layer, weights) in directions.enumerated() {
      if layer > 0 { input = dropout(input) }
      let sides = weights.enumerated().map { direction, weights in
        let projected = input.linear(weights.input.tensor, bias: weights.inputBias?.tensor)
        let index = layer * (isBidirectional ? 2 : 1) + direction
        var current = (0..<stateCount).map { number in
          // The batch may be known only when a captured graph runs.
          states.map { $0[number].selected(0, index) }
            ?? (rows.isKnown
              ? Tensor.zeros(rows, dtype: input.dtype) : Tensor.zeros(like: gate(projected.selected(0, 0), 0)))
        }
        var outputs: [Tensor] = []
        for time in 0..<length {
          current = step(projected.selected(0, direction == 0 ? time : length - 1 - time), current, weights)
          outputs.append(current[0])
        }
        for number in 0..<stateCount { last[number].append(current[number]) }
        return Tensor.stack(direction == 0 ? outputs : outputs.reversed(), axis: 0)
      }
      input = sides.count == 1 ? sides[0] : Tensor.concatenate(sides, axis: -1)
    }
    return (batchFirst ? input.swappedAxes(0, 1) : input, last.map { Tensor.stack($0, axis: 0) })
  }

  func gate(_ gates: Tensor, _ index: Int) -> Tensor {
    gates.sliced(-1, (index * hiddenCount)..<((index + 1) * hiddenCount))
  }
}
