import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

/// A recurrent layer of Keras's: its weights under PyTorch's keys (`weight_ih_l0` `[gates · units, features]`, `weight_hh_l0`,
/// `bias_ih_l0`, `bias_hh_l0`, with `_reverse` for the way back), and how it runs over a sequence.
///
/// What the fused operator has is done by it. Masks, other activations, a reset gate before the product and dropped states are
/// done step by step.
final class Recurrence: Module {
  /// What one direction gives, in the order in which it ran: `[batch, steps, units]`, and the last of each state.
  private typealias Run = (outputs: Tensor, last: Tensor, states: [Tensor])

  private let kind: Keras.RecurrentKind
  private let options: Keras.RecurrentOptions
  private let directions: [RecurrentParameters]
  private let dropout: Dropout
  private let recurrentDropout: Dropout

  init(
    _ kind: Keras.RecurrentKind, _ features: Int, _ units: Int, _ options: Keras.RecurrentOptions, dtype: DType,
    kernel: Initializer, recurrent: Initializer
  ) {
    self.kind = kind
    self.options = options
    dropout = Dropout(options.dropout)
    recurrentDropout = Dropout(options.recurrentDropout)
    let rows = kind.gateCount * units
    directions = (0..<(options.isBidirectional ? 2 : 1)).map { place in
      // The forget gate's bias is 1 at first.
      var first = [Float](repeating: 0, count: rows)
      if kind == .lstm { for index in units..<2 * units { first[index] = 1 } }
      let biases = [first, [Float](repeating: 0, count: rows)].map { values in
        options.useBias ? Parameter(Tensor([rows], values).converted(to: dtype)) : nil
      }
      return RecurrentParameters(
        suffix: "_l0" + (place == 1 ? "_reverse" : ""), input: Parameter(kernel([rows, features], dtype: dtype)),
        hidden: Parameter(recurrent([rows, units], dtype: dtype)), inputBias: biases[0], hiddenBias: biases[1])
    }
  }

  var fields: [ModuleField] {
    directions.flatMap(\.fields) + [
      ModuleField("dropout", .module(dropout)), ModuleField("recurrent_dropout", .module(recurrentDropout)),
    ]
  }

  /// From a sequence `[batch, steps, features]`, a mask `[batch, steps]` of truths where there is one, and the states to begin
  /// with where they are given, to the outputs: one, or one for each direction that is not merged, then the last states.
  func callAsFunction(_ inputs: [Tensor]) -> [Tensor] {
    let mask = inputs.dropFirst().first { $0.dtype == .bool }
    let states = inputs.dropFirst().filter { $0.dtype != .bool }
    let each = kind.stateCount
    if !states.isEmpty && states.count != each * directions.count {
      fatalError("\(kind.rawValue): \(states.count) states to begin with; \(each * directions.count) are expected")
    }
    var x = inputs[0]
    if dropout.effectiveProbability > 0 { x = x * dropout(Tensor.ones(like: x.sliced(1, 0..<1))) }
    let runs = directions.enumerated().map { place, direction in
      let first = states.isEmpty ? nil : Array(states[place * each..<(place + 1) * each])
      return run(direction, x, mask, first, isReversed: (place == 1) != options.goesBackwards)
    }
    let results = runs.enumerated().map { place, run in
      !options.returnsSequences ? run.last : place == 1 ? run.outputs.flipped(1) : run.outputs
    }
    let merged = results.count == 2 ? options.merging.map { [$0.merged(results[0], results[1])] } ?? results : results
    return merged + (options.returnsState ? runs.flatMap(\.states) : [])
  }

  private func run(
    _ direction: RecurrentParameters, _ x: Tensor, _ mask: Tensor?, _ states: [Tensor]?, isReversed: Bool
  ) -> Run {
    let ordered = isReversed ? x.flipped(1) : x
    if mask == nil, recurrentDropout.effectiveProbability == 0, let cell = options.fused(kind) {
      let first: [Tensor?] = states ?? Array(repeating: nil, count: kind.stateCount)
      // Time first: a step is then a block of memory.
      let result = ordered.swappedAxes(0, 1).recurrent(cell, direction.weights, states: first)
      return (result.output.swappedAxes(0, 1), result.states[0], result.states)
    }
    return steps(direction.weights, ordered, mask.map { isReversed ? $0.flipped(1) : $0 }, states)
  }

  private func steps(_ weights: RecurrentWeights, _ x: Tensor, _ mask: Tensor?, _ first: [Tensor]?) -> Run {
    let units = weights.hidden.shape[1]
    let products = x.linear(weights.input, bias: weights.inputBias)
    let zeros = Tensor.zeros(like: products.selected(1, 0).sliced(-1, 0..<units))
    let kept = recurrentDropout.effectiveProbability > 0 ? recurrentDropout(Tensor.ones(like: zeros)) : nil
    var states = first ?? Array(repeating: zeros, count: kind.stateCount)
    var output = zeros
    var outputs: [Tensor] = []
    for step in 0..<products.shape[1] {
      let next = self.next(products.selected(1, step), states, weights, units, kept)
      if let mask {
        let counts = mask.sliced(1, step..<step + 1)
        states = zip(next, states).map { Tensor.select(counts, $0, $1) }
        output = Tensor.select(counts, next[0], output)
        outputs.append(options.zeroesMaskedSteps ? Tensor.select(counts, output, zeros) : output)
      } else {
        states = next
        outputs.append(next[0])
      }
    }
    return (Tensor.stack(outputs, axis: 1), outputs[outputs.count - 1], states)
  }

  /// The states after a step, from its product with the input weights.
  private func next(
    _ product: Tensor, _ states: [Tensor], _ weights: RecurrentWeights, _ units: Int, _ kept: Tensor?
  ) -> [Tensor] {
    func gate(_ x: Tensor, _ place: Int) -> Tensor { x.sliced(-1, place * units..<(place + 1) * units) }
    let activation = options.activation.function
    let gated = options.recurrentActivation.function
    let hidden = kept.map { states[0] * $0 } ?? states[0]
    switch kind {
    case .simple: return [activation(product + hidden.linear(weights.hidden, bias: weights.hiddenBias))]
    case .lstm:
      let sum = product + hidden.linear(weights.hidden, bias: weights.hiddenBias)
      let cell = gated(gate(sum, 1)) * states[1] + gated(gate(sum, 0)) * activation(gate(sum, 2))
      return [gated(gate(sum, 3)) * activation(cell), cell]
    case .gru where options.resetsAfterProduct:
      let own = hidden.linear(weights.hidden, bias: weights.hiddenBias)
      let (reset, update) = (gated(gate(product, 0) + gate(own, 0)), gated(gate(product, 1) + gate(own, 1)))
      let new = activation(gate(product, 2) + reset * gate(own, 2))
      return [new + update * (hidden - new)]
    case .gru:
      let (both, rest) = (0..<2 * units, 2 * units..<3 * units)
      let bias = weights.hiddenBias
      let own = hidden.linear(weights.hidden.sliced(0, both), bias: bias?.sliced(0, both))
      let (reset, update) = (gated(gate(product, 0) + gate(own, 0)), gated(gate(product, 1) + gate(own, 1)))
      let last = (reset * hidden).linear(weights.hidden.sliced(0, rest), bias: bias?.sliced(0, rest))
      let new = activation(gate(product, 2) + last)
      return [new + update * (hidden - new)]
    }
  }
}
