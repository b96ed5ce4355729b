import DeepSeekOperators
import DeepSeekTensor

extension ONNXOperator {
  /// Recurrent layers, in one direction or both.
  static let recurrent: [ONNXOperator] = [
    ONNXOperator("RNN", 3...6, values: { try $0.recurrent(gates: 1, hasCell: false, activations: ["Tanh"]) }),
    ONNXOperator(
      "GRU", 3...6, values: { try $0.recurrent(gates: 3, hasCell: false, activations: ["Sigmoid", "Tanh"]) }),
    ONNXOperator(
      "LSTM", 3...8, values: { try $0.recurrent(gates: 4, hasCell: true, activations: ["Sigmoid", "Tanh", "Tanh"]) }),
  ]
}

/// One direction of a recurrent layer, in ONNX's order of gates.
private struct RecurrentDirection {
  /// `[gates · hidden, features]` and `[gates · hidden, hidden]`.
  var weight: Tensor
  var recurrent: Tensor
  /// `[2 · gates · hidden]`.
  var bias: Tensor
  /// `[batch, hidden]`.
  var hidden: Tensor
  var cell: Tensor?
  /// `[3 · hidden]`: of the input, output and forget gate.
  var peepholes: Tensor?
  var activations: [String]
  var alpha: Double?
  var beta: Double?
}

extension ONNXNode {
  fileprivate func recurrent(gates: Int, hasCell: Bool, activations defaults: [String]) throws -> [ImportedValue] {
    var x = try tensor(0)
    guard x.rank == 3 else { throw invalid("\(x.spec); [sequence, batch, features] is expected") }
    let isBatchFirst = try bool("layout")
    if isBatchFirst { x = try transposed(x, [1, 0, 2]) }
    let weights = try (1...2).map { try tensor($0) }
    guard weights.allSatisfy({ $0.rank == 3 }), let hidden = weights[1].dimension(2).known else {
      throw invalid("weights \(weights.map(\.spec)); [directions, gates · hidden, …] are expected")
    }
    let directions: [Bool]
    switch try string("direction", default: "forward") {
    case "forward": directions = [false]
    case "reverse": directions = [true]
    case "bidirectional": directions = [false, true]
    case let other: throw invalid("direction '\(other)'")
    }
    let (steps, batch) = (x.dimension(0), x.dimension(1))
    let names = strings("activations")
    let each = defaults.count
    guard names.isEmpty || names.count == each * directions.count else { throw invalid("activations \(names)") }
    let (alphas, betas) = (try floats("activation_alpha", default: []), try floats("activation_beta", default: []))
    let counts = try optional(4).map { try cast($0, to: .int64) }
    // Of an open batch the run says whether there are as many.
    if let counts, counts.rank != 1 || batch.known != nil && counts.dimension(0) != batch {
      throw invalid("lengths \(counts.spec) of \(batch) sequences")
    }
    var sequences: [Tensor] = []
    var (lastHidden, lastCell): ([Tensor], [Tensor]) = ([], [])
    for (place, isReversed) in directions.enumerated() {
      func part(_ index: Int) throws -> Tensor? {
        guard let whole = optional(index) else { return nil }
        let axis = isBatchFirst && index >= 5 && index <= 6 ? 1 : 0
        guard whole.rank >= 2 else { throw invalid("input \(index), \(whole.spec)") }
        return try reshaped(sliced(whole, axis, from: place, count: 1), whole.shape.removing(axis).dimensions)
      }
      let zeros = try broadcast(scalar(0, x.dtype), to: Shape([batch, Dimension(hidden)]))
      guard let weight = try part(1), let recurrent = try part(2) else { throw invalid("its weights are missing") }
      let direction = RecurrentDirection(
        weight: weight, recurrent: recurrent,
        bias: try part(3) ?? broadcast(scalar(0, x.dtype), to: [2 * gates * hidden]),
        hidden: try part(5) ?? zeros, cell: hasCell ? try part(6) ?? zeros : nil,
        peepholes: hasCell ? try part(7) : nil,
        activations: names.isEmpty ? defaults : Array(names[place * each..<(place + 1) * each]),
        alpha: alphas.first, beta: betas.first)
      guard direction.bias.shape == [2 * gates * hidden] else { throw invalid("bias \(direction.bias.spec)") }
      let turned = try !isReversed ? x : counts.map { try reversed(x, $0, time: 0) } ?? flipped(x, [0])
      let isPlain = try counts == nil && isDefault(direction, gates, defaults)
      let result = try isPlain ? fused(turned, direction, gates) : unrolled(turned, direction, gates, counts)
      let sequence =
        try !isReversed
        ? result.sequence
        : counts.map { try reversed(result.sequence, $0, time: 0) } ?? flipped(result.sequence, [0])
      sequences.append(try reshaped(sequence, [steps, 1, batch, Dimension(hidden)]))
      lastHidden.append(try reshaped(result.hidden, [1, batch, Dimension(hidden)]))
      if let cell = result.cell { lastCell.append(try reshaped(cell, [1, batch, Dimension(hidden)])) }
    }
    let y = try assembler.apply(ConcatenateOperator(1), sequences)[0]
    let states = try [lastHidden, lastCell].filter { !$0.isEmpty }.map {
      try assembler.apply(ConcatenateOperator(0), $0)[0]
    }
    return try [isBatchFirst ? transposed(y, [2, 0, 1, 3]) : y].map { ImportedValue($0) }
      + states.map { ImportedValue(try isBatchFirst ? transposed($0, [1, 0, 2]) : $0) }
  }

  /// Whether our fused operator does what is asked.
  private func isDefault(_ direction: RecurrentDirection, _ gates: Int, _ defaults: [String]) throws -> Bool {
    guard attributes["clip"] == nil, direction.peepholes == nil, try !bool("input_forget") else { return false }
    if gates == 3, try !bool("linear_before_reset") { return false }
    if gates == 1 && direction.activations == ["Relu"] { return true }
    return direction.activations == defaults
  }

  /// Rows of gates in another order.
  private func gatesReordered(_ x: Tensor, _ order: [Int], _ hidden: Int) throws -> Tensor {
    guard x.dimension(0) == Dimension(order.count * hidden) else { throw invalid("weight or bias \(x.spec)") }
    if order == Array(0..<order.count) { return x }
    let parts = try order.map { try sliced(x, 0, from: $0 * hidden, count: hidden) }
    return try assembler.apply(ConcatenateOperator(0), parts)[0]
  }

  private typealias RecurrentResult = (sequence: Tensor, hidden: Tensor, cell: Tensor?)

  private func fused(_ x: Tensor, _ direction: RecurrentDirection, _ gates: Int) throws -> RecurrentResult {
    // Ours: input, forget, cell, output and reset, update, new. ONNX: input, output, forget, cell and update, reset, new.
    let order = gates == 4 ? [0, 2, 3, 1] : gates == 3 ? [1, 0, 2] : [0]
    let cell: RecurrentCell = gates == 4 ? .lstm : gates == 3 ? .gru : direction.activations == ["Relu"] ? .relu : .tanh
    guard let hidden = direction.recurrent.dimension(1).known else { throw unsupported("an unknown hidden width") }
    let biases = try (0..<2).map { try sliced(direction.bias, 0, from: $0 * gates * hidden, count: gates * hidden) }
    let matrices = try ([direction.weight, direction.recurrent] + biases).map { try gatesReordered($0, order, hidden) }
    let states = [direction.hidden] + (direction.cell.map { [$0] } ?? [])
    let outputs = try assembler.apply(RecurrentOperator(cell), [x] + states + matrices)
    return try (outputs[0], last(outputs[0]), direction.cell == nil ? nil : last(outputs[2]))
  }

  /// The last step of `[sequence, batch, hidden]`.
  private func last(_ sequence: Tensor) throws -> Tensor {
    let steps = sequence.dimension(0)
    if steps.known == 0 { throw unsupported("a sequence of no steps") }
    let one = try one(sequence, 0, steps.known.map { .number($0 - 1) } ?? Length(steps - 1))
    return try reshaped(one, sequence.shape.removing(0).dimensions)
  }

  /// Step by step, with all that the attributes may ask for.
  private func unrolled(_ x: Tensor, _ direction: RecurrentDirection, _ gates: Int, _ counts: Tensor?) throws
    -> RecurrentResult
  {
    guard let steps = x.dimension(0).known, let hidden = direction.recurrent.dimension(1).known, steps > 0 else {
      throw unsupported("a sequence of unknown length or none, with other than the plain cell")
    }
    guard steps <= 4096 else { throw unsupported("\(steps) steps of other than the plain cell") }
    let transposedWeight = try transposed(direction.weight, [1, 0])
    let recurrent = try transposed(direction.recurrent, [1, 0])
    let inputBias = try sliced(direction.bias, 0, from: 0, count: gates * hidden)
    let hiddenBias = try sliced(direction.bias, 0, from: gates * hidden, count: gates * hidden)
    let products = try binary(.add, apply(MatmulOperator(), x, transposedWeight), inputBias)
    var (state, cell) = (direction.hidden, direction.cell)
    var sequence: [Tensor] = []
    for step in 0..<steps {
      let input = try reshaped(sliced(products, 0, from: step, count: 1), products.shape.removing(0).dimensions)
      let (next, nextCell) = try recurrentStep(input, state, cell, recurrent, hiddenBias, direction, gates, hidden)
      guard let counts else {
        (state, cell) = (next, nextCell)
        sequence.append(next)
        continue
      }
      // Sequences that have ended keep their state, and give zeros.
      let lives = try reshaped(
        binary(.greater, counts, Tensor.full([], step, dtype: .int64)), [counts.dimension(0), 1])
      sequence.append(try chosen(lives, next, scalar(0, next.dtype)))
      state = try chosen(lives, next, state)
      if let old = cell, let new = nextCell { cell = try chosen(lives, new, old) }
    }
    return (try stacked(sequence, 0), state, cell)
  }

  private func recurrentStep(
    _ input: Tensor, _ state: Tensor, _ cell: Tensor?, _ recurrent: Tensor, _ hiddenBias: Tensor,
    _ direction: RecurrentDirection, _ gates: Int, _ hidden: Int
  ) throws -> (Tensor, Tensor?) {
    func gate(_ x: Tensor, _ place: Int) throws -> Tensor { try sliced(x, 1, from: place * hidden, count: hidden) }
    func activated(_ x: Tensor, _ place: Int) throws -> Tensor {
      let limit = try float("clip", default: 0)
      let clipped = limit > 0 ? try unary(.hardTanh, x, -limit, limit) : x
      return try activation(direction.activations[place], clipped, direction.alpha, direction.beta)
    }
    let fromState = try apply(MatmulOperator(), state, recurrent)
    if gates == 3 {
      return (try gruStep(input, state, fromState, recurrent, hiddenBias, hidden, activated), nil)
    }
    let sum = try binary(.add, binary(.add, input, fromState), hiddenBias)
    guard gates == 4, let cell else { return (try activated(sum, 0), nil) }
    func peeped(_ x: Tensor, _ place: Int, _ cell: Tensor) throws -> Tensor {
      guard let peepholes = direction.peepholes else { return x }
      return try binary(.add, x, binary(.multiply, sliced(peepholes, 0, from: place * hidden, count: hidden), cell))
    }
    let inputGate = try activated(peeped(gate(sum, 0), 0, cell), 0)
    let forgetGate =
      try bool("input_forget")
      ? unary(.addScalar, unary(.negate, inputGate), 1) : activated(peeped(gate(sum, 2), 2, cell), 0)
    let next = try binary(
      .add, binary(.multiply, forgetGate, cell), binary(.multiply, inputGate, activated(gate(sum, 3), 1)))
    let outputGate = try activated(peeped(gate(sum, 1), 1, next), 0)
    return (try binary(.multiply, outputGate, activated(next, 2)), next)
  }

  private func gruStep(
    _ input: Tensor, _ state: Tensor, _ fromState: Tensor, _ recurrent: Tensor, _ hiddenBias: Tensor, _ hidden: Int,
    _ activated: (Tensor, Int) throws -> Tensor
  ) throws -> Tensor {
    func gate(_ x: Tensor, _ place: Int) throws -> Tensor {
      try sliced(x, x.rank - 1, from: place * hidden, count: hidden)
    }
    let sum = try binary(.add, binary(.add, input, fromState), hiddenBias)
    let (update, reset) = (try activated(gate(sum, 0), 0), try activated(gate(sum, 1), 0))
    let product: Tensor
    if try bool("linear_before_reset") {
      product = try binary(.multiply, reset, binary(.add, gate(fromState, 2), gate(hiddenBias, 2)))
    } else {
      let kept = try apply(MatmulOperator(), binary(.multiply, reset, state), gate(recurrent, 2))
      product = try binary(.add, kept, gate(hiddenBias, 2))
    }
    let new = try activated(binary(.add, gate(input, 2), product), 1)
    return try binary(.add, new, binary(.multiply, update, binary(.subtract, state, new)))
  }

  private func activation(_ name: String, _ x: Tensor, _ alpha: Double?, _ beta: Double?) throws -> Tensor {
    switch name {
    case "Sigmoid": try unary(.sigmoid, x)
    case "Tanh": try unary(.tanh, x)
    case "Relu": try unary(.relu, x)
    case "LeakyRelu": try unary(.leakyRelu, x, alpha ?? 0.01)
    case "Elu": try unary(.elu, x, alpha ?? 1)
    case "Softsign": try binary(.divide, x, unary(.addScalar, unary(.abs, x), 1))
    case "Softplus": try unary(.softplus, x, 1, 40)
    case "HardSigmoid": try hardSigmoid(x, alpha ?? 0.2, beta ?? 0.5)
    case "Affine": try unary(.addScalar, unary(.multiplyScalar, x, alpha ?? 1), beta ?? 0)
    default: throw unsupported("activation '\(name)'")
    }
  }
}
